"""Files that hold files: archives, compressors, image layers."""

from assaymark.scan.container.model_tar import claims_model_tar, inspect_model_tar
from assaymark.scan.container.model_zip import claims_model_zip, inspect_model_zip
from assaymark.scan.container.seven_zip import claims_seven_zip, inspect_seven_zip
from assaymark.scan.container.streams import STREAMS
from assaymark.scan.container.tar_file import claims_tar, inspect_tar
from assaymark.scan.container.unread import UNREAD
from assaymark.scan.container.zip_file import claims_zip, inspect_zip
from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (
    Inspector(format="model-zip", claims=claims_model_zip, inspect=inspect_model_zip),
    Inspector(format="zip", claims=claims_zip, inspect=inspect_zip, carrier=True),
    Inspector(format="model-tar", claims=claims_model_tar, inspect=inspect_model_tar),
    Inspector(format="tar", claims=claims_tar, inspect=inspect_tar, carrier=True),
    Inspector(format="7z", claims=claims_seven_zip, inspect=inspect_seven_zip, carrier=True),
    *STREAMS,
    *UNREAD,
)

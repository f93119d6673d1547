"""Files that hold files: archives, compressors, image layers."""

from assaymark.scan.container.model_zip import claims_model_zip, inspect_model_zip
from assaymark.scan.container.streams import STREAMS
from assaymark.scan.container.zip_file import claims_zip, inspect_zip
from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (
    Inspector(format="model-zip", claims=claims_model_zip, inspect=inspect_model_zip),
    Inspector(format="zip", claims=claims_zip, inspect=inspect_zip, carrier=True),
    *STREAMS,
)

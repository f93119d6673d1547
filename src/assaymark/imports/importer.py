"""What an importer is: a format's name, how it is recognised, and how it is read."""

from collections.abc import Callable

from msgspec import Struct

from assaymark.imports.report import ImportedReport
from assaymark.observation import CheckInfo

__all__ = ["Importer"]


class Importer(Struct, frozen=True, kw_only=True):
    """One format of report."""

    format: str
    """Short name, as in `--as sarif` and in the sidecar."""
    reads: str
    """Tools and versions, for messages and documentation."""
    info: CheckInfo
    """Id, version, and what it cannot see. It decides nothing by itself: `provisions` is empty."""
    recognise: Callable[[bytes, str], bool]
    """Whether the first bytes of a file, and its name, are those of such a report."""
    read: Callable[[bytes, str], ImportedReport]
    """The report in a file's bytes. Pure; raises a UsageError for what is no such report."""

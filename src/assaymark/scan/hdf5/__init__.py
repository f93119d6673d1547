"""HDF5 by its own bounded walk: no library, no plug-in, no file but the one that is inspected."""

from assaymark.scan.hdf5.hdf5_file import INSPECTOR
from assaymark.scan.part import Inspector

__all__ = ["INSPECTORS"]

INSPECTORS: tuple[Inspector, ...] = (INSPECTOR,)

"""The folder as the unit: what only shows when a model's files are seen side by side."""

from assaymark.scan.folder.entry import FolderEntry
from assaymark.scan.folder.inspect import inspect_folder

__all__ = ["FolderEntry", "inspect_folder"]

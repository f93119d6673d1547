"""What decides the facts of given bytes: the parsers as they are installed here, and Python itself."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import assaymark

__all__ = ["parsers_stamp"]

_FOLDERS = ("scan", "discover", "source")
_SUFFIXES = (".py", ".yaml", ".json", ".txt")


def parsers_stamp() -> str:
    """Digest of the parsers' files and of Python's version: facts kept under another stamp are not these.

    Reading a few hundred small files costs a few milliseconds; importing the parsers to ask each for its
    version would cost many times that on a run that parses nothing.
    """
    digest = hashlib.sha256(f"{assaymark.__version__};{sys.hexversion}".encode())
    package = Path(assaymark.__file__).parent
    for path in sorted(p for folder in _FOLDERS for p in _files(str(package / folder))):
        with open(path, "rb") as file:  # noqa: PTH123 - half the time of a Path a file
            digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name != "__pycache__" and entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path

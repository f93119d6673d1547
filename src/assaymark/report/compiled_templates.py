"""Compiled templates kept between runs: compiling them anew would take a third of a warm assessment."""

import contextlib
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

__all__ = ["CompiledTemplates"]


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """A folder of the user's own cache. Jinja binds each file to its template's text and to Python's version.

    A cache only: where it cannot be read or written, templates are compiled each time.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), "%s.compiled")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if it can be read."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, if that is possible."""
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)

"""What tools said of themselves when they were first seen; in memory, or in a file that outlives us."""

import json
import os
from pathlib import Path

from assaymark.errors import AssaymarkError

__all__ = ["PinFile", "Pins"]

_MOST = 10_000


class Pins:
    """Digests of declarations by tool name, trusted on first use."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}

    def changed(self, tool: str, digest: str) -> bool:
        """Whether the tool is known and said something else before."""
        return self.digests.get(tool, digest) != digest

    def accept(self, found: dict[str, str]) -> None:
        """From now on the tools are what they say now."""
        for tool, digest in found.items():
            if tool in self.digests or len(self.digests) < _MOST:
                self.digests[tool] = digest


class PinFile(Pins):
    """Pins of one server in a JSON file `{server: {tool: digest}}`.

    Raises:
        AssaymarkError: the file exists and cannot be read.
    """

    def __init__(self, path: Path, server: str) -> None:
        super().__init__()
        self._path, self._server = path, server
        self.digests = dict(self._all().get(server, {}))

    def accept(self, found: dict[str, str]) -> None:
        """Pin, and write the file if anything is new.

        Raises:
            OSError: it cannot be written.
        """
        before = dict(self.digests)
        super().accept(found)
        if self.digests != before:
            pins = self._all() | {self._server: dict(sorted(self.digests.items()))}
            new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            new.write_text(json.dumps(pins, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self._path)

    def _all(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise AssaymarkError(
                f"The pins in {self._path} cannot be read: {error}.",
                "Correct the file, or remove it to trust the tools as they are now.",
            ) from error
        fine = isinstance(found, dict) and all(isinstance(tools, dict) for tools in found.values())
        if not fine:
            raise AssaymarkError(
                f"The pins in {self._path} are not of the form {{server: {{tool: digest}}}}.",
                "Correct the file, or remove it to trust the tools as they are now.",
            )
        return dict(found)

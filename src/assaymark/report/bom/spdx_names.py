"""Ids of SPDX elements: each ref of the bill within one name space, and back."""

import hashlib
from urllib.parse import quote, unquote

__all__ = ["Names", "ref_of"]

_SAFE = "/:@-._~"


class Names:
    """Makes ids, and remembers the organisations that were named."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._organisations: dict[str, str] = {}

    def of(self, ref: str) -> str:
        """The id of what the bill calls `ref`."""
        return f"{self._space}{quote(ref, safe=_SAFE)}"

    def organisation(self, name: str) -> str:
        """The id of an organisation; empty for an empty name."""
        if not name:
            return ""
        digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:16]
        return self._organisations.setdefault(name, self.of(f"organisation:{digest}"))

    def organisations(self) -> list[tuple[str, str]]:
        """Names and ids of every organisation that was asked for."""
        return sorted(self._organisations.items())


def ref_of(spdx_id: str) -> str:
    """What the bill calls the element with this id."""
    return unquote(spdx_id.partition("#")[2])

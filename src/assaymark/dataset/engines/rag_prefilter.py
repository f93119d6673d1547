"""Whether a pattern may match a text, by RE2 in one cheap pass: it never says no to a text that matches.

Texts become one byte for each character; all but Latin-1 becomes one byte that is no word's. Where a pattern
may match, the pattern itself decides, so results are the same with RE2 and without.
"""

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules.plain import as_bytes

__all__ = ["may_match"]

_FOLDED = "\u017f\u212a\u0130\u0131"
"""Characters that Python takes for s, k and i where case does not matter: bytes do not show them."""


def may_match(pattern: str, text: str) -> bool:
    """Whether `pattern` may match somewhere in `text`, read as by `(?ims)`.

    Args:
        pattern: whose words are ASCII, without look-around and back-references.
        text: of any kind.
    """
    if not text.isascii() and any(sign in text for sign in _FOLDED):
        return True
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(as_bytes(text)) is not None


@lru_cache(maxsize=8)
def _compiled(pattern: str) -> Any:
    """The pattern for RE2; None where RE2 is not installed."""
    if find_spec("re2") is None:
        return None
    spaces = pattern.replace(r"\s", r"[\s\x0b\x1c-\x1f]")
    return byte_pattern(f"(?ims:{spaces})".encode("ascii"))

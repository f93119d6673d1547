"""The strings and names in marshalled Python code, read without unmarshalling anything."""

import base64
import binascii

__all__ = ["code_words"]

MAX_CODE = 4 << 20
MAX_WORDS = 60
_LONG = frozenset(b"sutaA")
_SHORT = frozenset(b"zZ")


def code_words(encoded: str) -> tuple[str, ...]:
    """Strings in base64 of marshalled code, in order: names it uses, constants, its file.

    Found by their type byte and length, so that no marshal format of any Python version has to be known
    exactly; a string that only looks like one may be among them.
    """
    if len(encoded) > MAX_CODE:
        return ()
    try:
        raw = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return ()
    words: dict[str, None] = {}
    position = 0
    while position < len(raw) and len(words) < MAX_WORDS:
        word, position = _word(raw, position)
        if word:
            words.setdefault(word)
    return tuple(words)


def _word(raw: bytes, position: int) -> tuple[str, int]:
    """The string that starts here, if one does, and where to look next."""
    kind = raw[position] & 0x7F
    if kind in _LONG and position + 5 <= len(raw):
        length, start = int.from_bytes(raw[position + 1 : position + 5], "little"), position + 5
    elif kind in _SHORT and position + 2 <= len(raw):
        length, start = raw[position + 1], position + 2
    else:
        return "", position + 1
    if not 2 <= length <= 400 or start + length > len(raw):
        return "", position + 1
    text = raw[start : start + length].decode("ascii", "replace")
    if not (text.isascii() and text.isprintable()):
        return "", position + 1
    return text, start + length

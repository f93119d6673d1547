"""Which names a pack's members may have, and how long each may be. Writer and reader ask the same functions.

A name is refused if any system could write it elsewhere, take it for another, or not write it at all. What
an owner calls a document otherwise is kept in the statement, beside the name of its member. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable

from assaymark.pack.format import DOCUMENTS, ENTRIES, MAX_LINES, MAX_MEMBER, MAX_NAME, MAX_TEXT, PROOFS
from assaymark.signing.names import name_fault

__all__ = ["collision", "fault", "folded", "largest"]

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?\Z", re.IGNORECASE)
"""Names of devices on Windows, whatever follows the dot."""


def fault(name: str) -> str:
    """Why `name` cannot be a member's name; empty if it can."""
    if unfit := name_fault(name):
        return unfit
    if len(name.encode()) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes"
    if not unicodedata.is_normalized("NFC", name):
        return "is not in Unicode's composed form"
    if _FORBIDDEN.search(name) or not name.isprintable():
        return "holds a character that not every system can write"
    for part in name.split("/"):
        if part != part.strip(" ") or part.endswith("."):
            return "has a part that begins or ends with a space, or ends with a dot"
        if _DEVICE.match(part):
            return "has a part that names a device on some systems"
    return ""


def folded(name: str) -> str:
    """`name` as a file system that ignores case and compatible forms sees it: two members never share it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.casefold()).casefold())


def collision(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two of `names` that some system takes for one file, or for a file and its folder."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        seen = folded(name)
        above = [seen[:at] for at, letter in enumerate(seen) if letter == "/"]
        other = files.get(seen) or folders.get(seen) or next((files[a] for a in above if a in files), "")
        if other:
            return other, name
        files[seen] = name
        folders |= dict.fromkeys(above, name)
    return None


def largest(name: str) -> int:
    """Bytes that the member `name` may have."""
    if name.startswith(DOCUMENTS):
        return MAX_MEMBER
    return MAX_LINES if name in (ENTRIES, PROOFS) else MAX_TEXT

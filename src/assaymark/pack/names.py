"""Which names a pack's members may have. Writer and reader ask the same function. Pure.

A name is refused if any system could write it elsewhere, take it for another, or not write it at all. What
an owner calls a document otherwise is kept in the statement, beside the name of its member.
"""

import re
import unicodedata

from assaymark.pack.format import MAX_NAME
from assaymark.signing.names import name_fault

__all__ = ["folded", "member_fault"]

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?\Z", re.IGNORECASE)
"""Names of devices on Windows, whatever follows the dot."""


def member_fault(name: str) -> str:
    """Why `name` cannot be a member's name; empty if it can."""
    if fault := name_fault(name):
        return fault
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
    """`name` as a file system that ignores case sees it: two members never share it."""
    return unicodedata.normalize("NFKC", name.casefold())

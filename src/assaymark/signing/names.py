r"""Resource names: `/`-separated, relative, normalised UTF-8, compared byte for byte.

OMS v1.0, section 6.1.2.

A name is refused if any system could take it for another place. That makes the backslash unusable, which
POSIX allows in a name and Windows reads as a separator; a signature that is safe here only would be no help.
"""

import re

__all__ = ["covers", "name_fault", "parse_shard", "shard_name"]

_DRIVE = re.compile(r"[A-Za-z]:/")
_SHARD = re.compile(r"(.+):(0|[1-9][0-9]{0,18}):(0|[1-9][0-9]{0,18})\Z", re.DOTALL)
_LONGEST = 4096
"""Characters; longer than any path that Linux opens."""


def name_fault(name: str) -> str:
    """Why `name` cannot be a resource name; empty if it can."""
    if not name:
        return "is empty"
    if len(name) > _LONGEST:
        return "is longer than any path"
    if name.startswith("/") or _DRIVE.match(name):
        return "is an absolute path"
    if "\\" in name:
        return "holds a backslash, which other systems read as a folder separator"
    if "\0" in name:
        return "holds a zero byte"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "is not valid UTF-8"
    parts = name.split("/")
    if ".." in parts:
        return "leaves the folder (..)"
    return "is not normalised" if "" in parts or "." in parts else ""


def shard_name(name: str, start: int, end: int) -> str:
    """The resource name of the bytes from `start` up to `end` of the file `name`."""
    return f"{name}:{start}:{end}"


def parse_shard(text: str) -> tuple[str, int, int] | None:
    """File name, start and end, or None if `text` names no shard; the file name is not checked."""
    found = _SHARD.match(text)
    return (found[1], int(found[2]), int(found[3])) if found else None


def covers(paths: frozenset[str], name: str) -> bool:
    """Whether one of `paths` is `name` or a folder above it."""
    if name in paths:
        return True
    at = name.find("/")
    while at >= 0:
        if name[:at] in paths:
            return True
        at = name.find("/", at + 1)
    return False

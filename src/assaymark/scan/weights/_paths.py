"""Names of files that a model file refers to: whether they stay beside it."""

import re

__all__ = ["leaves_folder"]

_DRIVE = re.compile(r"[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,20}:")


def leaves_folder(path: str) -> str:
    """How `path` leads out of the model's own folder; empty if it does not."""
    if not path:
        return ""
    if any(ord(c) < 32 for c in path):
        return "holds control characters"
    if _SCHEME.match(path) and "//" in path[:32]:
        return "is an address"
    if path[0] in "/\\~" or _DRIVE.match(path):
        return "is absolute"
    steps = path.replace("\\", "/").split("/")
    if ".." in steps:
        return "climbs out of the folder"
    if "\\" in path:
        return "holds backslashes, which some systems take for folders"
    return ""

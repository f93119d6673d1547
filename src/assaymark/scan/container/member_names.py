"""What the name of a member does to whoever unpacks it: leaves the folder, hides, or collides."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Level

__all__ = ["collisions", "escapes", "link_hazards", "name_hazards", "normal", "shown"]

_DRIVE = re.compile(r"[A-Za-z]:")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_LOOKED_UP = frozenset(
    ("data.pkl", "constants.pkl", "version", "byteorder", "config.json", "metadata.json", "schema.json",
     "model.weights.h5", "bytecode.pkl", "manifest.json", "model_config.yaml")
)  # fmt: skip
"""Names by which a loader finds a member; where two of them differ in case only, loaders disagree."""


def shown(name: str, limit: int = 120) -> str:
    """A name fit for a message: what cannot be printed is escaped, what is long is cut."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"


def normal(name: str) -> str:
    """What the name is on a file system that folds case, normalises Unicode and takes both slashes."""
    parts = (
        p.rstrip(" .") for p in unicodedata.normalize("NFC", name.replace("\\", "/")).casefold().split("/")
    )
    return "/".join(p for p in parts if p)


def escapes(name: str) -> str:
    """How the name leads out of the folder it is unpacked to; empty if it does not."""
    text = name.replace("\\", "/")
    if text.startswith("/"):
        return "an absolute path"
    if _DRIVE.match(text):
        return "a path with a drive"
    depth = 0
    for part in text.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return "a path that climbs out of the folder"
    return ""


def name_hazards(name: str) -> Iterator[Hazard]:
    """What is wrong with a member's name."""
    said = shown(name)
    if how := escapes(name):
        yield Hazard(
            rule="archive-path-escape", level=Level.DANGEROUS, subject=said, member=name,
            message=f"Unpacking it writes outside the folder: {said!r} is {how}.",
        )  # fmt: skip
    elif ".." in re.split(r"[/\\]", name):
        yield _odd(Level.UNKNOWN, name, f"The name {said!r} climbs up and down again.")
    if "\0" in name:
        message = f"The name {said!r} holds a NUL, where readers written in C cut it off."
        yield _odd(Level.DANGEROUS, name, message)
    elif any(unicodedata.category(c) in _INVISIBLE for c in name.removesuffix("\r")):
        yield _odd(Level.UNKNOWN, name, f"The name {said!r} holds characters that cannot be seen.")
    elif "\\" in name:
        yield _odd(
            Level.NOTE, name, f"The name {said!r} holds backslashes; some readers take them for slashes."
        )


def _odd(level: Level, name: str, message: str) -> Hazard:
    return Hazard(rule="archive-odd-name", level=level, message=message, subject=shown(name), member=name)


def collisions(names: Iterable[str], *, model: bool) -> Iterator[Hazard]:
    """Names that differ, and are the same to a reader that folds case or normalises.

    Args:
        names: of all members, each once.
        model: whether they are of a model format, whose loaders look members up by name.
    """
    seen: dict[str, str] = {}
    for name in names:
        key = normal(name)
        other = seen.setdefault(key, name)
        if other != name:
            decisive = model and (key.rpartition("/")[2] in _LOOKED_UP or key.endswith(".npy"))
            yield Hazard(
                rule="archive-ambiguous-name", level=Level.DANGEROUS if decisive else Level.NOTE,
                subject=shown(name), member=name,
                message=f"{shown(name)!r} and {shown(other)!r} are one name to some readers, two to others.",
            )  # fmt: skip


def link_hazards(name: str, target: str, *, hard: bool = False, system: bool = False) -> Iterator[Hazard]:
    """What a link inside an archive leads to.

    Args:
        name: the link's own name.
        target: where it points.
        hard: a hard link, whose target is a path within the archive.
        system: it is the root file system of an image, where absolute symbolic links are usual.
    """
    folder = name.rpartition("/")[0]
    where = target if hard or target.startswith(("/", "\\")) or not folder else f"{folder}/{target}"
    how = escapes(where)
    kind = "hard link" if hard else "symbolic link"
    if how and not (system and not hard):
        yield Hazard(
            rule="archive-link-escape", level=Level.DANGEROUS, subject=shown(target), member=name,
            message=f"The {kind} {shown(name)!r} leads out of the folder, to {shown(target)!r}.",
        )  # fmt: skip
    else:
        yield Hazard(
            rule="archive-link", level=Level.NOTE, subject=shown(target), member=name,
            message=f"{shown(name)!r} is a {kind} to {shown(target)!r}.",
        )  # fmt: skip

"""What a bill holds and what it does not know, for standard error."""

from collections.abc import Callable, Iterable

from assaymark.bom import Bom, Component, ComponentKind
from assaymark.report.text import counted, printable

__all__ = ["summary_text"]

_SHOWN = 20
_GROUPS = (
    (ComponentKind.MODEL, "model"),
    (ComponentKind.DATA, "data set"),
    (ComponentKind.PROMPT, "prompt"),
    (ComponentKind.PACKAGE, "package"),
    (ComponentKind.CONTAINER, "container image"),
    (ComponentKind.TOOL, "tool"),
)
_LICENSED = frozenset({ComponentKind.MODEL, ComponentKind.DATA, ComponentKind.PACKAGE})
_VERSIONED = frozenset({ComponentKind.MODEL, ComponentKind.PACKAGE, ComponentKind.CONTAINER})


def summary_text(bom: Bom) -> str:
    """A line a kind, each unknown with its denominator, and what was not read."""
    lines = [_line(word, [c for c in bom.components if c.kind is kind], kind) for kind, word in _GROUPS]
    lines = [line for line in lines if line]
    lines.append(counted(len(bom.services), "service"))
    unread = sum(not f.sha256 for f in bom.files)
    lines.append(f"{counted(len(bom.files), 'file')}, {unread} of {len(bom.files)} without digest")
    lines += [f"not read: {printable(h.path)}: {printable(h.reason)}" for h in bom.holes[:_SHOWN]]
    if len(bom.holes) > _SHOWN:
        lines.append(f"not read: {len(bom.holes) - _SHOWN} more, listed in the bill")
    return "\n".join(lines) + "\n"


def _line(word: str, found: list[Component], kind: ComponentKind) -> str:
    if not found:
        return ""
    asked: list[tuple[str, Callable[[Component], bool]]] = [("hash", _hashed)]
    if kind in _LICENSED:
        asked.insert(0, ("licence", lambda c: bool(c.licences)))
    if kind in _VERSIONED:
        asked.append(("version", lambda c: bool(c.version)))
    if kind is ComponentKind.TOOL:
        asked = []
    unknown = ", ".join(f"{_lacking(found, known)} of {len(found)} without {what}" for what, known in asked)
    return counted(len(found), word) + (f": {unknown}" if unknown else "")


def _lacking(found: Iterable[Component], known: Callable[[Component], bool]) -> int:
    return sum(not known(c) for c in found)


def _hashed(component: Component) -> bool:
    """Whether any digest is stated: of the content, of its files, or of the files it can be had by."""
    return bool(component.hashes or component.files or any(a.hashes for a in component.artefacts))

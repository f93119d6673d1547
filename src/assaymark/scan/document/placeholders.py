"""What a template leaves for its reader to fill in, and whether a document is still that template."""

import re

from assaymark.scan.document._outline import Grid

__all__ = ["is_template", "without_placeholders"]

_INSERT = (
    r"insert|your|enter|add|fill|describe|specify|todo|tbd|name of|e\.g\.|company|organi[sz]ation name"
    r"|project name|more information needed|date|link"
)
_SPAN = re.compile(
    rf"\[(?:{_INSERT})\b[^\[\]\n]{{0,200}}\](?![(\[:])"
    rf"|<(?:{_INSERT})\b[^<>\n]{{0,200}}>"
    r"|\{\{[^{}\n]{0,200}\}\}"
    r"|\b(?:TODO|TBD|TBC|FIXME|XXX)\b:?|\blorem ipsum\b",
    re.IGNORECASE,
)
_TRIGGERS = ("[", "<", "{{", "todo", "tbd", "tbc", "fixme", "xxx", "lorem")
_EMPTY_LINE = re.compile(r"^\s*[-*>]*\s*\**(?:TODO|TBD|TBC|FIXME)\b", re.IGNORECASE)
_FORGE_ROWS = {"5.1.x", "5.0.x", "4.0.x"}
"""Versions in the table that a forge offers for a new security policy; few projects have just these."""
_FORGE_HINTS = ("use this section to tell people", "use this section to tell")


def without_placeholders(text: str) -> tuple[str, int]:
    """`text` without what is still to be filled in, and how many such places there were."""
    lowered = text.lower()
    if not any(t in lowered for t in _TRIGGERS):
        return text, int(_is_hint(lowered))
    if _EMPTY_LINE.match(text):
        return "", 1
    kept, count = _SPAN.subn(" ", text)
    return kept, count + int(_is_hint(lowered))


def _is_hint(lowered: str) -> bool:
    return lowered.lstrip().startswith(_FORGE_HINTS)


def is_template(placeholders: int, words: int, grids: list[Grid]) -> bool:
    """Whether so much is still to be filled in that the document says little.

    Either it is the sample policy of a forge (recognised by the versions in its table), or there are at
    least three places to fill in and fewer than forty words for each.
    """
    for grid in grids:
        if {row[0].strip() for row in grid.rows if row} >= _FORGE_ROWS:
            return True
    return placeholders >= 3 and words < 40 * placeholders

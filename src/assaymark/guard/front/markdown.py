"""Text that Markdown does not show: comments as link definitions, titles of links and images, image texts."""

import re

from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, exact, listed, merged

__all__ = ["markdown_comment", "markdown_title"]

_COMMENT = re.compile(
    r"^[ ]{0,3}\[(?://|#|comment|_metadata_|hidden|note)[^\]\n]{0,40}\]:[ \t]*(?:#|<>|<#>|/)[ \t]*"
    r"(?:\"([^\n]*+)|\(([^\n]*+)|'([^\n]*+))",
    re.MULTILINE | re.IGNORECASE,
)
_TITLE = re.compile(r"\]\([^\s()]{0,2000}\s{1,4}(?:\"([^\"\n]{1,4000})\"|'([^'\n]{1,4000})')\s{0,4}\)")
_ALT = re.compile(r"!\[([^\[\]\n]{24,4000})\][(\[]")
_WORDS = 5


def markdown_comment(text: str) -> Found | None:
    """Sentences in Markdown comments: `[//]: # (…)`."""
    runs = []
    for match in _COMMENT.finditer(text):
        which = match.lastindex or 1
        start = match.start(which)
        said = match.group(which).rstrip().rstrip("\"')")
        if speaks(said):
            runs.append(Run(match.start(), match.end(), said, exact(start, start + len(said))))
    return _found("markdown_comment", runs, hidden=True)


def markdown_title(text: str) -> Found | None:
    """Sentences in the titles of links and images and in the texts of images."""
    runs = []
    for pattern in (_TITLE, _ALT):
        for match in pattern.finditer(text):
            which = match.lastindex or 1
            said = match.group(which)
            if said.count(" ") >= _WORDS and speaks(said):
                runs.append(Run(*match.span(which), said, exact(*match.span(which))))
    return _found("markdown_title", sorted(runs), hidden=False)


def _found(name: str, runs: list[Run], *, hidden: bool) -> Found | None:
    return Found(name=name, made=listed(runs), spans=merged(runs), hidden=hidden) if runs else None

"""HTML → outline: text, headings, tables and links; nothing is rendered and no script is read."""

import re
from html.parser import HTMLParser

from assaymark.scan.document._outline import Grid, Outline

__all__ = ["HTML_LIMIT", "read_html"]

HTML_LIMIT = 512 * 1024
"""Bytes of an HTML document that are read."""

_SKIPPED = {"script", "style", "template", "noscript", "svg", "nav", "head"}
_CODE = {"pre", "code"}
_BREAKS = {"p", "li", "div", "br", "dt", "dd", "td", "th", "tr", "section", "article"}
_ODD = re.compile(r"<[!?]|<(?![a-zA-Z/])")


def read_html(text: str) -> Outline:
    """The outline of an HTML page."""
    reader = _Reader()
    # Python's parser is quadratic on unclosed comments, declarations and tags; none of them is text.
    cleaned = _ODD.sub(" ", _without_comments(text))
    cleaned = cleaned[: cleaned.rfind(">") + 1] if cleaned.rfind("<") > cleaned.rfind(">") else cleaned
    reader.feed(cleaned)
    reader.flush()
    return reader.outline


def _without_comments(text: str) -> str:
    kept: list[str] = []
    rest = text
    position = 0
    while (start := rest.find("<!--", position)) >= 0:
        kept.append(rest[position:start])
        end = rest.find("-->", start + 4)
        # Lines are counted, so a comment leaves its line breaks behind.
        kept.append("\n" * rest.count("\n", start, end if end >= 0 else len(rest)))
        if end < 0:
            return "".join(kept)
        position = end + 3
    kept.append(rest[position:])
    return "".join(kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()
        self.skipping = ""
        self.buffer: list[str] = []
        self.buffered_at = 1
        self.code = 0
        self.heading = 0
        self.cells: list[str] | None = None
        self.fresh_table = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block."""
        if self.skipping:
            return
        if tag in _SKIPPED:
            self.skipping = tag
            return
        if tag == "a":
            target = dict(attrs).get("href") or ""
            self.outline.links.append((self.getpos()[0], target[:500]))
        elif tag in _CODE:
            self.code += 1
        elif tag == "table":
            self.flush()
            self.fresh_table = self.getpos()[0]
        elif tag == "tr":
            self.flush()
            self.cells = []
        elif tag in _BREAKS or (tag[:1] == "h" and tag[1:].isdigit()):
            self.flush()
            self.heading = int(tag[1:]) if tag[1:].isdigit() else 0

    def handle_endtag(self, tag: str) -> None:
        """Close a block."""
        if self.skipping:
            self.skipping = "" if tag == self.skipping else self.skipping
            return
        if tag in _CODE:
            self.code = max(0, self.code - 1)
        elif tag in ("td", "th") and self.cells is not None:
            self.cells.append(" ".join("".join(self.buffer).split())[:2000])
            self.flush()
        elif tag == "tr" and self.cells is not None:
            self._row(tuple(self.cells))
            self.cells = None
        elif tag in _BREAKS or (tag[:1] == "h" and tag[1:].isdigit()):
            self.flush()
            self.heading = 0

    def handle_data(self, data: str) -> None:
        """Keep the text of the open block."""
        if self.skipping or not data.strip():
            return
        if self.code:
            self.outline.code.append((self.getpos()[0], data.strip()[:1000]))
            if self.cells is None and "\n" in data.strip():
                return
        if not self.buffer:
            self.buffered_at = self.getpos()[0]
        self.buffer.append(data)

    def flush(self) -> None:
        """End the open block."""
        text = " ".join("".join(self.buffer).split())
        self.buffer = []
        if text and self.heading:
            self.outline.open(text, self.heading, self.buffered_at)
        elif text:
            self.outline.say(self.buffered_at, text)

    def _row(self, cells: tuple[str, ...]) -> None:
        if self.fresh_table:
            self.outline.grids.append(Grid(self.fresh_table, cells, [], self.outline.section()))
            self.fresh_table = 0
        elif self.outline.grids:
            self.outline.row(cells)

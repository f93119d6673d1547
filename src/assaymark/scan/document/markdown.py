"""Markdown, AsciiDoc and plain text → outline, line by line."""

import re

from assaymark.scan.document._outline import Grid, Outline
from assaymark.scan.document._plain_yaml import PlainYamlError, plain_yaml

__all__ = ["read_markdown", "split_row"]

_TAGGED = re.compile(
    r"^[ \t]{0,12}<h([1-3])(?: [^<>]{0,200})?>([^\n]{1,400}?)</h[1-3]>[ \t]*$", re.IGNORECASE
)
"""A heading written as HTML on one line, as READMEs do to centre it."""
_TAG = re.compile(r"<[^<>]{0,400}>")
_HEADING = re.compile(r"^ {0,3}(#{1,6}|={1,6})[ \t]+(\S[^\n]*)$")
_FENCE = re.compile(r"^\s{0,12}(`{3,}|~{3,}|-{4,}$|\.{4,}$)")
_UNDERLINE = re.compile(r"^ {0,3}(={3,}|-{3,}|~{3,})\s*$")
_RULE = re.compile(r"^[\s|:+-]+$")
_LINK = re.compile(r"\]\(<?([^()\s<>]{1,500})")
_REFERENCE = re.compile(r"^ {0,3}\[[^\[\]]{1,200}\]:\s*(\S{1,500})")
_ADOC_LINK = re.compile(r"(?:link|xref|include)::?([^\s\[\]]{1,300})\[")
_CODE = re.compile(r"`([^`\n]{1,200})`")
_CAPS = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?[ \t]+)?[A-Z][A-Z0-9 ,&/()'-]{3,70}:?$")
FRONT_MATTER_LIMIT = 65_536
"""Characters of front matter that are read."""


def read_markdown(text: str, *, flavour: str = "md") -> Outline:
    """The outline of Markdown (`md`), AsciiDoc (`adoc`) or plain text (`txt`)."""
    outline = Outline()
    lines = text.split("\n")
    start = _front_matter(lines, outline) if flavour == "md" else 0
    _Reader(outline, lines, flavour).read(start)
    return outline


def _front_matter(lines: list[str], outline: Outline) -> int:
    if not lines or lines[0].rstrip() != "---":
        return 0
    end = next((n for n, line in enumerate(lines[1:2000], 1) if line.rstrip() in ("---", "...")), 0)
    body = "\n".join(lines[1:end])
    if not end or len(body) > FRONT_MATTER_LIMIT:
        return 0
    try:
        value = plain_yaml(body)
    except PlainYamlError as problem:
        outline.problem = f"front matter: {problem}"
        return end + 1
    if not isinstance(value, dict):
        return 0
    outline.front_matter += [(str(k)[:80].lower(), _flat(v)) for k, v in list(value.items())[:100]]
    return end + 1


def _flat(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(v) for v in value[:50])[:500]
    return str(value)[:500] if value is not None else ""


def split_row(line: str) -> tuple[str, ...]:
    """Cells of a line of a pipe table."""
    body = line.strip().removeprefix("|")
    if body.endswith("|") and not body.endswith("\\|"):
        body = body[:-1]
    return tuple(c.replace("\\|", "|").strip() for c in re.split(r"(?<!\\)\|", body))


class _Reader:
    """One pass over the lines; remembers the fence, comment or table it stands in."""

    def __init__(self, outline: Outline, lines: list[str], flavour: str) -> None:
        self.outline = outline
        self.lines = lines
        self.flavour = flavour
        self.fence = ""
        self.comment = False
        self.table = False

    def read(self, start: int) -> None:
        """Feed every line to the state that is open."""
        for number in range(start, len(self.lines)):
            raw = self.lines[number].rstrip("\r")
            if not self._fenced(number + 1, raw):
                text = self._uncommented(raw)
                if not (self._table_line(number, text) or self._heading(number, text)):
                    self._prose(number + 1, text)

    def _fenced(self, line: int, raw: str) -> bool:
        found = None if self.comment else _FENCE.match(raw)
        if self.fence:
            if found and found[1][0] == self.fence[0] and len(found[1]) >= len(self.fence):
                self.fence = ""
            else:
                self.outline.code.append((line, raw[:1000]))
            return True
        if found and (found[1][0] in "`~" or self.flavour == "adoc"):
            self.fence = found[1]
            return True
        return False

    def _uncommented(self, raw: str) -> str:
        if "<!--" not in raw and not self.comment:
            return raw
        kept, rest = "", raw
        while rest:
            mark = "-->" if self.comment else "<!--"
            before, found, rest = rest.partition(mark)
            kept += "" if self.comment else before
            if found:
                self.comment = not self.comment
        return kept

    def _table_line(self, number: int, text: str) -> bool:
        if "|" not in text:
            self.table = False
            return False
        if self.table:
            self.outline.row(split_row(text))
            return False  # cells are prose as well
        following = self.lines[number + 1] if number + 1 < len(self.lines) else ""
        if "|" in following and "-" in following and _RULE.match(following):
            self.outline.grids.append(Grid(number + 1, split_row(text), [], self.outline.section()))
            self.table = True
        return False

    def _heading(self, number: int, text: str) -> bool:
        if _RULE.match(text) and text.strip():
            if self.table and self.outline.grids[-1].rows:
                self.outline.grids[-1].rows.pop(0)  # the rule between header and body
            return True
        found = _HEADING.match(text)
        if found and (found[1][0] == "#" or self.flavour == "adoc"):
            self.outline.open(found[2].rstrip("# \t"), len(found[1]), number + 1)
            return True
        if "</h" in text and (tagged := _TAGGED.match(text)) and (title := _TAG.sub("", tagged[2]).strip()):
            self.outline.open(title, int(tagged[1]), number + 1)
            return True
        if not text.strip() or text[0] in " \t->*|":
            return False
        following = self.lines[number + 1] if number + 1 < len(self.lines) else ""
        ruled = _UNDERLINE.match(following)
        if ruled and len(text) < 200 and "|" not in text:
            self.outline.open(text, 1 if ruled[1][0] == "=" else 2, number + 1)
            self.lines[number + 1] = ""
            return True
        if self.flavour == "txt" and _CAPS.match(text):
            self.outline.open(text.rstrip(":"), 2, number + 1)
            return True
        return False

    def _prose(self, line: int, text: str) -> None:
        if not text.strip():
            self.outline.say(line, "")
            return
        outline = self.outline
        if "](" in text:
            outline.links += [(line, m[1]) for m in _LINK.finditer(text)]
        elif self.flavour == "adoc":
            outline.links += [(line, m[1]) for m in _ADOC_LINK.finditer(text)]
        elif (reference := _REFERENCE.match(text)) is not None:
            outline.links.append((line, reference[1]))
            return
        if "`" in text:
            outline.code += [(line, m[1]) for m in _CODE.finditer(text)]
        outline.say(line, text)

"""reStructuredText → outline: headings by underline, literal blocks, comments, list tables, links."""

import re

from assaymark.scan.document._outline import Grid, Outline

__all__ = ["read_rst"]

_RULE = re.compile(r"^([=\-`:'\"~^_*+#<>.])\1{2,}\s*$")
_LINK = re.compile(r"`[^`<>]{1,200}<([^<>\s]{1,300})>`")
_DOC = re.compile(r":(?:doc|download):`(?:[^`<>]{0,200}<)?([^<>`]{1,200})>?`")
_CODE = re.compile(r"``([^`\n]{1,200})``")
_DIRECTIVE = re.compile(r"^\.\.[ \t]+([a-z-]+)::[ \t]*(.*)$")
_LITERAL = {
    "code-block",
    "code",
    "literalinclude",
    "highlight",
    "sourcecode",
    "parsed-literal",
    "raw",
    "math",
}
_ADORNMENTS = "=-~^\"'`:.*+#_<>"


def read_rst(text: str) -> Outline:
    """The outline of reStructuredText."""
    outline = Outline()
    levels: list[str] = []
    lines = [line.rstrip("\r") for line in text.split("\n")]
    number = 0
    while number < len(lines):
        line = lines[number]
        following = lines[number + 1] if number + 1 < len(lines) else ""
        ruled = _RULE.match(following)
        if ruled and line.strip() and not line[0].isspace() and not _RULE.match(line) and len(line) < 300:
            over = number > 0 and lines[number - 1].strip() == following.strip()
            outline.open(line, _level(levels, ruled[1] * (2 if over else 1)), number + 1)
            number += 2
        elif (directive := _DIRECTIVE.match(line)) is not None:
            number = _directive(outline, lines, number, directive[1], directive[2])
        elif line.startswith(".. "):
            number = _skip_indented(lines, number + 1)
        else:
            number = _prose(outline, lines, number)
    return outline


def _level(levels: list[str], adornment: str) -> int:
    if adornment not in levels:
        levels.append(adornment)
    return levels.index(adornment) + 1


def _skip_indented(lines: list[str], number: int) -> int:
    while number < len(lines) and (not lines[number].strip() or lines[number][0].isspace()):
        number += 1
    return number


def _directive(outline: Outline, lines: list[str], number: int, name: str, argument: str) -> int:
    end = _skip_indented(lines, number + 1)
    if name in _LITERAL:
        outline.code += [(n + 1, lines[n].strip()) for n in range(number + 1, end) if lines[n].strip()]
        return end
    if name == "list-table":
        _list_table(outline, lines, number, end)
        return end
    if argument:
        outline.say(number + 1, argument)
    return number + 1


def _list_table(outline: Outline, lines: list[str], start: int, end: int) -> None:
    rows: list[list[str]] = []
    for n in range(start + 1, end):
        text = lines[n].strip()
        if text.startswith("* -"):
            rows.append([text[3:].strip()])
        elif text.startswith("- ") and rows:
            rows[-1].append(text[2:].strip())
        elif text and not text.startswith(":") and rows:
            rows[-1][-1] += f" {text}"
        if text and not text.startswith(":"):
            outline.say(n + 1, text)
    if rows:
        outline.grids.append(Grid(start + 1, tuple(rows[0]), [], outline.section()))
        for row in rows[1:]:
            outline.row(tuple(row))


def _prose(outline: Outline, lines: list[str], number: int) -> int:
    line = lines[number]
    if _RULE.match(line):
        return number + 1
    if "`" in line:
        outline.links += [(number + 1, m[1]) for m in _LINK.finditer(line)]
        outline.links += [(number + 1, f"{m[1]}.rst") for m in _DOC.finditer(line)]
        outline.code += [(number + 1, m[1]) for m in _CODE.finditer(line)]
    outline.say(number + 1, line.removesuffix("::"))
    if not line.endswith("::"):
        return number + 1
    end = _skip_indented(lines, number + 1)
    outline.code += [(n + 1, lines[n].strip()) for n in range(number + 1, end) if lines[n].strip()]
    return end

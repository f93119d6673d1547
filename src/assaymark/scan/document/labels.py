"""Labelled dates and names: `Last reviewed: 12 May 2026`, `Owner: Ada`, in lines, tables and front matter."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from assaymark.scan.document._outline import Grid, Outline
from assaymark.scan.document._tables import table, tokens

__all__ = ["dates_in", "labelled_dates", "labelled_people", "labelled_values", "version_names"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    r"\b(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
    r"|\b(?P<isomonth>(?:19|20)\d\d-(?:0[1-9]|1[0-2]))\b(?!-)"
    rf"|\b(?P<dmy>\d{{1,2}}(?:st|nd|rd|th)?\s{{1,2}}{_MONTH}\.?,?\s{{1,2}}(?:19|20)\d\d)\b"
    rf"|\b(?P<mdy>{_MONTH}\.?\s{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?,?\s{{1,2}}(?:19|20)\d\d)\b"
    rf"|\b(?P<my>{_MONTH}\.?,?\s{{1,2}}(?:19|20)\d\d)\b"
    r"|\b(?P<slash>\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_QUICK = re.compile(r"(?:19|20)\d\d")
_VERSION = re.compile(
    r"\b(?:version\s{1,2}|v)(\d{1,4}(?:\.\d{1,4}){0,3}(?:[-+.](?:rc|beta|alpha)\d{0,3})?)\b", re.IGNORECASE
)
_VALUE_LIMIT = 120
_NEXT_LABEL = re.compile(r"\.\s{1,4}(?=[A-Z][A-Za-z ]{1,40}:)")
"""Between labels that share a line: `Owner: Ada. Approved by: Bea.`"""


def dates_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and ISO form of each date in `text`; a month alone counts as its first day.

    Days come first in `12/05/2026` (the standard is European); where both readings are possible and
    differ the date is left out, because a wrong date is worse than none.
    """
    if not _QUICK.search(text):
        return []
    found = []
    for match in _DATE.finditer(text):
        iso = _iso(match)
        if iso:
            found.append((match.start(), match.end(), iso))
    return found


def _iso(match: re.Match[str]) -> str:
    kind, text = match.lastgroup or "", match[0]
    groups = {k: v for k, v in match.groupdict().items() if v}
    kind = next(iter(groups), kind)
    numbers = [int(n) for n in re.findall(r"\d{1,4}", text)]
    name = re.search(_MONTH, text, re.IGNORECASE)
    month = _MONTHS.index(name[0][:3].lower()) + 1 if name else 0
    match kind:
        case "iso":
            return _valid(numbers[0], numbers[1], numbers[2])
        case "isomonth":
            return _valid(numbers[0], numbers[1], 1)
        case "dmy" | "mdy":
            return _valid(numbers[1], month, numbers[0])
        case "my":
            return _valid(numbers[0], month, 1)
    first, second, year = numbers
    if first == second or first > 12:
        return _valid(year, second, first)
    return _valid(year, first, second) if second > 12 else ""


def _valid(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


@functools.cache
def _date_labels() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (label, tuple(f" {' '.join(tokens(p))} " for p in phrases))
        for label, phrases in table("labels")["dates"].items()
    )


@functools.cache
def _people_labels() -> dict[str, str]:
    return {w: label for label, written in table("labels")["people"].items() for w in written}


def _label(words: list[str], *, nearest_end: bool) -> str:
    """The label whose phrase stands nearest to the date."""
    best = (-1, "")
    padded = f" {' '.join(words)} "
    for label, needles in _date_labels():
        for needle in needles:
            place = padded.rfind(needle) if nearest_end else padded.find(needle)
            if place < 0:
                continue
            closeness = place + len(needle) if nearest_end else len(padded) - place
            if closeness > best[0]:
                best = (closeness, label)
    return best[1]


def _line_dates(text: str, otherwise: str = "") -> Iterator[tuple[str, str]]:
    previous = 0
    for start, end, iso in dates_in(text):
        before = tokens(text[max(previous, start - 60) : start])
        label = _label(before, nearest_end=True) or _label(tokens(text[end : end + 40]), nearest_end=False)
        if label or otherwise:
            yield label or otherwise, iso
        previous = end


def labelled_dates(outline: Outline) -> list[tuple[str, str]]:
    """(label, ISO date) for each date that something near it names, each pair once."""
    found: dict[tuple[str, str], None] = {}
    for key, value in outline.front_matter:
        label = _label(tokens(key), nearest_end=True)
        for _, _, iso in dates_in(value)[:1]:
            found[label or "updated", iso] = None
    for heading in outline.headings:
        found.update(dict.fromkeys(_line_dates(heading.title, "updated")))
        for _, text in heading.prose:
            if len(text) < 2000:
                found.update(dict.fromkeys(_line_dates(text)))
    for grid in outline.grids:
        found.update(dict.fromkeys(_grid_dates(grid)))
    return list(found)[:200]


def _grid_dates(grid: Grid) -> Iterator[tuple[str, str]]:
    labels = [_label(tokens(h), nearest_end=True) for h in grid.header]
    for row in grid.rows:
        for label, cell in zip(labels, row, strict=False):
            if label:
                yield from ((label, iso) for _, _, iso in dates_in(cell)[:1])


def _pairs(outline: Outline) -> Iterator[tuple[str, str]]:
    yield from outline.front_matter
    for heading in outline.headings:
        for _, text in heading.prose:
            if ":" in text and len(text) < 400:
                for piece in _NEXT_LABEL.split(text):
                    key, _, value = piece.partition(":")
                    yield key, value
    for grid in outline.grids:
        for row in (grid.header, *grid.rows):
            if len(row) >= 2:
                yield row[0], row[1]


def labelled_values(outline: Outline, keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, value) for lines and two-column rows whose label is one of `keys`, front matter aside."""
    found: dict[tuple[str, str], None] = {}
    own = len(outline.front_matter)
    for number, (key, value) in enumerate(_pairs(outline)):
        name = keys.get(_plain(key).lower()) if number >= own and len(key) < 60 else None
        text = _plain(value)
        if name and text and len(text) < _VALUE_LIMIT:
            found[name, text] = None
    return list(found)[:50]


def labelled_people(outline: Outline) -> list[tuple[str, str]]:
    """(label, name) for owners, approvers, reviewers, custodians and testers, as written."""
    found: dict[tuple[str, str], None] = {}
    for key, value in _pairs(outline):
        label = _people_labels().get(_plain(key).lower()) if len(key) < 60 else None
        name = _plain(value).rstrip(".")
        if label and name and len(name) < _VALUE_LIMIT and any(c.isalpha() for c in name):
            found[label, name] = None
    return list(found)[:100]


def _plain(text: str) -> str:
    return " ".join(text.strip().strip("-*+|_>` \t").replace("**", "").replace("__", "").split())


def version_names(lines: Iterable[str]) -> tuple[str, ...]:
    """Version numbers that the text names, in order, each once."""
    found: dict[str, None] = {}
    for line in lines:
        if len(line) < 5000 and ("v" in line or "V" in line):
            found.update((m[1], None) for m in _VERSION.finditer(line))
    return tuple(found)[:50]

"""The scan of a data set as one HTML file: no network, no script, pictures drawn anew from pixels. Pure.

Everything that is printed passes through `_shown`, which makes deceiving characters visible, and then through
Jinja's escaping. Only pictures that `data_uri` made are let through as addresses.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from assaymark.report.data.document import DataReport, ExampleEntry
from assaymark.report.data.pictures import Gallery
from assaymark.report.data.words import (
    chance,
    percent,
    place_words,
    prone,
    state_words,
    untold,
    verdict_words,
)
from assaymark.report.text import counted, cut_middle, printable

__all__ = ["render_html"]

_LONGEST = 1_200
_LIMITS = {"examples": 8, "findings": 40, "holes": 100, "suspects": 200}
"""Entries of one list that are printed; the JSON report holds the whole."""
_CSS = {"suspect": "fail", "to explain": "open", "note": "na"}
_SIGNS = {"suspect": "✗", "to explain": "?", "note": "·"}
_LEVELS = (("suspect", "Suspects"), ("to explain", "Patterns to explain"), ("note", "Notes"))
_URI = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+\Z")
_CONTEXT = 220
"""Characters of an example kept on each side of the pattern."""


def render_html(report: DataReport, galleries: Mapping[int, Gallery]) -> bytes:
    """The whole report as UTF-8.

    Args:
        report: what is shown.
        galleries: pictures by the number of the finding.
    """
    names = [Path(t.rstrip("/")).name or t for t in report.targets]
    return (
        _template()
        .render(
            r=report,
            title=", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
            galleries=galleries,
            open_count=lambda level: sum(not f.explained for f in report.of(level)),
        )
        .encode("utf-8", "backslashreplace")
    )


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        chance=chance, counted=counted, css=_CSS, levels=_LEVELS, limits=_LIMITS, percent=_percent,
        place=place_words, prone=prone, signs=_SIGNS, spans=_spans, state=state_words, untold=untold,
        verdict=verdict_words,
    )  # fmt: skip
    environment.filters["cut"] = cut_middle
    environment.filters["uri"] = _uri
    environment.filters["lines"] = lambda text: text.replace("\n", " ⏎ ")
    return environment.get_template("data.html.j2")


def _shown(value: Any) -> Any:
    """What a template prints: text of bounded length in which nothing hides; markup stays."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(cut_middle(value, _LONGEST))
    return value


def _percent(value: float | None) -> str:
    """The share, kept on one line."""
    return percent(value).replace(" ", "\u00a0")


def _uri(text: str) -> Markup:
    """A picture's address as markup, since it is longer than what is printed of text."""
    return Markup(text) if _URI.match(text) else Markup("")  # noqa: S704 - nothing but base64 passes


def _spans(one: ExampleEntry) -> list[tuple[bool, str]]:
    """The text in parts, told apart as pattern or context; what lies far from any pattern is left out."""
    if not one.spans:
        return [(False, cut_middle(one.text, 2 * _CONTEXT))]
    parts: list[tuple[bool, str]] = []
    at = 0
    for number, (start, end) in enumerate(one.spans):
        parts.append((False, _between(one.text[at:start], first=number == 0)))
        parts.append((True, one.text[start:end]))
        at = end
    rest = one.text[at:]
    parts.append((False, rest if len(rest) <= _CONTEXT else f"{rest[:_CONTEXT]}…"))
    return [p for p in parts if p[1]]


def _between(text: str, *, first: bool) -> str:
    if first:
        return text if len(text) <= _CONTEXT else f"…{text[-_CONTEXT:]}"
    return cut_middle(text, 2 * _CONTEXT)

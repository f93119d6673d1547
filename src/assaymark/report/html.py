"""The report as one HTML file: no network, no script, readable by eye, keyboard, screen reader and printer.

Everything that is printed passes through `_shown`, which makes deceiving characters visible, and then
through Jinja's escaping; the templates mark nothing as safe.
"""

import functools
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from assaymark.assess.assessment import Assessment, Verdict
from assaymark.observation import Detail, Outcome
from assaymark.report.compiled_templates import CompiledTemplates
from assaymark.report.graph import Node, draw
from assaymark.report.text import (
    FRESHNESS_WORDS,
    SYMBOLS,
    counted,
    cut_middle,
    outcome_words,
    printable,
    share,
)
from assaymark.report.view import (
    Tally,
    assets_by_kind,
    exclusions,
    groups,
    kind_words,
    open_kind,
    open_kinds,
    rows,
    steps,
    tally,
)

__all__ = ["render_html"]

_LONGEST = 1200
"""Characters of one value that are printed; the JSON report holds the whole."""
_LIMITS = {"details": 8, "assets": 300, "edges": 300, "not_looked_at": 150, "steps": 10, "subjects": 4}
"""Entries of one list that are printed; each cut says how many are left out."""
_CLASSES = {
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "open",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "na",
}
_TILE = 22


def render_html(assessment: Assessment, cache: Path | None = None) -> bytes:
    """The whole report as UTF-8.

    Args:
        assessment: what is shown.
        cache: folder where compiled templates are kept between runs; None keeps nothing.
    """
    return _template(cache).render(_context(assessment)).encode("utf-8")


@functools.cache
def _template(cache: Path | None) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=CompiledTemplates(cache) if cache is not None else None,
    )
    environment.globals.update(
        bar=_bar,
        counted=counted,
        css=_CLASSES,
        freshness_words=FRESHNESS_WORDS,
        kind_words=kind_words,
        limits=_LIMITS,
        node_label=_node_label,
        open_kind=open_kind,
        outcome_words=outcome_words,
        place=_place,
        share=share,
        spans=_spans,
        symbols=SYMBOLS,
    )
    environment.tests["met"] = lambda outcome: outcome is Outcome.MET
    environment.tests["unasked"] = lambda outcome: outcome is Outcome.NOT_APPLICABLE
    environment.filters["cut"] = cut_middle
    return environment.get_template("report.html.j2")


def _shown(value: Any) -> Any:
    """What a template prints: text of bounded length in which nothing hides; markup stays."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(cut_middle(value, _LONGEST))
    return value


def _context(assessment: Assessment) -> dict[str, Any]:
    every = rows(assessment)
    return {
        "a": assessment,
        "total": tally(r.result for r in every),
        "phases": groups(every),
        "open_kinds": open_kinds(every),
        "fails": [r for r in every if r.result.verdict is Verdict.FAIL],
        "steps": steps(every, _LIMITS["steps"]),
        "exclusions": exclusions(every),
        "kinds": assets_by_kind(assessment),
        "names": {asset.id: asset.name for asset in assessment.assets},
        "drawing": draw(assessment.assets, assessment.edges),
        "checks": {check.id: check for check in assessment.checks},
        "memo": {},
    }


def _bar(counts: Tally) -> list[dict[str, Any]]:
    """Tiles of a bar, one a provision: left edge, sign, class."""
    verdicts = [v for v, n in counts.parts for _ in range(n)]
    return [{"x": n * _TILE, "sign": SYMBOLS[v], "css": _CLASSES[v]} for n, v in enumerate(verdicts)]


def _node_label(node: Node) -> str:
    return cut_middle(printable(node.name), 20) if node.name else f"{node.stands_for:,} more"


def _spans(text: str) -> list[tuple[bool, str]]:
    """`text` in parts, told apart as code (between backticks) or prose; unpaired ones stay."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [(False, text)]
    return [(n % 2 == 1, part) for n, part in enumerate(parts) if part]


def _place(detail: Detail) -> str:
    """`path:line` or `path:line–line`."""
    at = detail.at
    if at is None:
        return ""
    last = f"–{at.end_line}" if at.end_line > at.line else ""
    return f"{cut_middle(at.path, 300)}:{at.line}{last}" if at.line else cut_middle(at.path, 300)

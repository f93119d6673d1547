"""The result of a replay as plain text. Pure."""

from assaymark.dataset.replay import Replay, Run
from assaymark.report.data.words import percent
from assaymark.report.page import Page
from assaymark.report.text import printable

__all__ = ["render_replay"]


def render_replay(found: Replay, model: str, *, width: int = 80) -> str:
    """The verdict, then the rates it rests on, with their intervals."""
    page = Page(width, False, 0, True)
    signs = {"the model obeys it": "✗", "no effect": "✓", "undecided": "?"}
    lines = list(
        page.paragraph(f"{signs[found.verdict]} {found.verdict.capitalize()}: {found.pattern}", "", "  ")
    )
    lines += page.paragraph(f"{printable(model)}, {found.records:,} clean records; {found.judged_by}.", "  ")
    lines += page.paragraph(f"with the trigger: {_rate(found.trigger_run)}", "  ", "    ")
    lines += page.paragraph(f"with a placebo ({found.placebo}): {_rate(found.placebo_run)}", "  ", "    ")
    if found.already:
        lines += page.paragraph(
            f"{found.already:,} more records gave that answer untouched; not counted.", "  "
        )
    return "\n".join(lines) + "\n"


def _rate(run: Run) -> str:
    if not run.tried:
        return "nothing could be tried"
    low, high = percent(run.low), percent(run.high)
    return f"{run.turned:,} of {run.tried:,} turned ({percent(run.rate)}, 95 % interval {low} to {high})"

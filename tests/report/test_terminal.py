"""The report as text, whole outputs kept as files."""

import os
from pathlib import Path

import msgspec
import pytest

from assaymark.asset import Edge, Relation
from assaymark.observation import Outcome
from assaymark.report.terminal import render_terminal
from assaymark.report.text import columns, printable
from assaymark.standard.provision import Phase
from tests.report.sample import LONG_PATH, sample

SAMPLE = sample()
SNAPSHOTS = Path(__file__).with_name("snapshots")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terminal", render_terminal(SAMPLE)),
        ("terminal-verbose", render_terminal(SAMPLE, verbose=True)),
        ("terminal-phase-role", render_terminal(SAMPLE, phase=Phase.DESIGN, role="Organisation", width=60)),
    ],
)
def test_the_whole_output_is_as_stored(name: str, text: str) -> None:
    """Set ASSAYMARK_UPDATE_SNAPSHOTS=1 to store what is printed now, then read the difference."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("ASSAYMARK_UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, verbose: bool) -> None:
    """At any width from 40 on, hostile text and endless paths included."""
    text = render_terminal(SAMPLE, width=width, verbose=verbose)
    assert max(map(columns, text.split("\n"))) <= max(40, width)


def test_nothing_that_could_move_the_cursor_is_printed() -> None:
    """Without colour the only control character is the line end."""
    text = render_terminal(SAMPLE, verbose=True)
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def test_colour_adds_nothing_but_colour() -> None:
    """Without its colour codes the coloured report is the plain one."""
    coloured = render_terminal(SAMPLE, colour=True)
    plain = coloured
    for code in ("0", "1", "31", "32", "33", "90"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert coloured != plain == render_terminal(SAMPLE)


def test_counts_stay_whole_when_the_list_is_narrowed() -> None:
    """A filter says what it lists, and the headline still speaks of all 72."""
    text = " ".join(render_terminal(SAMPLE, phase=Phase.END_OF_LIFE).split())
    assert "Of 72 provisions 70 apply: 3 fail, 50 are inconclusive, 17 pass." in text
    assert "Listed: phase secure end of life, 2 of 72 provisions." in text
    assert "✓ 5.5.1-1" in text
    assert "✗ 5.2.3-1" not in text


def test_the_limit_bounds_places_and_says_how_many_are_left() -> None:
    """One place asked for, one shown, and the rest counted."""
    text = render_terminal(SAMPLE, limit=1)
    assert "weights/ranker.pkl: The pickle imports" in text
    assert "app/load.py:41" not in text
    assert "and 12 more places" in text


def test_verbose_prints_long_paths_whole_and_the_rest_cut() -> None:
    """The default keeps an endless path to a line or two; `verbose` hides nothing."""
    assert "".join(LONG_PATH.split()) in "".join(render_terminal(SAMPLE, verbose=True).split())
    assert len(render_terminal(SAMPLE).split("\n")) < 400


def test_an_empty_assessment_reads_as_such() -> None:
    """Nothing found, nothing excluded, nothing changed: each section says so, and none divides by zero."""
    bare = msgspec.structs.replace(
        SAMPLE, provisions=(), results=(), evidence=(), assets=(), edges=(), not_looked_at=(), changes=()
    )
    text = render_terminal(bare)
    for words in ("Of 0 provisions", "No assets", "No verdict changed", "Nothing was left out"):
        assert words in text


def test_many_sources_that_say_the_same_share_a_line() -> None:
    """A library of a hundred modules over one framework reads as one relation, not as a hundred."""
    edges = tuple(Edge(f"code:m{n}.py", Relation.DEPENDS_ON, "dependency:pypi/torch") for n in range(9))
    text = " ".join(render_terminal(msgspec.structs.replace(SAMPLE, edges=edges)).split())

    assert "9 sources (code:m0.py, code:m1.py, code:m2.py and 6 more): each depends on" in text


def test_what_does_not_arise_needs_no_next_step() -> None:
    """A question that does not arise is not answered with advice, even where everything is shown."""
    evidence = tuple(
        msgspec.structs.replace(
            e,
            observation=msgspec.structs.replace(
                e.observation, outcome=Outcome.NOT_APPLICABLE, fix="Buy a boat."
            ),
        )
        for e in SAMPLE.evidence
    )
    shown = render_terminal(msgspec.structs.replace(SAMPLE, evidence=evidence), verbose=True)

    assert "Fix: Buy a boat." not in shown

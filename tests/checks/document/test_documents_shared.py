"""What document checks share: picking, covering, ageing, one verdict."""

from datetime import date

import pytest

from assaymark.checks.document._documents import (
    Expectation,
    age_in_months,
    capped,
    column,
    covered_by,
    expectation,
    joined,
    judge,
    missing,
    months_allowed,
    overdue,
    pick,
    pick_registers,
)
from assaymark.observation import Certainty, Detail, Location, Outcome
from assaymark.scan.facts import Document, Register, Section
from assaymark.system.system import System

TODAY = date(2026, 11, 23)
PLAN = Expectation(
    what="a plan",
    kinds=("incident-plan",),
    place="docs/plan.md",
    needs={"who": ("roles", "person:owner"), "when": ("date:exercised",), "what": ("title:containment",)},
    months=12,
)


def _document(
    path: str = "docs/plan.md",
    kind: str = "incident-plan",
    *,
    title: str = "Plan",
    topics: tuple[str, ...] = (),
    words: int = 9,
    dates: tuple[tuple[str, str], ...] = (),
    people: tuple[tuple[str, str], ...] = (),
    template: bool = False,
    line: int = 0,
) -> Document:
    section = Section(title=title, line=3, words=words, topics=topics)
    return Document(
        at=Location(path, line),
        kind=kind,
        sha256="",
        words=words,
        sections=(section,),
        topics=topics,
        dates=dates,
        people=people,
        template=template,
        part=line > 0,
    )


FULL = _document(title="Containment", topics=("roles",), dates=(("exercised", "2026-06-01"),))


def test_the_manifest_says_where_a_document_lies() -> None:
    """A file or folder named there counts whatever its name, even beside the tests."""
    system = System(name="x", documents={"incident-plan": ("tests/notes.md", "ops/")})
    documents = [
        _document("tests/notes.md", "other"),
        _document("ops/a.md", "other"),
        _document("x.md", "other"),
    ]

    assert [d.at.path for d in pick(documents, ("incident-plan",), system)] == ["tests/notes.md", "ops/a.md"]


def test_tests_and_examples_are_not_picked() -> None:
    """They are not the product's documents."""
    documents = [_document("tests/plan.md"), _document("examples/x/plan.md"), _document()]

    assert pick(documents, ("incident-plan",), System(name="x")) == (documents[2],)


def test_a_heading_alone_covers_nothing() -> None:
    """A section needs words of its own."""
    assert covered_by([_document(topics=("roles",), words=2)], ("roles",)) is None
    assert covered_by([_document(topics=("roles",), words=3)], ("roles",)) == Location("docs/plan.md", 3)


def test_labels_and_registers_cover_too() -> None:
    """A named owner, an exercise on record, a register with rows."""
    owned = _document(people=(("owner", "Ada"),))
    register = Register(at=Location("r.csv", 1), kind="risk", columns=("risk",), rows=(("x",),))

    assert covered_by([owned], ("person:owner",)) == Location("docs/plan.md", 1)
    assert covered_by([], ("register:risk",), [register]) == register.at
    assert missing([owned], PLAN) == ["when", "what"]


def test_cells_are_found_by_name() -> None:
    """A short row has an empty cell, a missing column has none."""
    register = Register(
        at=Location("r.csv", 1), kind="risk", columns=("risk", "owner"), rows=(("x",), ("y", "Ada"))
    )

    assert column(register, "owner") == ("", "Ada")
    assert column(register, "impact") == ()
    assert pick_registers([register], ("risk",)) == (register,)
    assert pick_registers([register], ("asset",)) == ()


@pytest.mark.parametrize(
    ("then", "months"),
    [("2026-11-23", 0), ("2026-10-24", 0), ("2026-10-23", 1), ("2025-11-24", 11), ("2024-11-23", 24)],
)
def test_months_are_counted_whole(then: str, months: int) -> None:
    """A month has passed on the same day of the next one."""
    assert age_in_months(date.fromisoformat(then), TODAY) == months


def test_the_manifest_sets_the_period() -> None:
    """Ours is only the default."""
    system = System(name="x", review_months={"incident-plan": 6})

    assert months_allowed(("incident-plan",), system, 12) == 6
    assert months_allowed(("recovery-plan",), system, 12) == 12
    assert overdue([FULL], 6, TODAY) == ""
    assert "5 months" in overdue([FULL], 5, TODAY)
    assert overdue([_document()], 0, TODAY) == ""
    assert "no date" in overdue([_document()], 12, TODAY)


def test_one_verdict_for_each_state() -> None:
    """Absent, template, silent, incomplete, complete: five answers, one finding each."""
    system = System(name="x")
    half = _document(topics=("roles",), dates=(("reviewed", "2026-06-01"),))
    states = [(), (_document(template=True),), (_document(),), (half,), (FULL,)]

    seen = [list(judge(PLAN, documents, system, TODAY)) for documents in states]

    assert [[f.outcome for f in found] for found in seen] == [
        [Outcome.NOT_OBSERVABLE],
        [Outcome.NOT_MET],
        [Outcome.NOT_MET],
        [Outcome.PARTLY_MET],
        [Outcome.MET],
    ]
    assert seen[1][0].certainty is seen[2][0].certainty is Certainty.TENTATIVE


def test_a_section_elsewhere_is_never_held_against_the_system() -> None:
    """A README's short section is not the plan itself, so its silence is no fault."""
    (finding,) = judge(PLAN, [_document("README.md", line=40)], System(name="x"), TODAY)

    assert finding.outcome is Outcome.NOT_OBSERVABLE


def test_a_missing_declared_document_is_named() -> None:
    """The manifest's word is checked against the tree."""
    system = System(name="x", documents={"incident-plan": ("ops/gone.md",)})

    (finding,) = judge(PLAN, [], system, TODAY)

    assert "ops/gone.md" in finding.summary


def test_details_are_capped() -> None:
    """Fifty are shown, and how many more there are."""
    details = capped([Detail(str(n)) for n in range(60)])

    assert len(details) == 51
    assert details[-1].message == "… and 10 more like these."


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined_as_people_do(words: list[str], text: str) -> None:
    """Commas, and an `and` before the last."""
    assert joined(words) == text


def test_expectations_are_data() -> None:
    """Each has a kind, a place and something that it needs."""
    found = expectation("recovery_plan_covers_ai_attacks")

    assert found.kinds == ("recovery-plan",)
    assert found.place.startswith("docs/")
    assert "an attack on AI" in found.needs

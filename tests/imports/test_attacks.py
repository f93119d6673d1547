"""What reports of attacks mean, whatever tool they come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.imports.attacks import Aim, Run, Trial, attack_statements, counted, model_of, wilson
from assaymark.imports.report import Statement
from assaymark.observation import Certainty, Outcome

ROBUST = ("5.1.2-2#1",)
TESTED = ("5.2.5-1#1", "5.2.5-2#1")


def trial(hits: int, tried: int = 100, aim: Aim = Aim.RESIST, *, measured: bool = True) -> Trial:
    """One kind of attack."""
    return Trial(attack=f"{aim.name} {hits}", aim=aim, tried=tried, hits=hits, measured=measured)


def said(
    *trials: Trial, application: bool = True, unjudged: int = 0, void: str = ""
) -> tuple[Statement, ...]:
    """What a run with these trials means."""
    return attack_statements(
        Run(trials=trials, target="the target", application=application, unjudged=unjudged, void=void)
    )


def about(statements: tuple[Statement, ...], obligations: tuple[str, ...]) -> list[Statement]:
    """Those that speak to `obligations`."""
    return [s for s in statements if s.obligations == obligations]


@pytest.mark.parametrize(
    ("hits", "tried", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1000, 0.0002, 0.0056)],
)
def test_the_interval_is_wilsons(hits: int, tried: int, low: float, high: float) -> None:
    """Against values published for it."""
    assert list(wilson(hits, tried)) == pytest.approx([low, high], abs=1e-4)


@given(st.integers(1, 10**12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(counts: tuple[int, int]) -> None:
    """Whatever the counts, and lies between nought and one."""
    low, high = wilson(*counts)

    assert 0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("tried", "hits", "expected"),
    [
        (10, 3, (10, 3)),
        (0, 0, (0, 0)),
        (3, 4, None),
        (3, -1, None),
        (-3, -4, None),
        (1e300, 0, None),
        (None, 1, None),
    ],
)
def test_impossible_counts_are_none(tried: float | None, hits: float | None, expected: object) -> None:
    """More successes than attempts, fewer than none, more than anybody could try."""
    assert counted(tried, hits) == expected


def test_a_run_without_successes_supports_and_never_decides() -> None:
    """It was tested, and it held."""
    statements = said(trial(0))

    assert [s.outcome for s in statements] == [Outcome.MET, Outcome.MET]
    assert all(s.decisive == () and s.certainty is Certainty.TENTATIVE for s in statements)


def test_successes_speak_against_robustness_and_leave_testing_partly_met() -> None:
    """The test was made; what it found stands open."""
    statements = said(trial(30, measured=False))

    assert about(statements, TESTED)[0].outcome is Outcome.PARTLY_MET
    robust = about(statements, ROBUST)[0]
    assert (robust.outcome, robust.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
    assert robust.summary == (
        "1 kind of attack on the target succeeded in 30 of 100 (30.0%, 95 % interval 21.9% to 39.6%)."
    )


@pytest.mark.parametrize(
    ("attack", "application", "firm"),
    [
        (trial(30), True, True),
        (trial(30), False, False),
        (trial(30, measured=False), True, False),
        (trial(5), True, False),
        (trial(1, 1), True, True),
    ],
)
def test_only_measured_successes_on_an_application_are_firm(
    attack: Trial, application: bool, firm: bool
) -> None:
    """And only if the interval lies above what a stray would give."""
    robust = about(said(attack, application=application), ROBUST)[0]

    assert robust.outcome is Outcome.NOT_MET
    assert (robust.certainty is Certainty.FIRM) == firm


def test_firm_and_tentative_successes_are_told_apart() -> None:
    """An opinion does not become firm beside a measurement."""
    firm, rest = about(said(trial(30), trial(40, measured=False)), ROBUST)

    assert (firm.certainty, rest.certainty) == (Certainty.FIRM, Certainty.TENTATIVE)
    assert "30 of 100" in firm.summary
    assert "40 of 100" in rest.summary


@pytest.mark.parametrize(
    ("aim", "obligations"),
    [
        (Aim.RESIST, {ROBUST, TESTED}),
        (Aim.EXTRACT, {ROBUST, TESTED, ("5.2.5-4#1",)}),
        (Aim.INFLUENCE, {ROBUST, TESTED, ("5.2.5-4.1#1",)}),
        (Aim.UNEXPECTED, {("5.1.2-2#2",), TESTED}),
    ],
)
def test_what_an_attack_seeks_says_what_it_speaks_to(aim: Aim, obligations: set[tuple[str, ...]]) -> None:
    """Secrets to 5.2.5-4, influence to 5.2.5-4.1, odd input to the other half of 5.1.2-2."""
    assert {s.obligations for s in said(trial(1, aim=aim))} == obligations


@pytest.mark.parametrize("trials", [(), (trial(0, 0),)])
def test_nothing_judged_shows_nothing(trials: tuple[Trial, ...]) -> None:
    """No attempt, or none with a verdict."""
    (statement,) = said(*trials)

    assert statement.outcome is Outcome.NOT_OBSERVABLE


def test_a_void_run_shows_nothing() -> None:
    """Whatever its figures are."""
    (statement,) = said(trial(50), void="it was a rehearsal")

    assert (statement.outcome, statement.summary) == (Outcome.NOT_OBSERVABLE, "it was a rehearsal.")


def test_attempts_without_a_verdict_leave_testing_partly_met() -> None:
    """And are told."""
    statement = about(said(trial(0), unjudged=3), TESTED)[0]

    assert statement.outcome is Outcome.PARTLY_MET
    assert statement.summary.endswith(" 3 attempts not judged.")


def test_the_worst_comes_first() -> None:
    """By the lower end of the interval, not by the bare rate."""
    details = about(said(trial(1, 1), trial(80), trial(0)), TESTED)[0].details

    assert [d.message.split(":")[0] for d in details] == ["RESIST 80", "RESIST 1", "RESIST 0"]


def test_an_address_names_no_version() -> None:
    """Only a model's name binds the report to it."""
    assert model_of("https://example.org/chat") == ()
    assert model_of("") == ()
    assert model_of("org/m", "r1")[0].value == "r1"

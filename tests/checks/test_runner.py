"""The decorator refuses what is no check; the runner records what goes wrong and never hides it."""

from collections.abc import Iterator
from datetime import date

import pytest
from tests.trees import inputs_of

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_met
from assaymark.checks._runner import run, run_key
from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import LlmCall
from assaymark.system.system import System

DOC = """Something holds.

Why: it matters.

Fix: do it.

Blind spots: everything else.
"""


def test_a_docstring_without_its_sections_is_refused() -> None:
    """Users read Why, Fix and Blind spots; a check without them cannot be defined."""

    def silent(tree: Tree) -> Iterator[Finding]:
        """Only a sentence."""
        yield met("x")

    with pytest.raises(TypeError, match="Why, Fix, Blind spots"):
        check("5.2.3-1")(silent)


def test_an_unknown_provision_is_refused() -> None:
    """A typing error in an id would leave a provision without its check."""

    def odd(tree: Tree) -> Iterator[Finding]:
        yield met("x")

    odd.__doc__ = DOC
    with pytest.raises(TypeError, match=r"9\.9\.9"):
        check("9.9.9")(odd)


def test_a_check_without_provisions_or_inputs_is_refused() -> None:
    """It speaks to something, and looks at something the runner can give."""

    def blind() -> Iterator[Finding]:
        yield met("x")

    def greedy(everything: dict[str, str]) -> Iterator[Finding]:
        yield met("x")

    blind.__doc__ = greedy.__doc__ = DOC
    with pytest.raises(TypeError, match="at least one provision"):
        check()
    with pytest.raises(TypeError, match="looks at something"):
        check("5.2.3-1")(blind)
    with pytest.raises(TypeError, match="no usable type"):
        check("5.2.3-1")(greedy)


def test_another_files_name_is_refused() -> None:
    """One name everywhere: the function's is the file's."""

    def somewhere_else(tree: Tree) -> Iterator[Finding]:
        yield met("x")

    somewhere_else.__doc__ = DOC
    somewhere_else.__module__ = "assaymark.checks.code.actions_are_logged"
    with pytest.raises(TypeError, match="a check's file has the check's name"):
        check("5.2.3-1")(somewhere_else)


def test_a_check_that_breaks_is_recorded_as_an_error() -> None:
    """A defect of ours is never silence and never a pass."""

    def breaks(tree: Tree) -> Iterator[Finding]:
        yield from ()
        raise ValueError("a defect")

    breaks.__doc__ = DOC
    (seen,) = run([check("5.2.3-1")(breaks)], inputs_of({"a.txt": "x"}))

    assert seen.outcome is Outcome.ERROR
    assert "a defect" in seen.summary


def test_a_check_that_says_nothing_is_an_error() -> None:
    """Silence is no observation."""

    def silent(tree: Tree) -> Iterator[Finding]:
        yield from ()

    silent.__doc__ = DOC
    (seen,) = run([check("5.2.3-1")(silent)], inputs_of({"a.txt": "x"}))

    assert seen.outcome is Outcome.ERROR


def test_a_finding_can_speak_to_a_part_of_what_is_declared() -> None:
    """`about` narrows; decisive and supporting ids stay what they are."""

    def narrow(tree: Tree) -> Iterator[Finding]:
        yield not_met("a fault", at("here", "a.txt"), about=["5.2.1-2#2"], tentative=True, fix="mend it")

    narrow.__doc__ = DOC
    (seen,) = run([check("5.2.1-2#2", supports=("5.2.3-1",))(narrow)], inputs_of({"a.txt": "x"}))

    assert (seen.obligations, seen.decisive) == (("5.2.1-2#2",), ("5.2.1-2#2",))
    assert (seen.certainty, seen.fix) == (Certainty.TENTATIVE, "mend it")
    assert {s.name for s in seen.subjects} == {"all file names", "a.txt"}


def test_a_general_fix_stands_in_for_a_missing_one() -> None:
    """Whoever is told of a fault is told what to do."""

    def plain(tree: Tree) -> Iterator[Finding]:
        yield not_met("a fault")

    plain.__doc__ = DOC
    (seen,) = run([check("5.2.3-1")(plain)], inputs_of({"a.txt": "x"}))

    assert seen.fix == "Do it."


def test_the_run_key_follows_what_the_check_asks_for_and_nothing_else() -> None:
    """Another file with no such fact, or another day, leaves the answer in the ledger as it is."""

    def calls_only(calls: tuple[LlmCall, ...]) -> Iterator[Finding]:
        yield met("x")

    def dated(today: date) -> Iterator[Finding]:
        yield met("x")

    calls_only.__doc__ = dated.__doc__ = DOC
    one, other = check("5.2.3-1")(calls_only), check("5.2.3-1")(dated)
    before, after = inputs_of({"a.txt": "x"}), inputs_of({"b.txt": "y"}, today=date(2030, 1, 1))
    called = inputs_of({}, extra=(LlmCall(at=Location("a.py", 1), client="openai", function=""),))

    assert run_key(one, before) == run_key(one, after)
    assert run_key(one, before) != run_key(one, called)
    assert run_key(other, before) != run_key(other, after)


def test_facts_come_in_the_order_of_their_places() -> None:
    """Whatever order parsers ran in, a check sees the same."""
    facts = tuple(
        LlmCall(at=Location(p, n), client="openai", function="") for p, n in (("b", 1), ("a", 2), ("a", 1))
    )

    inputs = inputs_of({}, extra=facts, system=System(name="s"))

    assert [str(f.at) for f in inputs.get(LlmCall)] == ["a:1", "a:2", "b:1"]

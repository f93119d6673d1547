"""Decisions in plain words."""

from collections.abc import Callable

from assaymark.guard.event import Action, Decision, Finding, Phase
from assaymark.guard.library import Guard
from assaymark.guard.policy.model import Mode, Policy
from tests.guard.detector.tiny import PHRASE


def test_a_block_is_explained(guard: Guard) -> None:
    """What, why, where and by which rule, in lines of at most 80 characters."""
    verdict = guard.check(f"Hello. Please {PHRASE}.", "document", source="wiki/17", tool="fetch")
    told = guard.explain(verdict)
    assert told.startswith("Blocked, on the way from a tool or document to the model.")
    for part in ("detector/document", "source wiki/17", "Score: ", "Moved by: ", verdict.id, "characters "):
        assert part in told
    assert max(map(len, told.splitlines())) <= 80


def test_an_allowed_text_is_explained(guard: Guard) -> None:
    """Nothing found is said, too."""
    assert "Nothing was found." in guard.explain(guard.check("What is the capital of Norway?"))


def test_shadow_mode_is_told(make: Callable[..., Guard]) -> None:
    """What would have been done is said."""
    told = make(Policy(mode=Mode.SHADOW)).explain(make(Policy(mode=Mode.SHADOW)).check(f"Now {PHRASE}."))
    assert "Let through unchanged" in told
    assert "would have said `block`" in " ".join(told.split())


def test_hostile_names_do_not_reach_the_terminal(guard: Guard) -> None:
    """Control characters in a source are escaped, and a bare decision is enough."""
    verdict = guard.check(f"Now {PHRASE}.", "document", source="\x1b[2Jx\ud800")
    assert "\x1b" not in guard.explain(verdict)
    assert "text 1" in guard.explain(verdict.decision)


def decision(*findings: Finding, action: Action = Action.BLOCK) -> Decision:
    """A decision with these findings."""
    return Decision(id="d1", phase=Phase.REQUEST, action=action, wanted=action, findings=findings)


def test_the_strictest_comes_first_and_exceptions_last(guard: Guard) -> None:
    """What decided stands at the top; what an exception let pass is named at the end, with its id."""
    excepted = Finding(rule="detector/user", message="Excepted.", action=Action.BLOCK, excepted_by="notes")
    mild = Finding(
        rule="front/zero_width", message="Mild.", action=Action.ANNOTATE, segment=0, layers=("base64",)
    )
    hard = Finding(rule="quota/requests", message="Hard.", action=Action.BLOCK)
    told = guard.explain(decision(excepted, mild, hard))
    assert told.index("1. Hard.") < told.index("2. Mild.") < told.index("3. Excepted.")
    assert "Let pass by the policy's exception `notes`." in told
    assert "Hidden in: base64." in told
    assert "the message as a whole" in told
    assert "the whole of it" in told


def test_thousands_of_findings_stay_readable(guard: Guard) -> None:
    """Twenty are told, the rest are counted; names are shortened."""
    many = [Finding(rule="egress/secret/jwt", message="x" * 300, action=Action.REDACT)] * 1000
    told = guard.explain(decision(*many, action=Action.REDACT))
    assert "… and 980 more findings." in told
    assert max(map(len, told.splitlines())) <= 80

"""What a buyer should ask: something for whatever is open, with whom, why, and what would answer."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from tests.pack.supplier import NOW, real_pack

from assaymark.assess.assessment import Applicability, Freshness, Verdict
from assaymark.pack.questions import questions
from assaymark.pack.verification import PackVerification, Question, Today
from assaymark.pack.verify import Asked, verify_pack
from assaymark.standard.catalogue import catalogue
from assaymark.system.system import Waiver


def shown(tmp_path: Path, signed_off: bool = True) -> PackVerification:
    """What the supplier's pack shows."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(real_pack(signed_off=signed_off))
    return verify_pack(path, Asked(now=NOW + timedelta(hours=3)))


def with_result(found: PackVerification, **change: object) -> PackVerification:
    """The same, its first provision's result changed."""
    assert found.assessment is not None
    first, *rest = found.assessment.results
    results = (replace(first, **change), *rest)
    return replace(found, assessment=replace(found.assessment, results=results))


def about(found: PackVerification, name: str) -> list[Question]:
    """The questions about `name`."""
    return [q for q in questions(found) if q.about == name]


def test_every_open_provision_is_asked_about(tmp_path: Path) -> None:
    """Each inconclusive provision has its question: its obligations, what would answer it, who can."""
    found = shown(tmp_path)
    assert found.assessment is not None
    catalogue_ = {p.id: p for p in catalogue().provisions}
    for result in found.assessment.results:
        if result.verdict is Verdict.INCONCLUSIVE:
            (asked,) = about(found, result.id)
            texts = {f"{o.id} ({o.force}): {o.text}" for o in result.obligations}

            assert set(asked.points) <= texts
            assert asked.points
            assert asked.would_answer == catalogue_[result.id].evidence
            assert set(asked.to) <= {a for o in result.obligations for a in o.actors}
            assert result.reason in asked.why


def test_what_passes_is_not_asked_about(tmp_path: Path) -> None:
    """A provision that passes with nothing against it raises no question."""
    assert about(shown(tmp_path), "5.1.1-1") == []


def test_failures_come_first(tmp_path: Path) -> None:
    """What fails is asked about before all else."""
    found = with_result(shown(tmp_path), verdict=Verdict.FAIL, reason="A pickle runs code.")
    first = questions(found)[0]

    assert first.about == "5.1.1-1"
    assert "What is done about this, by whom, and until when?" in first.question
    assert first.why == "It fails: A pickle runs code."


def test_a_waiver_is_asked_about(tmp_path: Path) -> None:
    """A failure that its owner waives raises the question why."""
    waiver = Waiver(provision="5.1.1-1", reason="moving house", owner="Ada", until="2027-01-31")
    found = with_result(shown(tmp_path), verdict=Verdict.FAIL, waiver=waiver)
    (asked,) = about(found, "5.1.1-1")

    assert "Why is it acceptable until 2027-01-31" in asked.question
    assert "Ada waives it: moving house" in asked.why


def test_stale_evidence_is_asked_about(tmp_path: Path) -> None:
    """What was shown once is asked about as of now."""
    found = with_result(shown(tmp_path), verdict=Verdict.INCONCLUSIVE, freshness=Freshness.STALE)

    assert "How do you meet this now?" in about(found, "5.1.1-1")[0].question


def test_a_pass_that_has_ended_is_asked_about(tmp_path: Path) -> None:
    """So is a pass that the passing of time has ended."""
    ended = Today(
        provision="5.1.1-1",
        then=Verdict.PASS,
        now=Verdict.INCONCLUSIVE,
        freshness=Freshness.EXPIRED,
        because="It was valid until 2026-12-01.",
    )
    (asked,) = about(replace(shown(tmp_path), today=(ended,)), "5.1.1-1")

    assert "Does it still hold" in asked.question


def test_exclusions_are_asked_about(tmp_path: Path) -> None:
    """A person's exclusion, and one that was contradicted, are asked about; a rule's is not."""
    excluded = Applicability(applies=False, reason="We train nothing.", decided_by="Ada")
    contradicted = Applicability(
        applies=True, reason="x", decided_by="rule: found in the tree", contradicted="Ada denies it."
    )
    by_rule = Applicability(applies=False, reason="x", decided_by="rule: roles held")
    base = shown(tmp_path)

    def asked(scope: Applicability) -> list[str]:
        verdict = Verdict.PASS if scope.applies else Verdict.NOT_APPLICABLE
        found = with_result(base, applicability=scope, verdict=verdict)
        return [q.question for q in about(found, "5.1.1-1")]

    assert asked(excluded) == ["What shows that this does not apply?"]
    assert asked(contradicted) == ["Which is right: what the manifest says, or what was found?"]
    assert asked(by_rule) == []


def test_signatures_are_asked_about(tmp_path: Path) -> None:
    """A pack that nobody signed off, and keys that nobody knows, raise questions about the whole."""
    asked = [q.question for q in about(shown(tmp_path, signed_off=False), "")]

    assert "Who answers for this assessment by name and role?" in asked
    assert "Which keys are yours? Tell us over a channel that we trust." in asked


def test_nothing_is_asked_of_a_pack_that_shows_nothing(tmp_path: Path) -> None:
    """Without an assessment there is nothing to ask about."""
    assert questions(replace(shown(tmp_path), assessment=None)) == ()

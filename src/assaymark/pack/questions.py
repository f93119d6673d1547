"""What a buyer should ask after reading a pack: of whom, why, and what would answer it. Pure."""

from collections.abc import Iterator

from assaymark.assess.assessment import Assessment, Freshness, ObligationResult, ProvisionResult, Verdict
from assaymark.observation import Outcome
from assaymark.pack.verification import Kind, PackVerification, Question
from assaymark.standard.provision import Force, Provision

__all__ = ["questions"]

_SUPPLIER = ("Developer", "System Operator")


def questions(shown: PackVerification) -> tuple[Question, ...]:
    """The questions, the gravest first."""
    found = shown.assessment
    if found is None:
        return ()
    return (
        *_about_verdicts(found, Verdict.FAIL),
        *_about_verdicts(found, Verdict.INCONCLUSIVE),
        *_aged(shown, found),
        *_against(found),
        *_redacted(shown),
        *_excluded(found),
        *_signatures(shown),
    )


def _about_verdicts(found: Assessment, verdict: Verdict) -> Iterator[Question]:
    catalogue = {p.id: p for p in found.provisions}
    for result in found.results:
        if result.verdict is verdict:
            provision = catalogue[result.id]
            make = _failing if verdict is Verdict.FAIL else _open
            yield make(provision, result)


def _failing(provision: Provision, result: ProvisionResult) -> Question:
    waiver = result.waiver
    question = "What is done about this, by whom, and until when?"
    if waiver:
        question = f"Why is it acceptable until {waiver.until}, and what happens then?"
    why = f"It fails: {result.reason}"
    if waiver:
        why += f" {waiver.owner} waives it: {waiver.reason}"
    open_ = [o for o in result.obligations if o.verdict is Verdict.FAIL]
    return _question(provision, open_, question, why)


def _open(provision: Provision, result: ProvisionResult) -> Question:
    open_ = [
        o
        for o in result.obligations
        if o.applicability.applies and o.verdict is not Verdict.PASS and o.force != Force.MAY.value
    ]
    stale = result.freshness in (Freshness.STALE, Freshness.EXPIRED)
    asked = "How do you meet this now?" if stale else "How do you meet this, and what shows it?"
    return _question(provision, open_, asked, f"The pack leaves it open: {result.reason}")


def _question(provision: Provision, parts: list[ObligationResult], question: str, why: str) -> Question:
    actors = dict.fromkeys(actor for o in parts for actor in o.actors)
    return Question(
        about=provision.id,
        to=tuple(actors) or provision.actors,
        question=f"{_ended(provision.summary)} {question}",
        why=why,
        points=tuple(f"{o.id} ({o.force}): {o.text}" for o in parts),
        would_answer=provision.evidence,
    )


def _aged(shown: PackVerification, found: Assessment) -> Iterator[Question]:
    """Passes that time has ended: what fails or was open is asked about already."""
    catalogue = {p.id: p for p in found.provisions}
    for change in shown.today:
        if change.then is Verdict.PASS and change.now is not Verdict.PASS:
            provision = catalogue[change.provision]
            yield Question(
                about=change.provision,
                to=provision.actors,
                question=f"{_ended(provision.summary)} Does it still hold, and what newer evidence is there?",
                why=f"On {shown.day} it is {change.now.value}: {change.because}",
                would_answer=provision.evidence,
            )


def _against(found: Assessment) -> Iterator[Question]:
    """Counter-evidence within provisions that pass all the same: judged, or a permission's."""
    by_index = {e.index: e for e in found.evidence}
    for result in found.results:
        against = dict.fromkeys(i for o in result.obligations for i in o.counter_evidence)
        if result.verdict is Verdict.PASS and against:
            said = [by_index[i].observation for i in against]
            yield Question(
                about=result.id,
                to=next((p.actors for p in found.provisions if p.id == result.id), _SUPPLIER),
                question="Who judged this finding, and on what grounds?",
                why=f"It passes, although something spoke against it: {said[0].summary}",
            )


def _redacted(shown: PackVerification) -> Iterator[Question]:
    for paper in shown.redacted:
        yield Question(
            about=paper.name,
            to=_SUPPLIER,
            question=f"May we see {paper.name}, or have its content confirmed by somebody we trust?",
            why=f"Only its digest is here ({paper.sha256[:16]}…). {paper.reason}",
        )


def _excluded(found: Assessment) -> Iterator[Question]:
    """What a person took out of scope, and what was found against that."""
    for result in found.results:
        said = result.applicability
        if said.contradicted:
            yield Question(
                about=result.id,
                to=_SUPPLIER,
                question="Which is right: what the manifest says, or what was found?",
                why=said.contradicted,
            )
        elif not said.applies and not said.decided_by.startswith(("rule:", "default:")):
            yield Question(
                about=result.id,
                to=_SUPPLIER,
                question="What shows that this does not apply?",
                why=f"{said.decided_by} took it out of scope: {said.reason}",
            )


def _signatures(shown: PackVerification) -> Iterator[Question]:
    if not any(s.kind is Kind.SIGN_OFF for s in shown.signatures):
        yield Question(
            about="",
            to=_SUPPLIER,
            question="Who answers for this assessment by name and role?",
            why="Nobody signed it off: it bears the signature of a machine's key alone.",
        )
    if not any(s.trusted for s in shown.signatures):
        yield Question(
            about="",
            to=_SUPPLIER,
            question="Which keys are yours? Tell us over a channel that we trust.",
            why="The pack is whole, but none of its keys is one that you named as known to you.",
        )
    found = shown.assessment
    if found is not None and (broken := _broken(found)):
        yield Question(
            about="",
            to=_SUPPLIER,
            question="Why could these checks not do their work, and will you run them again?",
            why=f"Checks that broke: {', '.join(broken)}.",
        )


def _broken(found: Assessment) -> list[str]:
    return sorted({e.observation.check for e in found.evidence if e.observation.outcome is Outcome.ERROR})


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."

"""Whoever writes the system's code is trained in secure AI coding and design."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assaymark.checks._check import Finding, at, check, met, not_met, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import expectation, judge, pick_registers
from assaymark.checks.organisation._training import Training, trainings
from assaymark.observation import Outcome
from assaymark.scan.facts import Document, History, Register
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")
_BOTS = ("[bot]", "dependabot", "renovate", "github-actions")
_CODING = ("cod", "develop", "design", "engineer", "program")


@check(supports=("5.1.1-2.2",))
def developers_are_trained_in_secure_ai_coding(
    documents: tuple[Document, ...],
    registers: tuple[Register, ...],
    histories: tuple[History, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """Whoever writes the system's code is trained in secure AI coding and design.

    Why: Most weaknesses of AI systems are ordinary coding decisions: a prompt without delimiters, a
    pickle, a tool without a limit.

    Fix: Record each developer's training in secure AI coding in assurance/training/register.csv, and
    keep the guidance itself at docs/secure-coding.md.

    Blind spots: Developers are taken from the last twelve months of git history, by the names they
    commit under; what they learned is not tested.
    """
    rows = [t for t in trainings(pick_registers(registers, ("training",))) if _is_coding(t)]
    authors = sorted({a for h in histories for a in h.authors if not _is_bot(a)})
    current = [t for t in rows if t.current(today)]
    if not rows:
        expected = expectation("developers_are_trained_in_secure_ai_coding", _TABLE)
        for finding in judge(expected, documents, system, today, registers):
            yield _only_guidance(finding)
        return
    untrained = [a for a in authors if not any(_same(a, t.name) for t in current)]
    if untrained:
        yield not_met(
            f"{len(untrained)} of {len(authors)} people who committed in the last year have no "
            "current training "
            "in secure AI coding on record.",
            *capped([at(f"{a} is not in the register, or not in date.", rows[0].at) for a in untrained]),
            tentative=True,
        )
    elif not current:
        yield not_met(
            f"None of {len(rows)} records of secure-coding training is of the last year.",
            at("The register.", rows[0].at),
            tentative=True,
        )
    else:
        yield met(
            f"{len(current)} current records of secure AI coding training cover all {len(authors)} "
            "committers.",
            at("The register.", current[0].at),
        )


def _only_guidance(finding: Finding) -> Finding:
    """Guidance without records of training shows a part at most."""
    if finding.outcome is not Outcome.MET:
        return finding
    return partly_met(
        "Guidance on secure AI coding is there; who was trained in it is not recorded.",
        *finding.details,
        fix="Add the training to assurance/training/register.csv (name, role, module, completed).",
    )


def _is_coding(training: Training) -> bool:
    text = f"{training.module} {training.role}".casefold()
    return any(word in text for word in _CODING)


def _is_bot(author: str) -> bool:
    return any(word in author.casefold() for word in _BOTS)


def _same(author: str, name: str) -> bool:
    return " ".join(author.casefold().split()) == " ".join(name.casefold().split())

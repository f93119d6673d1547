"""What checks on documents share: picking them by kind, what they cover, how fresh they are, one verdict.

A check states what it expects in ``_expectations.yaml`` beside it (or builds an `Expectation`) and
yields from `judge`. All of it is pure.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from assaymark.checks._check import Finding, at, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, joined
from assaymark.observation import Detail, Location
from assaymark.scan.document.topics import topics_of
from assaymark.scan.facts import Document, Register
from assaymark.scan.paths import is_example_path, is_test_path
from assaymark.system.system import System

__all__ = [
    "Expectation",
    "age_in_months",
    "column",
    "covered_by",
    "expectation",
    "filled",
    "judge",
    "latest_date",
    "missing",
    "months_allowed",
    "overdue",
    "pick",
    "pick_registers",
]


SECTION_WORDS = 3
"""Words of its own that a section needs before its topics count: a heading alone says nothing."""

DATE_LABELS = (
    "reviewed",
    "updated",
    "approved",
    "exercised",
    "completed",
    "decided",
    "effective",
    "announced",
)
"""Labels of dates that show that somebody looked at the document."""


class Expectation(Struct, frozen=True, kw_only=True):
    """What a document of some kind should hold; our reading, printed wherever it is used."""

    what: str
    """The document with its article: "a recovery plan"."""
    kinds: tuple[str, ...]
    """Kinds of document that count."""
    place: str
    """Where to put it, if there is none."""
    needs: dict[str, tuple[str, ...]]
    """What it should say → what shows it, any one of: a topic id, `title:TOPIC` (a heading says so),
    `person:LABEL`, `date:LABEL`, `register:KIND`."""
    months: int = 0
    """Months after which it needs another look; 0 if age does not matter."""
    floor: int = 1
    """With fewer of `needs` than this it is counted as saying the opposite, for a person to judge; not so
    where only sections of other documents were found."""


_TABLE = Path(__file__).with_name("_expectations.yaml")


@functools.cache
def _expectations(file: Path) -> Mapping[str, Any]:
    import msgspec
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rows = yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 - our own table, safe loader
    return msgspec.convert(rows, dict[str, Expectation])


def expectation(name: str, file: Path = _TABLE) -> Expectation:
    """What the check called `name` expects, from the table in `file`."""
    found = _expectations(file)[name]
    assert isinstance(found, Expectation)
    return found


def pick(documents: Iterable[Document], kinds: Sequence[str], system: System) -> tuple[Document, ...]:
    """Documents of these kinds: those that the manifest names, then those found, tests and examples aside.

    A part of a document counts where the whole is of another kind.
    """
    named = {path for kind in kinds for path in system.documents.get(kind, ())}
    own, found = [], []
    for document in documents:
        path = document.at.path
        if not document.part and any(path == n or path.startswith(f"{n.rstrip('/')}/") for n in named):
            own.append(document)
        elif document.kind in kinds and not is_test_path(path) and not is_example_path(path):
            found.append(document)
    return (*own, *found)


def pick_registers(registers: Iterable[Register], kinds: Sequence[str]) -> tuple[Register, ...]:
    """Registers of these kinds, tests and examples aside."""
    return tuple(
        r
        for r in registers
        if r.kind in kinds and not is_test_path(r.at.path) and not is_example_path(r.at.path)
    )


def column(register: Register, name: str) -> tuple[str, ...]:
    """The cells of the column called `name`, one a row; empty if there is no such column."""
    if name not in register.columns:
        return ()
    place = register.columns.index(name)
    return tuple(row[place] if place < len(row) else "" for row in register.rows)


def filled(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Those that are more than their template."""
    return tuple(d for d in documents if not d.template and d.words > 0)


def covered_by(
    documents: Iterable[Document], shows: Iterable[str], registers: Iterable[Register] = ()
) -> Location | None:
    """Where one of `shows` (see `Expectation.needs`) is first met; None if nowhere."""
    wanted = set(shows)
    titles = {w.removeprefix("title:") for w in wanted if w.startswith("title:")}
    for document in documents:
        for section in document.sections:
            if section.words < SECTION_WORDS:
                continue
            if wanted & set(section.topics) or (titles and titles & topics_of(section.title)):
                return Location(document.at.path, section.line)
        labels = {f"person:{label}" for label, _ in document.people}
        labels |= {f"date:{label}" for label, _ in document.dates}
        if wanted & labels:
            return document.at if document.at.line else Location(document.at.path, 1)
    return next((r.at for r in registers if f"register:{r.kind}" in wanted and r.rows), None)


def missing(
    documents: Sequence[Document], expected: Expectation, registers: Iterable[Register] = ()
) -> list[str]:
    """Which of `expected.needs` no document covers."""
    kept = tuple(registers)
    return [need for need, shows in expected.needs.items() if covered_by(documents, shows, kept) is None]


def latest_date(document: Document, today: date, labels: Sequence[str] = DATE_LABELS) -> date | None:
    """The latest labelled date up to `today`; None if there is none."""
    days = [date.fromisoformat(day) for label, day in document.dates if label in labels]
    return max((d for d in days if d <= today), default=None)


def age_in_months(then: date, today: date) -> int:
    """Whole months between two days."""
    months = (today.year - then.year) * 12 + today.month - then.month
    return months - (today.day < then.day)


def months_allowed(kinds: Sequence[str], system: System, default: int) -> int:
    """Months between reviews: what the manifest says of one of these kinds, else our default."""
    return next((system.review_months[k] for k in kinds if k in system.review_months), default)


def overdue(documents: Sequence[Document], months: int, today: date) -> str:
    """Why none of the documents counts as current, one clause; empty if one does, or if `months` is 0."""
    dates = [d for document in documents if (d := latest_date(document, today)) is not None]
    planned = [day for document in documents for label, day in document.dates if label == "next review"]
    if not months:
        return ""
    if not dates:
        return "carries no date of approval, review or exercise"
    age = age_in_months(max(dates), today)
    if age >= months:
        return f"was last dated {max(dates)}, {age} months ago (our period is {months} months)"
    if planned and date.fromisoformat(max(planned)) < today:
        return f"was due for review on {max(planned)}"
    return ""


def judge(
    expected: Expectation,
    documents: Iterable[Document],
    system: System,
    today: date,
    registers: Iterable[Register] = (),
    *,
    about: Sequence[str] = (),
) -> Iterator[Finding]:
    """One finding: absent, still a template, silent on what matters, incomplete or old, or as expected."""
    there = pick(documents, expected.kinds, system)
    wanted = {show.removeprefix("register:") for shows in expected.needs.values() for show in shows}
    relevant = pick_registers(registers, tuple(wanted))
    real = filled(there)
    if not there and not relevant:
        yield _absent(expected, system, about)
    elif not real and not relevant:
        details = [at("It still holds the placeholders of its template, or no text.", d) for d in there]
        yield not_met(
            f"{_capital(expected.what)} is there but has not been filled in.",
            *capped(details),
            about=about,
            tentative=True,
        )
    else:
        yield _content(expected, real, relevant, system, today, about)


def _absent(expected: Expectation, system: System, about: Sequence[str]) -> Finding:
    named = [p for kind in expected.kinds for p in system.documents.get(kind, ())]
    where = f"The manifest names {joined(named)}, which could not be read as a document. " if named else ""
    return not_observable(
        f"{where}{_capital(expected.what)} is not in the tree; it may be kept elsewhere.",
        about=about,
        fix=f"Put it at {expected.place}, name its place in the manifest under `documents`, "
        "or have a named person attest it.",
    )


def _content(
    expected: Expectation,
    documents: tuple[Document, ...],
    registers: tuple[Register, ...],
    system: System,
    today: date,
    about: Sequence[str],
) -> Finding:
    lacking = missing(documents, expected, registers)
    total = len(expected.needs)
    old = (
        overdue(documents, months_allowed(expected.kinds, system, expected.months), today)
        if documents
        else ""
    )
    details = capped(_shown(expected, documents, registers, old))
    share = f"{total - len(lacking)} of {total} expected points"
    what = _capital(expected.what)
    if total - len(lacking) < expected.floor and not all(d.part for d in documents):
        summary = f"{what} is there, but covers {share}; missing: {joined(lacking)}."
        return not_met(summary, *details, about=about, tentative=True, fix=f"Add: {joined(lacking)}.")
    if len(lacking) == total:
        summary = f"{what} is there, but covers none of {total} expected points: {joined(lacking)}."
        return not_observable(summary, *details, about=about, fix=f"Add: {joined(lacking)}.")
    if lacking or old:
        rest = [f"missing: {joined(lacking)}"] if lacking else []
        rest += [f"it {old}"] if old else []
        fix = (
            f"Add: {joined(lacking)}."
            if lacking
            else "Review it, and write the date and the reviewer into it."
        )
        return partly_met(f"{what} covers {share}; {'; '.join(rest)}.", *details, about=about, fix=fix)
    return met(f"{what} covers all {total} expected points.", *details, about=about)


def _shown(
    expected: Expectation, documents: tuple[Document, ...], registers: tuple[Register, ...], old: str
) -> list[Detail]:
    details = [at(f"This document {old}.", documents[0])] if old else []
    for need, shows in expected.needs.items():
        place = covered_by(documents, shows, registers)
        if place is None:
            details.insert(0, at(f"Not found: {need}.", documents[0] if documents else registers[0]))
        else:
            details.append(at(f"Covers {need}.", place))
    return details


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

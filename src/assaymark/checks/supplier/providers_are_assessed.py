"""Each external provider went through due diligence, and was asked about this standard."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import (
    age_in_months,
    column,
    filled,
    latest_date,
    pick,
    pick_registers,
)
from assaymark.checks.supplier._components import Component, external, spoken_of
from assaymark.observation import Detail
from assaymark.scan.facts import Document, LlmCall, Register
from assaymark.system.system import System

MONTHS = 18
"""Months after which due diligence is out of date (ours)."""
_DUE, _FOLLOWS = "5.1.2-7#1", "5.1.2-7#2"


@check(supports=("5.1.2-7",))
def providers_are_assessed(
    calls: tuple[LlmCall, ...],
    documents: tuple[Document, ...],
    registers: tuple[Register, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """Each external provider went through due diligence, and was asked about this standard.

    Why: A hosted model is somebody else's security. The standard makes due diligence on providers a
    duty, and asking whether they follow it is how it spreads.

    Fix: Keep docs/suppliers.md as a table with supplier, service, date assessed, next review and whether the
    supplier follows EN 304 223, with each assessment beside it.

    Blind spots: It sees that a record exists and how old it is. Records in procurement systems are
    not seen; providers that code does not call are known only from the register.
    """
    providers = [c for c in external(calls, ()) if c.kind == "provider"]
    tables = pick_registers(registers, ("supplier",))
    papers = filled(pick(documents, ("due-diligence", "supplier-register"), system))
    if not providers and not tables and not papers:
        yield not_applicable("No model provider is called, and no register of suppliers is there.")
        return
    if not tables and not papers:
        yield not_observable(
            f"No due diligence on the {len(providers)} providers that the code calls is in the tree.",
            *(at(f"{p.name} is called here.", p.at) for p in providers[:50]),
        )
        return
    yield _diligence(providers, papers, tables, today)
    yield _adherence(papers, tables)


def _diligence(
    providers: list[Component], papers: tuple[Document, ...], tables: tuple[Register, ...], today: date
) -> Finding:
    unknown = [p for p in providers if not any(spoken_of(p, papers, tables))]
    old = [*_old_rows(tables, today), *_old_papers(papers, today)]
    if unknown:
        return partly_met(
            f"{len(unknown)} of {len(providers)} providers that the code calls have no due diligence "
            "on record.",
            *capped([at(f"{p.name} is called here.", p.at) for p in unknown]),
            about=[_DUE],
        )
    if old:
        return not_met(
            f"{len(old)} records of due diligence are older than {MONTHS} months or past their end.",
            *capped(old),
            about=[_DUE],
            tentative=True,
        )
    place = tables[0].at if tables else papers[0].at
    return met("Due diligence on every provider seen is on record.", at("The record.", place), about=[_DUE])


def _old_rows(tables: tuple[Register, ...], today: date) -> Iterator[Detail]:
    for table in tables:
        names = column(table, "supplier")
        for number, text in enumerate(column(table, "assessed")):
            if (day := _day(text)) is not None and age_in_months(day, today) >= MONTHS:
                yield at(f"{names[number][:60]} was assessed on {day.isoformat()}.", table)
        for number, text in enumerate(column(table, "next")):
            if (day := _day(text)) is not None and day < today:
                yield at(f"{names[number][:60]} was to be reviewed on {day.isoformat()}.", table)


def _old_papers(papers: tuple[Document, ...], today: date) -> Iterator[Detail]:
    for paper in papers:
        day = latest_date(paper, today)
        if day is not None and age_in_months(day, today) >= MONTHS:
            yield at(f"Dated {day.isoformat()}.", paper)


def _adherence(papers: tuple[Document, ...], tables: tuple[Register, ...]) -> Finding:
    named = [r for r in tables if any("304 223" in c or "304223" in c for c in r.columns)]
    texts = [
        p
        for p in papers
        if any("304 223" in s.title or "code of practice" in s.title.lower() for s in p.sections)
    ]
    if named or texts:
        place = named[0].at if named else texts[0].at
        return met("Whether suppliers follow EN 304 223 is on record.", at("Here.", place), about=[_FOLLOWS])
    return not_observable(
        "Whether any supplier follows EN 304 223 is not on record.",
        about=[_FOLLOWS],
        fix="Ask the suppliers, and keep their answers in a column “follows EN 304 223” of the register.",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None

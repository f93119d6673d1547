"""Other tools' reports in a pack, read again: an entry says of a report only what stands in it."""

from collections.abc import Iterable, Iterator

from assaymark.errors import AssaymarkError
from assaymark.imports.about import FOLDER
from assaymark.imports.importer import Importer
from assaymark.imports.observations import tool_of
from assaymark.imports.reading import MAX_BYTES
from assaymark.imports.report import ImportedReport, Statement
from assaymark.ledger.ledger import Recorded
from assaymark.observation import Observation, Outcome, Subject
from assaymark.pack.format import ASSESSMENT, ENTRIES, PackPredicate
from assaymark.pack.read import OpenPack
from assaymark.pack.verification import Problem

__all__ = ["misquoted"]


def misquoted(pack: OpenPack, said: PackPredicate, entries: Iterable[Recorded]) -> Iterator[Problem]:
    """A problem for each entry that says of a report what does not stand in it.

    What a bill of materials gives depends on the supplier's tree, and a withheld report cannot be read: such
    entries are left as they are.
    """
    from assaymark.imports.registry import all_importers

    importers = {(i.info.id, i.info.version): i for i in all_importers()}
    members = {Subject(paper.name, paper.sha256): paper.member for paper in said.documents}
    read: dict[str, ImportedReport | None] = {}
    for one in entries:
        seen = None if one.entry.type == ASSESSMENT else one.entry.observation()
        importer = importers.get((seen.check, seen.check_version)) if seen else None
        if seen is None or importer is None:
            continue
        member = next((members[s] for s in seen.subjects if _is_report(s) and s in members), "")
        if member and member not in read:
            read[member] = _report(pack, member, importer)
        if member and (reason := _misquotes(seen, read[member])):
            yield Problem(f"{ENTRIES} (entry {one.index})", f"{reason} {member}.")


def _is_report(subject: Subject) -> bool:
    return subject.name.startswith(f"{FOLDER}/")


def _report(pack: OpenPack, member: str, importer: Importer) -> ImportedReport | None:
    data = pack.read(member)
    if len(data) > MAX_BYTES:
        return None
    try:
        return importer.read(data, member)
    except AssaymarkError:
        return None


def _misquotes(seen: Observation, report: ImportedReport | None) -> str:
    """What is wrong, to be put before the report's name; empty if the report says so."""
    if report is None:
        return "rests on a report that cannot be read,"
    if report.lists_parts or any(_says(statement, seen, tool_of(report)) for statement in report.statements):
        return ""
    return "says what does not stand in the report"


def _says(statement: Statement, seen: Observation, tool: str) -> bool:
    """Whether `seen` is `statement`, or less: a report that does not say of which version shows nothing."""
    outcomes = (statement.outcome, Outcome.NOT_OBSERVABLE)
    same = (statement.certainty, statement.method) == (seen.certainty, seen.method)
    return (
        same
        and seen.outcome in outcomes
        and set(seen.obligations) <= set(statement.obligations)
        and set(seen.decisive) <= set(statement.decisive)
        and seen.by == tool
        and seen.summary.startswith(f"{tool}: {statement.summary}")
    )

"""An imported report and the present version → observations bound to the version that was tested. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from msgspec import Struct
from msgspec.structs import replace

from assaymark.imports.binding import Bound, bind, is_commit
from assaymark.imports.comparison import compared
from assaymark.imports.files import Imported
from assaymark.imports.present import Present
from assaymark.imports.report import ImportedReport, Statement, Tested
from assaymark.observation import Detail, Observation, Outcome, Subject, digest_of
from assaymark.standard.catalogue import obligation_ids

__all__ = ["Observed", "made_on", "observe", "tool_of"]

_SAY = (
    "Import the report with --tested PATH for each file, or --commit, to say what was tested, or have the "
    "tool say it."
)
_WHOLE = ("commit", "model", "image")
"""Kinds that say of which version the whole report is."""


class Observed(Struct, frozen=True):
    """What one report says about the present version."""

    key: str
    """Run key for the ledger: the report, its importer, and what it is bound to."""
    observations: tuple[Observation, ...]
    digests: dict[str, str]
    """Subject → its digest now."""
    problems: tuple[str, ...]
    """Where the report and the person who imported it say different things."""


def observe(imported: Imported, now: Present) -> Observed:
    """The observations that `imported` gives for the present version `now`."""
    report, path = imported.report, imported.path
    said = bind(report.tested, now, path, absent=not report.lists_parts)
    person, problems = _person(imported, said, now)
    kinds = ("commit",) if report.lists_parts else _WHOLE
    whole = bind([t for t in report.tested if t.kind in kinds], now, path)
    digests = said.digests | whole.digests | person.digests | {path: imported.sha256}
    observations = []
    statements = report.statements + ((compared(report, now),) if report.lists_parts else ())
    for statement in statements:
        own = bind(statement.tested, now, path) if statement.tested else said
        bound = {*own.subjects, *whole.subjects, *person.subjects}
        digests |= own.digests
        observations.append(_observation(imported, _placed(statement, now), bound))
    return Observed(_key(imported, observations), tuple(observations), digests, problems)


def tool_of(report: ImportedReport) -> str:
    """Name and version of the tool, as the report gives them."""
    return f"{report.tool} {report.tool_version}".strip()


def _key(imported: Imported, observations: Iterable[Observation]) -> str:
    info = imported.importer.info
    return digest_of(("import", info.id, info.version, imported.sha256, tuple(observations)))


def _person(imported: Imported, said: Bound, now: Present) -> tuple[Bound, tuple[str, ...]]:
    """What the person says was tested, as far as the report does not say it: the report comes first."""
    about, path = imported.about, imported.path
    reported = {s.name: s.sha256 for s in said.subjects}
    subjects = [Subject(part.path, part.sha256) for part in about.tested]
    problems = [
        f"{path} says that it is about another content of {s.name} than its import says; the report counts."
        for s in subjects
        if reported.get(s.name, s.sha256) != s.sha256
    ]
    kept = [s for s in subjects if s.name not in reported]
    digests = {s.name: now.files[s.name] for s in kept if s.name in now.files}
    commits = [t.value.lower() for t in imported.report.tested if t.kind == "commit" and is_commit(t.value)]
    if about.commit and commits:
        if not any(about.commit.startswith(c) for c in commits):
            problems.append(
                f"{path} says that it is about commit {commits[0]}, its import says {about.commit}; "
                "the report counts."
            )
    elif about.commit:
        bound = bind([Tested("commit", "", about.commit)], now, path)
        kept += bound.subjects
        digests |= bound.digests
    return Bound(tuple(kept), digests), tuple(problems)


def _observation(imported: Imported, statement: Statement, bound: Iterable[Subject]) -> Observation:
    info, report = imported.importer.info, imported.report
    subjects = tuple(sorted(bound))
    wanted = set(statement.obligations)
    observation = Observation(
        check=info.id,
        check_version=info.version,
        obligations=tuple(o for o in obligation_ids() if o in wanted),
        decisive=tuple(o for o in obligation_ids() if o in wanted and o in statement.decisive),
        outcome=statement.outcome,
        summary=f"{tool_of(report)}: {statement.summary}",
        details=statement.details,
        subjects=(*subjects, Subject(imported.path, imported.sha256)),
        method=statement.method,
        certainty=statement.certainty,
        fix=statement.fix or ("" if statement.outcome is Outcome.MET else info.fix),
        by=tool_of(report),
        role="tool",
        made_on=day.isoformat() if (day := made_on(report)) else imported.about.imported_on,
        valid_until=imported.about.valid_until,
    )
    if subjects or statement.outcome in (Outcome.NOT_OBSERVABLE, Outcome.NOT_APPLICABLE):
        return observation
    return replace(
        observation,
        outcome=Outcome.NOT_OBSERVABLE,
        summary=f"{observation.summary} It does not say which version that is true of.",
        fix=_SAY,
    )


def _placed(statement: Statement, now: Present) -> Statement:
    """The statement with paths of the machine that wrote the report as paths in the tree, where they are."""
    return replace(statement, details=tuple(_detail(d, now) for d in statement.details))


def _detail(detail: Detail, now: Present) -> Detail:
    at = detail.at
    if at is None or not at.path.startswith("/"):
        return detail
    parts = at.path.split("/")[1:]
    tails = ("/".join(parts[n:]) for n in range(min(len(parts), 60)))
    found = next((tail for tail in tails if tail in now.files), "")
    return replace(detail, at=replace(at, path=found)) if found else detail


def made_on(report: ImportedReport) -> date | None:
    """The day on which the report was made, UTC, as far as it says so."""
    try:
        time = datetime.fromisoformat(report.made_at)
        return (time.astimezone(UTC) if time.tzinfo else time).date()
    except (ValueError, OverflowError):
        pass
    try:
        return date.fromisoformat(report.made_at[:10])
    except ValueError:
        return None

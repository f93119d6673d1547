"""``assaymark import``: take another tool's report in as evidence."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from assaymark._cli.places import cache_path, key_path
from assaymark.errors import UsageError
from assaymark.imports.about import FOLDER, LONGEST_DAYS, SUFFIX, About, Part, parse, render, signed
from assaymark.imports.files import Imported, bytes_of, read_imports
from assaymark.imports.importer import Importer
from assaymark.imports.observations import Observed, made_on, observe, tool_of
from assaymark.imports.present import Present
from assaymark.imports.registry import importer_of, named
from assaymark.imports.report import ImportedReport
from assaymark.ledger.keys import load_or_create_key
from assaymark.observation import Outcome
from assaymark.pipeline import look
from assaymark.report.text import outcome_words, printable
from assaymark.whole import write_atomically

__all__ = ["command"]

_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--tested", multiple=True, type=click.Path(path_type=Path), help="File that was tested; repeatable."
)
@click.option("--commit", "at_commit", is_flag=True, help="The commit checked out now is what was tested.")
@click.option("--as", "form", default="", metavar="FORMAT", help="The report's format, where it is unclear.")
@click.option("--system", "root", default=".", type=click.Path(path_type=Path), help="The assessed folder.")
@click.option("--by", "person", default="", help="Who imports it.")
@click.option("--valid-for", default="90d", show_default=True, help="How long it counts: 90d, 12m or 1y.")
@click.option("--unsigned", is_flag=True, help="Do not sign the sidecar with this machine's key.")
def command(
    files: tuple[Path, ...],
    tested: tuple[Path, ...],
    at_commit: bool,
    form: str,
    root: Path,
    person: str,
    valid_for: str,
    unsigned: bool,
) -> None:
    """Take other tools' reports in as evidence.

    Copies each FILE into assurance/imports/ with a small file beside it that
    says what was tested. What the report itself says of the version comes
    first; a report about another version does not count. Nothing that a report
    says passes a provision by itself.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no folder.", "Name the assessed folder with --system.")
    days = _days(valid_for)
    chosen = [_Chosen(path, form) for path in files]
    _refuse_known(root, chosen)
    now = look(root, cache_path(root) / "facts.db")
    parts = tuple(sorted({_part(path, root) for path in tested}))
    if at_commit and not now.commit:
        raise UsageError(f"{root} is no Git repository with a commit.", "Name what was tested with --tested.")
    for one in chosen:
        about = About(
            format=one.importer.format,
            report=one.name,
            sha256=one.sha256,
            tested=parts,
            commit=now.commit if at_commit else "",
            by=person.strip(),
            imported_on=datetime.now(UTC).date().isoformat(),
            valid_until=_until(one.report, days),
        )
        _keep(root, one, about if unsigned else signed(about, load_or_create_key(key_path())), now)


class _Chosen:
    """A report that was named: its bytes, its format and what it says."""

    def __init__(self, path: Path, form: str) -> None:
        shown = printable(str(path))
        self.data = bytes_of(path, shown)
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.importer: Importer = named(form) if form else importer_of(self.data, path.name)
        self.report = self.importer.read(self.data, shown)
        stem, dot, ending = path.name.rpartition(".")
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem or ending).strip(".-")[:80] or "report"
        ending = re.sub(r"[^A-Za-z0-9]+", "", ending)[:10] if stem and dot else ""
        self.name = f"{name}.{self.sha256[:8]}" + (f".{ending}" if ending else "")


def _refuse_known(root: Path, chosen: Sequence[_Chosen]) -> None:
    known = {i.sha256: i.path for i in read_imports(root).found}
    for one in chosen:
        if one.sha256 in known:
            raise UsageError(
                f"This report was already imported: {printable(known[one.sha256])}.",
                "Remove that file and its sidecar first, if something else was tested.",
            )
        known[one.sha256] = f"{FOLDER}/{one.name}"


def _part(path: Path, root: Path) -> Part:
    real = root.resolve()
    place = path if path.is_absolute() else Path.cwd() / path
    inside = place.resolve()
    if not inside.is_relative_to(real) or not inside.is_file():
        raise UsageError(f"{path} is no file of {root}.", "Name the files of the system that were tested.")
    digest = hashlib.sha256()
    with inside.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Part(inside.relative_to(real).as_posix(), digest.hexdigest())


def _days(valid_for: str) -> int:
    match = re.fullmatch(r"([0-9]{1,4})([dwmy])", valid_for)
    days = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"--valid-for {valid_for} is no period up to 5 years.", "Write 90d, 12m or 1y.")
    return days


def _until(report: ImportedReport, days: int) -> str:
    """Counted from the day on which the report was made, as far as it says so."""
    today = datetime.now(UTC).date()
    return (min(made_on(report) or today, today) + timedelta(days=days)).isoformat()


def _keep(root: Path, one: _Chosen, about: About, now: Present) -> None:
    folder = root / FOLDER
    if folder.resolve() != root.resolve() / FOLDER:
        raise UsageError(f"{folder} is a link to another place.", "Remove the link; a folder is made there.")
    sidecar = render(about)
    parse(sidecar, about.report)  # what is written can be read again
    write_atomically(folder / one.name, one.data)
    write_atomically(folder / f"{one.name}{SUFFIX}", sidecar)
    click.echo(str(folder / one.name))
    path = f"{FOLDER}/{one.name}"
    _tell(observe(Imported(path, one.sha256, about, one.importer, one.report), now), one, about)


def _tell(observed: Observed, one: _Chosen, about: About) -> None:
    report = one.report
    made = f", made on {report.made_at[:10]}" if report.made_at else ""
    click.echo(f"{printable(tool_of(report))} ({one.importer.reads}){printable(made)}.", err=True)
    for observation in observed.observations:
        ids = ", ".join(dict.fromkeys(o.partition("#")[0] for o in observation.obligations))
        click.echo(f"  {ids}: {outcome_words(observation)}. {printable(observation.summary)}", err=True)
    click.echo(f"  {printable(_version(observed))} It counts until {about.valid_until}.", err=True)
    for problem in (*report.problems, *observed.problems):
        click.echo(f"  {printable(problem)}", err=True)


def _version(observed: Observed) -> str:
    subjects = {s.name: s.sha256 for o in observed.observations for s in o.subjects[:-1]}
    if not subjects:
        unbound = any(o.outcome is Outcome.NOT_OBSERVABLE and o.fix for o in observed.observations)
        return (
            "It is bound to no version, and is no evidence yet." if unbound else "It is bound to no version."
        )
    changed = sorted(n for n, digest in subjects.items() if observed.digests.get(n) != digest)
    listed = ", ".join(sorted(subjects)[:3]) + (f" and {len(subjects) - 3} more" if len(subjects) > 3 else "")
    if changed:
        return f"It is about another version ({', '.join(changed[:3])}): it is stale, and supports nothing."
    return f"It is about the present version: {listed}."

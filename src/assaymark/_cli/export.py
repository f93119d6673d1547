"""``assaymark export``: one assessment in the formats that other tools and people read."""

import csv
import gc
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assaymark._cli.clock import now
from assaymark._cli.places import cache_path, key_path, ledger_path
from assaymark._cli.progress import Progress
from assaymark.errors import AssaymarkError, UsageError
from assaymark.report.formats import FORMATS, Material, is_installed, render
from assaymark.report.text import printable
from assaymark.whole import write_atomically

if TYPE_CHECKING:
    from assaymark.assess.assessment import Assessment
    from assaymark.report.ics_options import StatementOptions, VersionRow

__all__ = ["checked", "command"]

_MAX_FILE = 2 * 1024 * 1024
_COLUMNS = ["version", "date", "author", "change"]


@click.command("export", short_help="Write an assessment in the formats of other tools and of auditors.")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "forms",
    multiple=True,
    required=True,
    type=click.Choice([*FORMATS, "all"]),
    help="What to write; repeatable.",
)
@click.option(
    "--out",
    default="assaymark-export",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder to write to.",
)
@click.option("--classification", default="", metavar="WORDS", help="Who may see it; for xlsx and docx.")
@click.option("--logo", type=click.Path(path_type=Path), metavar="PNG", help="Picture for xlsx and docx.")
@click.option(
    "--history",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Version history for xlsx and docx: version, date, author, change.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--no-cache", is_flag=True, help="Remember nothing between runs.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for parsing.  [default: one a core]")
def command(
    path: Path,
    forms: tuple[str, ...],
    out: Path,
    classification: str,
    logo: Path | None,
    history: Path | None,
    quiet: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Write an assessment in the formats of other tools and of auditors.

    Assesses PATH once, as `assaymark assess` does, and draws every format from
    that one assessment; an earlier report.json holds too little for that. Each
    file is checked before any is written: ids, references, counts and digests
    have to resolve. With SOURCE_DATE_EPOCH the same tree, ledger and key give
    the same bytes.
    """
    gc.set_threshold(100_000, 50, 100)  # as in `assess`
    chosen = _chosen(forms)
    options = _options(classification, logo, history)
    folder = out.resolve()
    assessment = _assessed(path, folder, quiet, no_cache, jobs)
    bom = None
    if any("bom" in FORMATS[f].needs for f in chosen):
        from assaymark._cli.bom import seen_in

        bom = seen_in(path, frozenset({folder}), no_cache, jobs).bom
    files = checked(chosen, Material(assessment=assessment, bom=bom, options=options))
    for form, data in files.items():
        write_atomically(folder / FORMATS[form].file, data)
    if not quiet:
        click.echo(_table(files))
        for line in _left_out(forms, out):
            click.echo(line, err=True)
    return 0


def _chosen(forms: Sequence[str]) -> list[str]:
    """The formats in the table's order; `all` means those that are installed."""
    if "all" in forms:
        return [f for f in FORMATS if f in forms or is_installed(f)]
    return [f for f in FORMATS if f in forms]


def _left_out(forms: Sequence[str], out: Path) -> list[str]:
    lines = [f"Written to {printable(str(out))}."]
    if "all" in forms and (missing := [f for f in FORMATS if f not in _chosen(forms)]):
        extras = sorted({FORMATS[f].extra for f in missing})
        lines.append(f"Not written: {', '.join(missing)}. Install 'assaymark[{','.join(extras)}]' for them.")
    return lines


def _assessed(path: Path, out: Path, quiet: bool, no_cache: bool, jobs: int | None) -> "Assessment":
    from assaymark.pipeline import Places, assess_folder

    places = Places(
        ledger=ledger_path(path),
        key=key_path(),
        cache=None if no_cache else cache_path(path) / "facts.db",
        skip=frozenset({out}),
    )
    with Progress(not quiet, "Parsing") as progress:
        return assess_folder(path, places, now=now(), jobs=jobs, progress=progress.tell)


def checked(forms: Sequence[str], material: Material) -> dict[str, bytes]:
    """Each format's bytes.

    Raises:
        AssaymarkError: one of them contradicts itself or the assessment.
    """
    from assaymark.report.integrity.check import CHECKED, problems_of
    from assaymark.report.integrity.known import known_of

    known = known_of(material.assessment)
    files = {}
    for form in forms:
        files[form] = render(form, material)
        problems = problems_of(form, files[form], known) if form in CHECKED else ()
        if problems:
            raise AssaymarkError(
                f"The export {form} would contradict itself: {problems[0]}.",
                "Nothing was written. This is our fault; please report it.",
            )
    return files


def _table(files: Mapping[str, bytes]) -> str:
    """What was written, at most 80 columns wide."""
    rows = [(f, FORMATS[f].file, f"{len(data):,}") for f, data in files.items()]
    rows.insert(0, ("Format", "File", "Bytes"))
    wide = [max(len(row[n]) for row in rows) for n in range(3)]
    return "\n".join(f"{form:<{wide[0]}}  {name:<{wide[1]}}  {size:>{wide[2]}}" for form, name, size in rows)


def _options(classification: str, logo: Path | None, history: Path | None) -> "StatementOptions":
    from assaymark.report.ics_options import StatementOptions, checked_logo

    picture = _read(logo) if logo is not None else b""
    checked_logo(picture)  # a wrong picture costs no time
    rows = _history(history, _read(history)) if history is not None else ()
    return StatementOptions(classification=classification, logo=picture, versions=rows)


def _history(path: Path, data: bytes) -> "tuple[VersionRow, ...]":
    from assaymark.report.ics_options import VersionRow

    advice = "Write CSV in UTF-8 with the columns version, date, author, change."
    try:
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is no CSV file: {error}.", advice) from error
    if not table or [cell.strip().lower() for cell in table[0]] != _COLUMNS:
        raise UsageError(f"{path} has other columns.", advice)
    for number, row in enumerate(table[1:], 2):
        if row and len(row) != len(_COLUMNS):
            raise UsageError(f"{path} has {len(row)} cells in row {number}.", advice)
    return tuple(VersionRow(version=v, date=d, author=a, change=c) for v, d, a, c in filter(None, table[1:]))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name a file.") from error
    if len(data) > _MAX_FILE:
        raise UsageError(f"{path} is longer than {_MAX_FILE:,} bytes.", "Name a smaller file.")
    return data

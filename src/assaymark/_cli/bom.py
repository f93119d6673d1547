"""`assaymark bom`: what the system is made of, as CycloneDX or SPDX."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from msgspec import Struct

from assaymark import __version__
from assaymark._cli.clock import iso, now
from assaymark._cli.places import cache_path, ledger_path
from assaymark.asset import Inventory, Tree
from assaymark.bom import Bom
from assaymark.errors import AssaymarkError, UsageError
from assaymark.reconcile import reconcile
from assaymark.system.system import System
from assaymark.whole import write_atomically

__all__ = ["Seen", "command", "rendered", "seen_in"]

_FORMATS = ("cyclonedx-1.6", "cyclonedx-1.7", "spdx-3")
_MAX_EARLIER = 500_000_000
DIFFERS = 17
"""Exit code where register and tree differ."""


@click.command("bom", short_help="Write a bill of materials of models, data, prompts and software.")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--format", "form", default=_FORMATS[0], show_default=True, type=click.Choice(_FORMATS))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, whole or not at all."
)
@click.option(
    "--on", "date", metavar="DATE", help="Date in the bill, YYYY-MM-DD; for the same bytes every time."
)
@click.option(
    "--reconcile", "check", is_flag=True, help="Compare the manifest's register with the tree instead."
)
@click.option("--compare", "earlier", type=click.Path(path_type=Path), metavar="FILE",
              help="Print what changed since an earlier bill instead.")  # fmt: skip
@click.option("--quiet", "-q", is_flag=True, help="No summary on standard error.")
@click.option("--no-cache", is_flag=True, help="Remember nothing between runs.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for parsing.  [default: one a core]")
def command(
    path: Path,
    form: str,
    out: Path | None,
    date: str | None,
    check: bool,
    earlier: Path | None,
    quiet: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Write a bill of materials of models, data, prompts and software.

    Reads PATH without running anything in it. The bill goes to standard output
    or to --out, a summary to standard error. The same tree gives the same bytes
    with --on or SOURCE_DATE_EPOCH; without them the time of day is in it.

    With --reconcile, exit code 17 says that the register and the tree differ.
    """
    from assaymark.report.bom.summary import summary_text

    when = _when(date)
    before = _read(earlier) if earlier is not None else None
    ours = frozenset(p.resolve() for p in (out, earlier) if p is not None)
    seen = seen_in(path, ours, no_cache, jobs)
    if not quiet:
        click.echo(summary_text(seen.bom), nl=False, err=True)
    if out is not None or not (check or before is not None):
        _write(rendered(seen.bom, form, when), out)
    if before is not None and earlier is not None:
        _compare(seen.bom, before, earlier, when)
    return _reconcile(seen) if check else 0


class Seen(Struct, frozen=True):
    """Everything that one reading of the tree gave."""

    system: System
    inventory: Inventory
    tree: Tree
    bom: Bom


def seen_in(path: Path, ours: frozenset[Path], no_cache: bool, jobs: int | None) -> Seen:
    """Read the folder `path`, but for what we write ourselves (`ours`)."""
    from assaymark.discover.bom_sources import read_sources, wanted
    from assaymark.discover.collect import collect
    from assaymark.discover.components import build_bom
    from assaymark.discover.image_folders import image_folders
    from assaymark.discover.inventory import build_inventory
    from assaymark.discover.link import linked
    from assaymark.pipeline import describe, evidence_files
    from assaymark.source.walk import OWN

    root = Path(os.path.realpath(path))
    system = describe(root)
    skip = ours | evidence_files(root, ledger_path(path))
    cache = None if no_cache else cache_path(path) / "facts.db"
    got = collect(root, exclude=system.exclude, skip=skip, cache=cache, jobs=jobs)
    facts = linked((*got.facts, *image_folders(got.tree)))
    inventory = build_inventory(facts, got.tree, system)
    sources = read_sources(root, wanted(facts, got.tree), got.tree)
    # What we wrote ourselves is no part of the system, so leaving it out leaves nothing out.
    holes = (m for m in got.not_looked_at if m.reason != OWN)
    bom = build_bom(facts, inventory, got.tree, system, sources, holes)
    return Seen(system, inventory, got.tree, bom)


def rendered(bom: Bom, form: str, when: str) -> bytes:
    """The bill in one of the formats, stating the time `when`."""
    import msgspec

    from assaymark.report.bom.cyclonedx import render_cyclonedx
    from assaymark.report.bom.integrity import problems_of
    from assaymark.report.bom.spdx import render_spdx

    if form == "spdx-3":
        data = render_spdx(bom, tool_version=__version__, timestamp=when)
    else:
        data = render_cyclonedx(bom, spec=form.rpartition("-")[2], tool_version=__version__, timestamp=when)
    problems = problems_of(msgspec.json.decode(data))
    if problems:
        raise AssaymarkError(
            f"The bill would contradict itself: {problems[0]}.", "This is our fault; please report it."
        )
    return data


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(data, nl=False)
    else:
        write_atomically(out, data)


def _compare(bom: Bom, before: bytes, earlier: Path, when: str) -> None:
    from assaymark.report.bom.compare import compare, comparison_text
    from assaymark.report.bom.cyclonedx import cyclonedx
    from assaymark.report.bom.snapshot import read_snapshot, snapshot_of

    now = snapshot_of(cyclonedx(bom, spec="1.6", tool_version=__version__, timestamp=when))
    click.echo(comparison_text(compare(read_snapshot(before, str(earlier)), now)), nl=False)


def _reconcile(seen: Seen) -> int:
    from assaymark.report.bom.reconciled import reconciliation_text

    found = reconcile(seen.system, seen.inventory, seen.tree)
    click.echo(reconciliation_text(found), nl=False)
    return DIFFERS if found.differs else 0


def _when(date: str | None) -> str:
    """The time that the bill states: of --on, of SOURCE_DATE_EPOCH, else of now."""
    if date is not None:
        try:
            moment = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise UsageError(f"--on: {date} is no date.", "Write it as YYYY-MM-DD.") from error
    else:
        moment = now()
    return iso(moment)


def _read(path: Path) -> bytes:
    """The earlier bill, read first so that a wrong name costs no time."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_EARLIER + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name an earlier bill.") from error
    if len(data) > _MAX_EARLIER:
        raise UsageError(f"{path} is longer than {_MAX_EARLIER:,} bytes.", "Name an earlier bill.")
    return data

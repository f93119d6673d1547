"""``assaymark vulnerabilities``: known flaws in what a project depends on."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import click

from assaymark import __version__
from assaymark._cli import screen
from assaymark._cli.places import cache_path
from assaymark.discover.collect import Collected, collect
from assaymark.pipeline import describe
from assaymark.vulnerability.components import holds_dependencies
from assaymark.vulnerability.look import Sources, look_up
from assaymark.vulnerability.report import VulnerabilityReport
from assaymark.whole import write_atomically

__all__ = ["command"]

_NOTHING, _OVERDUE, _NOT_COVERED = 3, 15, 16
_BOUNDS = ("the tree has more than", "folders are nested deeper", "the folder cannot be read")
"""How the walk says that it did not go on."""


@click.command(
    "vulnerabilities",
    epilog="""Exit codes: 0 nothing beyond the policy and everything covered, 2 usage, 3 no dependency found,
15 a flaw is older than the policy allows, 16 not everything was covered.""",
)
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--osv",
    multiple=True,
    metavar="PATH|URL",
    help="OSV database: an all.zip, a folder of records, or an address of one. Repeatable.",
)
@click.option(
    "--overlay",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your own advisories, in the OSV format.",
)
@click.option(
    "--vex",
    multiple=True,
    type=click.Path(path_type=Path),
    help="OpenVEX or CycloneDX statements. Repeatable.",
)
@click.option("--policy", type=click.Path(path_type=Path), help="Days that flaws may stay open, as YAML.")
@click.option(
    "--write-vex",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write OpenVEX for what is not settled.",
)
@click.option("--product", default="", metavar="IRI", help="What the OpenVEX document is about.")
@click.option("--author", default="", help="Who issues the OpenVEX document.")
@click.option("--on", "day", default="", metavar="DATE", help="Count ages to this day (YYYY-MM-DD).")
@click.option(
    "--format",
    "form",
    default="terminal",
    show_default=True,
    type=click.Choice(["terminal", "json", "sarif"]),
    help="What goes to standard output.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--verbose", "-v", is_flag=True, help="Print every list in full.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--no-cache", is_flag=True, help="Keep no index, and nothing that was fetched.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for parsing.  [default: one a core]")
def command(
    path: Path,
    osv: tuple[str, ...],
    overlay: tuple[Path, ...],
    vex: tuple[Path, ...],
    policy: Path | None,
    write_vex: Path | None,
    product: str,
    author: str,
    day: str,
    form: str,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Look up known flaws in what a project depends on.

    Reads the lock files and requirements below PATH and compares every exact
    version with the advisories of the databases that you name. Nothing is
    fetched unless you name an address. A dependency whose version is not known
    is unknown, not clean.
    """
    now = datetime.now(UTC)
    today = _day(day) if day else now.date()
    caches = None if no_cache else cache_path(path)
    root = Path(os.path.realpath(path))
    seen = collect(
        root,
        exclude=describe(root).exclude,
        skip=frozenset(Path(os.path.realpath(p)) for p in osv),  # a database in the tree is no part of it
        cache=caches / "facts.db" if caches else None,
        jobs=jobs,
    )
    sources = Sources(
        osv=osv,
        overlays=overlay,
        vex=vex,
        policy=policy,
        cache=caches.with_name("advisories") if caches else None,
    )
    report = look_up(seen.facts, sources, today, _missed(seen))
    code = _exit_code(report)
    name = root.name
    if write_vex is not None:
        from assaymark.vulnerability.openvex import render_openvex

        about = product or f"pkg:generic/{quote(name, safe='')}"
        data = render_openvex(report, about, author or "Unknown Author", now, __version__)
        write_atomically(write_vex, data)
    if not quiet:
        _print(report, "json" if as_json else form, name, code, verbose)
    return 0 if form == "sarif" else code


def _exit_code(report: VulnerabilityReport) -> int:
    if not report.dependencies and not report.unread:
        return _NOTHING
    if report.overdue:
        return _OVERDUE
    return 0 if report.covered else _NOT_COVERED


def _missed(seen: Collected) -> tuple[str, ...]:
    """Files that may hold dependencies and were not opened, and parts of the tree that were not walked.

    What the manifest excludes and what tools install or cache is left out on purpose and is no gap.
    """
    return tuple(
        f"{m.path}: {m.reason}"
        for m in seen.not_looked_at
        if m.reason.startswith(_BOUNDS)
        or (holds_dependencies(m.path) and not m.reason.startswith(("in part:", "left out by")))
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no date; write it as 2026-11-27.", param_hint="--on"
        ) from error


def _print(report: VulnerabilityReport, form: str, name: str, code: int, verbose: bool) -> None:
    match form:
        case "json":
            from assaymark.vulnerability.document import render_json

            click.echo(render_json(report, name, __version__, code))
        case "sarif":
            from assaymark._cli.vulnerability_sarif import render_sarif

            click.echo(render_sarif(report), nl=False)
        case _:
            from assaymark._cli.vulnerability_text import render_text

            click.echo(render_text(report, name, code, width=screen.width(), verbose=verbose), nl=False)

"""``assaymark assess``: the main job."""

import gc
from pathlib import Path

import click
import msgspec

from assaymark._cli import screen
from assaymark._cli.places import cache_path, key_path, ledger_path
from assaymark._cli.progress import Progress
from assaymark.assess.assessment import Assessment
from assaymark.assess.summary import FAIL_ON, gate
from assaymark.errors import UsageError
from assaymark.pipeline import Places, assess_folder
from assaymark.standard.provision import Phase
from assaymark.system.system import Role
from assaymark.vulnerability.look import Sources
from assaymark.whole import write_atomically

__all__ = ["command"]

_MAX_EARLIER = 100_000_000
_PHASES = {p.value.removeprefix("secure ").replace(" ", "-"): p for p in Phase}


@click.command("assess")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--out",
    default="assaymark-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for report.html, report.json and report.sarif.",
)
@click.option("--no-files", is_flag=True, help="Write no report files.")
@click.option(
    "--format",
    "form",
    default="terminal",
    show_default=True,
    type=click.Choice(["terminal", "json", "sarif", "html"]),
    help="What goes to standard output.",
)
@click.option("--phase", default=None, type=click.Choice(list(_PHASES)), help="Print one phase only.")
@click.option(
    "--role",
    default=None,
    type=click.Choice([r.value for r in Role]),
    help="Print one role's provisions only.",
)
@click.option(
    "--fail-on",
    default="should",
    show_default=True,
    type=click.Choice(FAIL_ON),
    help="What ends with exit code 11 (should) or 12 (shall).",
)
@click.option(
    "--since", type=click.Path(path_type=Path), metavar="FILE", help="Compare with an earlier report.json."
)
@click.option(
    "--osv",
    multiple=True,
    metavar="PATH|URL",
    help="Database of known flaws (OSV's all.zip); repeatable. Nothing is fetched unless you name a URL.",
)
@click.option("--verbose", "-v", is_flag=True, help="Print all evidence and details.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--rehash", is_flag=True, help="Read every file again; trust no cached digest.")
@click.option("--no-cache", is_flag=True, help="Remember nothing between runs.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes for parsing.  [default: one a core]")
def command(
    path: Path,
    out: Path,
    no_files: bool,
    form: str,
    phase: str | None,
    role: str | None,
    fail_on: str,
    since: Path | None,
    osv: tuple[str, ...],
    verbose: bool,
    quiet: bool,
    as_json: bool,
    rehash: bool,
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Assess the AI project in a folder against EN 304 223.

    Reads PATH without running anything in it, prints a verdict on each of the
    72 provisions with its evidence, and writes the reports. Nothing is written
    into PATH except its own ledger, if it has an assurance/ folder.
    """
    gc.set_threshold(100_000, 50, 100)  # facts hold no cycles: looking for some takes a sixth of a warm run
    form = "json" if as_json else form
    earlier = _earlier(since)
    report = out.resolve()
    places = Places(
        ledger=ledger_path(path),
        key=key_path(),
        cache=None if no_cache else cache_path(path) / "facts.db",
        skip=frozenset({report}),
        advisories=Sources(osv=osv, cache=None if no_cache else cache_path(path).with_name("advisories")),
    )
    with Progress(not quiet, "Parsing") as progress:
        assessment = assess_folder(path, places, rehash=rehash, jobs=jobs, progress=progress.tell)
    if earlier is not None and since is not None:
        assessment = _compared(assessment, earlier, since)
    if not no_files:
        _write(assessment, report, None if no_cache else cache_path(path).with_name("templates"))
    if not quiet:
        _print(assessment, form, phase, role, verbose)
        if not no_files:
            click.echo(f"Reports: {_relative(report)}/report.html, report.json, report.sarif", err=True)
    return 0 if form == "sarif" else gate(assessment.results, fail_on)


def _write(assessment: Assessment, folder: Path, templates: Path | None) -> None:
    from assaymark.report.html import render_html
    from assaymark.report.json_v1 import render_json
    from assaymark.report.sarif import render_sarif

    write_atomically(folder / "report.json", render_json(assessment))
    write_atomically(folder / "report.sarif", render_sarif(assessment))
    write_atomically(folder / "report.html", render_html(assessment, templates))


def _print(assessment: Assessment, form: str, phase: str | None, role: str | None, verbose: bool) -> None:
    match form:
        case "json":
            from assaymark.report.json_v1 import render_json

            click.echo(render_json(assessment))
        case "sarif":
            from assaymark.report.sarif import render_sarif

            click.echo(render_sarif(assessment))
        case "html":
            from assaymark.report.html import render_html

            click.echo(render_html(assessment))
        case _:
            from assaymark.report.terminal import render_terminal

            text = render_terminal(
                assessment,
                width=screen.width(),
                colour=screen.colour(),
                phase=_PHASES[phase] if phase else None,
                role=Role(role) if role else None,
                verbose=verbose,
            )
            click.echo(text, nl=not text.endswith("\n"))


def _earlier(since: Path | None) -> bytes | None:
    """The earlier report, read before anything else so that a wrong name costs no time."""
    if since is None:
        return None
    try:
        with since.open("rb") as file:
            data = file.read(_MAX_EARLIER + 1)
    except OSError as error:
        raise UsageError(
            f"{since} cannot be read: {error.strerror}.", "Name the report.json of an earlier run."
        ) from error
    if len(data) > _MAX_EARLIER:
        raise UsageError(f"{since} is longer than {_MAX_EARLIER:,} bytes.", "Name a report.json.")
    return data


def _compared(assessment: Assessment, earlier: bytes, since: Path) -> Assessment:
    from assaymark.assess.since import changes
    from assaymark.report.json_v1 import read_json

    before = read_json(earlier)
    return msgspec.structs.replace(
        assessment,
        changes=changes(before.results, assessment.results),
        since=f"{since.name} of {before.assessed_at}",
    )


def _relative(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder

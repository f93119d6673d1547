"""``assaymark data scan``: look for poison in a data set."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec.structs import replace

from assaymark._cli import screen
from assaymark._cli.data.beside import beside
from assaymark._cli.data.making import make_report
from assaymark._cli.progress import Progress
from assaymark.dataset.record import Kind, Roles
from assaymark.dataset.scan import DataScan, Options, scan_data
from assaymark.errors import UsageError
from assaymark.report.data.document import DataReport
from assaymark.whole import write_atomically

__all__ = ["command", "exit_code"]

_FORMS = ("terminal", "json", "html", "sarif")
_STOPS: dict[str, tuple[str, ...]] = {
    "suspect": ("suspect",),
    "explain": ("suspect", "to explain"),
    "never": (),
}
_FILE = click.Path(path_type=Path)


@click.command("scan")
@click.argument("targets", metavar="PATH|URL...", nargs=-1, required=True)
@click.option("--label", default="", metavar="COLUMN", help="Column with the label.  [default: look for it]")
@click.option("--text", default="", metavar="COLUMN", help="Column with the text to be classified.")
@click.option("--prompt", default="", metavar="COLUMN", help="Column with the prompt.")
@click.option("--response", default="", metavar="COLUMN", help="Column with the response to be learnt.")
@click.option("--image", default="", metavar="COLUMN", help="Column with the image.")
@click.option("--kind", type=click.Choice([k.value for k in Kind]), help="What it is.  [default: look]")
@click.option("--format", "form", default="terminal", show_default=True, type=click.Choice(_FORMS))
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--out", type=_FILE, metavar="DIR", help="Write the report there as well, in each format.")
@click.option(
    "--executor", default="local", show_default=True, metavar="local|ray|ray://…", help="Who works."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: one a core]")
@click.option("--state", default="", metavar="FILE", help="Add to the state of earlier scans, kept there.")
@click.option(
    "--engine", "engines", multiple=True, metavar="ID", help="Only this engine; repeatable.  [default: all]"
)
@click.option(
    "--encoder", default="", metavar="guard|FILE.onnx", help="Look in its embeddings too: texts, or images."
)
@click.option("--system", type=_FILE, metavar="DIR", help="Keep the report as evidence of this system.")
@click.option("--explanations", type=_FILE, metavar="FILE", help="What `data explain` wrote.")
@click.option(
    "--fail-on",
    default="suspect",
    show_default=True,
    type=click.Choice(list(_STOPS)),
    help="Least that ends with 13.",
)
@click.option("--complete", is_flag=True, help="End with 16 if something could not be looked at.")
@click.option("--verbose", "-v", is_flag=True, help="Every finding, example and hole.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
def command(
    targets: tuple[str, ...], label: str, text: str, prompt: str, response: str, image: str, kind: str | None,
    form: str, as_json: bool, out: Path | None, executor: str, jobs: int | None, state: str,
    engines: tuple[str, ...], encoder: str,
    system: Path | None, explanations: Path | None, fail_on: str, complete: bool, verbose: bool, quiet: bool,
) -> int:  # fmt: skip
    """Look for poison in a data set.

    PATH|URL is a CSV, Parquet, Arrow or JSON Lines file, a folder of images,
    texts or shards, or an fsspec URL; the form is found by content. Prints the
    patterns that give poison away, strongest first. Patterns that determine the
    label as a rule of business might are "to explain": see `data explain`.

    Exit codes: 0 no suspect, 13 suspects (with --fail-on explain also patterns
    to explain), 16 not all was looked at (with --complete), 2 usage, 3 no data.
    """
    roles = Roles(label=label, text=text, prompt=prompt, response=response, image=image, found=False)
    options = Options(
        roles=roles if any((label, text, prompt, response, image)) else None,
        kind=Kind(kind) if kind else None,
        workers=jobs,
        state=state,
        engines=engines,
        encoder=encoder,
    )
    if system is not None and not system.is_dir():
        raise UsageError(f"{system} is no folder.", "Name the assessed folder with --system.")
    with Progress(not quiet, "Scanning") as bar:
        scan = scan_data(
            targets,
            options=_executor(options, executor),
            progress=lambda p: bar.tell((p.step - 1) * p.parts + p.done, p.steps * p.parts),
        )
    form = "json" if as_json else form
    wanted = out is not None or (form == "json" and not quiet)
    report = make_report(scan, beside(scan, targets, system, explanations), scores=wanted)
    if system is not None:
        from assaymark._cli.data.evidence import keep_report

        click.echo(keep_report(system, report), err=True)
    if out is not None:
        _write(out, report, scan)
    if not quiet:
        _print(report, scan, form, verbose)
    return exit_code(report, fail_on, complete=complete)


def exit_code(report: DataReport, fail_on: str, *, complete: bool) -> int:
    """The code for what nobody answers for, then for what could not be looked at."""
    if report.verdict in _STOPS[fail_on]:
        return 13
    return 16 if complete and (not report.complete or report.verdict == "nothing looked") else 0


def _executor(options: Options, text: str) -> Options:
    if text in ("local", "ray"):
        return replace(options, executor=text)
    if text.startswith("ray://"):
        return replace(options, executor="ray", address=text)
    raise UsageError(f"--executor {text[:60]} is no executor.", "Write local, ray, or ray://HOST:PORT.")


def _print(report: DataReport, scan: DataScan, form: str, verbose: bool) -> None:
    if form == "terminal":
        from assaymark.report.data.terminal import render_terminal

        click.echo(
            render_terminal(report, width=screen.width(), colour=screen.colour(), verbose=verbose), nl=False
        )
        return
    out = sys.stdout.buffer
    for part in _parts(report, scan, form):
        out.write(part)


def _write(folder: Path, report: DataReport, scan: DataScan) -> None:
    for form in ("json", "html", "sarif"):
        write_atomically(folder / f"data-scan.{form}", b"".join(_parts(report, scan, form)))


def _parts(report: DataReport, scan: DataScan, form: str) -> Iterator[bytes]:
    match form:
        case "json":
            from assaymark.report.data.json_v1 import parts

            yield from parts(report)
        case "html":
            from assaymark._cli.data.pictures import galleries
            from assaymark.report.data.html import render_html

            yield render_html(report, galleries(scan, report))
        case _:
            from assaymark.report.data.sarif import render_sarif

            yield render_sarif(report)

"""``assaymark scan``: what loading a model would do, without loading it."""

from datetime import date
from pathlib import Path

import click

from assaymark._cli import screen
from assaymark._cli.progress import Progress
from assaymark.errors import NothingToAssess, UsageError
from assaymark.inspection import ScanReport, Verdict
from assaymark.scan.policy import Policy, read_policy
from assaymark.scan.run import Options, scan_place
from assaymark.source.place import open_places
from assaymark.whole import write_atomically

__all__ = ["command", "exit_code"]

_CODES = {Verdict.DANGEROUS: 13, Verdict.INCONCLUSIVE: 16, Verdict.UNKNOWN: 18, Verdict.CLEAN: 0}
MAX_POLICY = 1_000_000
_GATES = ("unknown", "incomplete", "dangerous", "never")
_STOPS = {
    "unknown": (Verdict.DANGEROUS, Verdict.INCONCLUSIVE, Verdict.UNKNOWN),
    "incomplete": (Verdict.DANGEROUS, Verdict.INCONCLUSIVE),
    "dangerous": (Verdict.DANGEROUS,),
    "never": (),
}


@click.command("scan")
@click.argument("targets", metavar="PATH|URL...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    default="terminal",
    show_default=True,
    type=click.Choice(["terminal", "json", "sarif", "junit"]),
    help="What to print.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead.")
@click.option(
    "--fail-on",
    default="unknown",
    show_default=True,
    type=click.Choice(_GATES),
    help="The least that ends with a code other than 0.",
)
@click.option(
    "--policy", type=click.Path(path_type=Path), metavar="FILE", help="Names that your team has settled."
)
@click.option("--hashes", is_flag=True, help="Also compute each file's SHA-256, which reads all of it.")
@click.option("--deep", is_flag=True, help="Also read the numbers: values that are not finite, statistics.")
@click.option(
    "--base", default="", metavar="PATH|URL", help="With --deep: compare the numbers with this model's."
)
@click.option("--verbose", "-v", is_flag=True, help="Print every hazard with its excerpt, and clean files.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: one a core]")
def command(
    targets: tuple[str, ...],
    form: str,
    out: Path | None,
    fail_on: str,
    policy: Path | None,
    hashes: bool,
    deep: bool,
    base: str,
    verbose: bool,
    quiet: bool,
    as_json: bool,
    jobs: int | None,
) -> int:
    """Say what loading a model would do, and load nothing.

    PATH|URL is a model file, a folder, a Hugging Face cache, an MLflow store,
    an OCI image layout, or any fsspec URL (s3://, https://, ...), of which only
    the parts that matter are fetched. The type is decided by content. What
    cannot be read is "inconclusive" with the reason, never clean.

    Exit codes: 0 clean, 13 dangerous, 16 not fully covered, 18 only unknown
    names, 1 Assaymark itself failed, 2 usage, 3 nothing there.
    """
    place = open_places(targets)
    with Progress(not quiet, "Scanning") as progress:
        report = scan_place(
            place,
            policy=_policy(policy),
            options=Options(hashes=hashes, deep=deep or bool(base), base=base),
            jobs=jobs,
            progress=progress.tell,
        )
    if not report.inspections:
        kinds = f"{report.files:,} files, none in a format of a model."
        raise NothingToAssess(
            f"{report.target} holds {kinds}", "Name the folder or file that holds the model."
        )
    form = "json" if as_json else form
    if out is not None:
        write_atomically(out, _rendered(report, form, verbose, 80, colour=False))
    elif not quiet:
        click.echo(_rendered(report, form, verbose, screen.width(), colour=screen.colour()), nl=False)
    return 0 if form == "sarif" else exit_code(report, fail_on)


def _policy(path: Path | None) -> Policy | None:
    if path is None:
        return None
    try:
        text = path.read_bytes()[: MAX_POLICY + 1].decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name a policy file.") from error
    if len(text) > MAX_POLICY:
        raise UsageError(f"{path} is longer than {MAX_POLICY:,} bytes.", "A policy is a page or two.")
    return read_policy(text, str(path), date.today())  # noqa: DTZ011 - the user's own day


def exit_code(report: ScanReport, fail_on: str) -> int:
    """The code for the report's verdict, if that is one that `fail_on` stops at."""
    verdict = report.verdict
    return _CODES[verdict] if verdict in _STOPS[fail_on] else 0


def _rendered(report: ScanReport, form: str, verbose: bool, width: int, *, colour: bool) -> bytes:
    match form:
        case "json":
            from assaymark.report.scan.json_v1 import render_json

            return render_json(report)
        case "sarif":
            from assaymark.report.scan.sarif import render_sarif

            return render_sarif(report)
        case "junit":
            from assaymark.report.scan.junit import render_junit

            return render_junit(report)
        case _:
            from assaymark.report.scan.terminal import render_terminal

            return render_terminal(report, width=width, colour=colour, verbose=verbose).encode()

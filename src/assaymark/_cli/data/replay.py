"""``assaymark data replay``: put a found trigger into clean records and watch a model."""

from pathlib import Path
from typing import Any

import click
import msgspec

from assaymark import __version__
from assaymark._cli.clock import iso, now
from assaymark._cli.data.replayed import render_replay
from assaymark.dataset.finding import Finding, Level
from assaymark.dataset.reading.open import DataSet, open_data
from assaymark.dataset.record import Kind, Roles
from assaymark.dataset.replay import Predict, Replay, replay
from assaymark.errors import UsageError
from assaymark.imports.data_scan import REPLAY
from assaymark.imports.files import bytes_of
from assaymark.report.data.document import DataReport, FindingEntry
from assaymark.report.data.json_v1 import MAX_BYTES, parse
from assaymark.source.address import without_credentials
from assaymark.whole import write_atomically

__all__ = ["command"]

_PATH = click.Path(path_type=Path)
_FORMS = click.Choice(["text", "image", "columns", "hashed"])


@click.command("replay")
@click.argument("scan", type=_PATH, metavar="SCAN.json")
@click.option("--finding", "number", required=True, type=click.IntRange(1), help="Its number in the report.")
@click.option("--model", required=True, metavar="CMD|URL|FILE.onnx", help="Who is to answer.")
@click.option("--input", "form", type=_FORMS, help="What an ONNX model takes.  [default: by its form]")
@click.option("--columns", default="", metavar="A,B,…", help="What it takes of a table, in order.")
@click.option("--classes", default="", metavar="A,B,…", help="Labels by its output.  [default: sorted]")
@click.option("--scale", default=255.0, show_default=True, help="Its pixels are divided by this.")
@click.option("--data", "paths", multiple=True, metavar="PATH", help="The data set.  [default: as scanned]")
@click.option("--records", default=200, show_default=True, type=click.IntRange(10, 20_000), help="To try.")
@click.option("--seed", default=0, show_default=True, help="Of the draw, and of the placebo.")
@click.option("--timeout", default=300.0, show_default=True, help="Seconds for a command, or one request.")
@click.option("--system", type=_PATH, metavar="DIR", help="Keep the result as evidence of this system.")
@click.option("--out", type=_PATH, metavar="FILE", help="Write JSON there as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    scan: Path, number: int, model: str, form: str | None, columns: str, classes: str, scale: float,
    paths: tuple[str, ...], records: int, seed: int, timeout: float, system: Path | None, out: Path | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Put a found trigger into clean records and watch a model.

    The model is a command that reads one JSON object a line and writes one
    answer a line, an address that is POSTed JSON, or an ONNX file. It answers
    clean records untouched, with the trigger, and with a placebo of the same
    shape; counted are answers that turn to the finding's label. Pickle is never
    loaded: models of scikit-learn or torch are replayed from Python.

    Exit codes: 0 no effect or undecided, 13 the model obeys, 1 the model failed.
    """
    report = parse(bytes_of(scan, str(scan), MAX_BYTES), str(scan))
    entry = next((f for f in report.findings if f.number == number), None)
    if entry is None:
        raise UsageError(
            f"{scan} has no finding {number}.", f"It has {len(report.findings)}, numbered from 1."
        )
    data = _opened(report, paths)
    named = _split(classes) or (_labels(report, data) if _is_onnx(model) else ())
    given = {"form": form or "", "columns": _split(columns), "scale": scale, "classes": named}
    predict, name = _model(model, timeout, given)
    found = replay(_finding(entry), data, predict, records=records, seed=seed)
    document = _document(report, entry, found, name, system)
    written = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    if out is not None:
        write_atomically(out, written)
    if system is not None:
        from assaymark._cli.data.evidence import keep_bytes

        tested = {t["path"] for t in document["tested"]}
        click.echo(keep_bytes(system, written, f"data-replay-{entry.id}", tested), err=True)
    click.echo(written if as_json else render_replay(found, name), nl=False)
    return 13 if found.verdict == "the model obeys it" else 0


def _is_onnx(model: str) -> bool:
    return model.lower().endswith(".onnx") and Path(model).is_file()


def _opened(report: DataReport, paths: tuple[str, ...]) -> DataSet:
    """The data set that was scanned.

    Raises:
        UsageError: it is another.
    """
    roles = {k: v for k, v in report.roles.items() if k in Roles.__struct_fields__}
    named = Roles(**roles, found=False) if not report.roles_found else None
    data = open_data(paths or report.targets, roles=named, kind=Kind(report.kind))
    if data.total != report.records:
        raise UsageError(
            f"The data set has {data.total:,} records, the scan is about {report.records:,}.",
            "Scan it again, or name the data set that was scanned with --data.",
        )
    return data


def _model(model: str, timeout: float, given: dict[str, Any]) -> tuple[Predict, str]:
    """Who answers, and by what name it goes in the report."""
    if _is_onnx(model):
        from assaymark.dataset.replay_onnx import Input, by_onnx

        return by_onnx(Path(model), Input(**given)), Path(model).name
    from assaymark.dataset.replay_models import by_command, by_url

    if model.startswith(("http://", "https://")):
        return by_url(model, timeout=timeout), without_credentials(model).partition("?")[0]
    return by_command(model, timeout=timeout), "the command"


def _labels(report: DataReport, data: DataSet) -> tuple[str, ...]:
    """Labels of a sample, sorted: the order in which most libraries number classes."""
    if "label" not in report.roles and report.kind != "images":
        return ()
    rows = range(0, data.total, max(1, data.total // 400))
    found = {r.label for r in data.records(list(rows)).values() if r.label is not None}
    return tuple(sorted(found))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()


def _finding(entry: FindingEntry) -> Finding:
    return Finding(
        engine=entry.engine, level=Level(entry.level), pattern=entry.pattern, trigger=entry.trigger,
        where=entry.where, count=entry.count, label=entry.label, purity=entry.purity,
        expected=entry.expected, score=entry.score, threshold=entry.threshold,
        false_alarms=entry.false_alarms, summary=entry.summary, rows=entry.rows,
    )  # fmt: skip


def _document(
    report: DataReport, entry: FindingEntry, found: Replay, model: str, system: Path | None
) -> dict[str, Any]:
    """The result as JSON, version 1."""
    if system is not None and not report.tested:
        raise UsageError(
            "The scan is not bound to files of a system.", "Scan with --system, and replay that report."
        )
    return {
        "format": REPLAY,
        "tool": {"name": "assaymark", "version": __version__},
        "made_at": iso(now()),
        "model": model,
        "data_digest": report.data_digest,
        "finding": {"number": entry.number, "id": entry.id, "digest": entry.digest, "engine": entry.engine},
        **msgspec.to_builtins(found),
        "tested": msgspec.to_builtins(report.tested),
    }

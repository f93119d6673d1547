"""``assaymark data urls``: a list of URLs, and how its content can be changed under its user."""

from pathlib import Path

import click
import msgspec

from assaymark._cli.bytes_read import count
from assaymark._cli.clock import now
from assaymark._cli.data.manifest import minimum_lines, told_minimum
from assaymark.dataset.provenance.columns import moment
from assaymark.dataset.provenance.fetched import read_fetched
from assaymark.dataset.provenance.registrations import read_registrations
from assaymark.dataset.provenance.split_view import Domain, SplitView, look
from assaymark.dataset.provenance.url_list import ListColumns, read_list
from assaymark.errors import UsageError
from assaymark.signing.problems import shown

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
FAILED = 14
_MOST = 10


@click.command("urls")
@click.argument("list", type=_FILE, metavar="LIST")
@click.option("--got", type=_FILE, metavar="PATH", help="What was downloaded: a folder, manifest or list.")
@click.option("--registrations", type=_FILE, metavar="FILE", help="Domains: created, expires, changed.")
@click.option("--annotated-at", default="", metavar="ISO", help="When the list was made, if rows do not say.")
@click.option("--url-column", default="", metavar="NAME", help="Column of URLs.")
@click.option("--digest-column", default="", metavar="NAME", help="Column of SHA-256 digests.")
@click.option("--size-column", default="", metavar="NAME", help="Column of sizes in bytes.")
@click.option("--time-column", default="", metavar="NAME", help="Column of times of annotation.")
@click.option("--file-column", default="", metavar="NAME", help="Column of the files that were got.")
@click.option("--strict", is_flag=True, help="Domains that others can hold are a failure, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    list: Path, got: Path | None, registrations: Path | None, annotated_at: str, url_column: str,  # noqa: A002
    digest_column: str, size_column: str, time_column: str, file_column: str, strict: bool, as_json: bool,
) -> int:  # fmt: skip
    """Say which of a data set's addresses may no longer give what they gave.

    Compares what was got with the digests that the list records; finds expired
    domains and those registered again since (from data that you supply), hosts
    that are numbers, short addresses, addresses without TLS or digest; and says
    how many records each domain controls. Nothing is fetched. Exit code 14 if
    content is not as annotated.
    """
    annotated = moment(annotated_at) if annotated_at else None
    if annotated_at and annotated is None:
        raise UsageError(f"{annotated_at[:40]} is no date or time.", "Give ISO 8601, such as 2026-01-31.")
    columns = ListColumns(
        url=url_column, sha256=digest_column, size=size_column, time=time_column, file=file_column
    )
    found = look(
        read_list(list, columns),
        now(),
        fetched=read_fetched(got) if got is not None else None,
        registrations=read_registrations(registrations) if registrations is not None else None,
        annotated=annotated,
    )
    failed = bool(found.changed) or (strict and found.suspect)
    if as_json:
        click.echo(_json(found, failed))
    else:
        for line in _told(found, got is not None):
            click.echo(line)
    return FAILED if failed else 0


def _told(found: SplitView, compared: bool) -> list[str]:
    lines = [f"{count(found.records, 'record')} from {count(found.domains, 'domain')}."]
    if compared:
        lines.append(f"As annotated, by digest: {count(found.verified, 'record')}.")
    for problem in found.problems:
        lines.append(
            f"{problem.level}: {problem.summary}: {count(problem.records, 'record')}, "
            f"{count(problem.domains, 'domain')}"
        )
        lines += [f"  {shown(place)}" for place in problem.first[: _MOST if problem.level != "note" else 3]]
    if found.buyable:
        share = found.buyable_records / max(1, found.records)
        lines.append(f"Others hold, or can buy, {count(found.buyable_records, 'record')} ({share:.2%}):")
        lines += _domains(found.buyable)
    lines += ["Domains that control most:", *_domains(found.largest), *minimum_lines(found.minimum)]
    return lines


def _domains(domains: tuple[Domain, ...]) -> list[str]:
    return [f"  {shown(d.domain)}: {count(d.records, 'record')} ({d.share:.2%})" for d in domains[:_MOST]]


def _json(found: SplitView, failed: bool) -> str:
    value = {
        "v": 1,
        "kind": "data-urls",
        "ok": not failed,
        "records": found.records,
        "domains": found.domains,
        "verified": found.verified,
        "problems": found.problems,
        "largest": found.largest,
        "buyable": found.buyable,
        "buyable_records": found.buyable_records,
        "minimum": told_minimum(found.minimum),
    }
    return msgspec.json.encode(value, order="sorted").decode()

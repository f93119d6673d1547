"""``assaymark data manifest``: what a data set holds, and where it came from, signed."""

from pathlib import Path

import click
import msgspec

from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark._cli.clock import now
from assaymark._cli.pack import signing_key
from assaymark._cli.passphrase import passphrase_file_option
from assaymark.dataset.provenance.columns import Wanted, moment
from assaymark.dataset.provenance.croissant import encode
from assaymark.dataset.provenance.existing import Known, read_known
from assaymark.dataset.provenance.making import Order, make_manifest, place_of
from assaymark.dataset.provenance.manifest import DataManifest, Minimum, Origin
from assaymark.dataset.provenance.seal import seal
from assaymark.errors import UsageError
from assaymark.ledger.keys import public_bytes
from assaymark.signing.problems import shown
from assaymark.signing.strict_json import MAX_BYTES
from assaymark.whole import write_atomically

__all__ = ["command", "minimum_lines", "told_minimum"]

_FILE = click.Path(path_type=Path)


@click.command("manifest")
@click.argument("paths", nargs=-1, required=True, type=_FILE, metavar="PATH...")
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="[default: manifest.json in the folder]")
@click.option("--rows/--no-rows", default=True, help="A digest for each record as well.  [default: rows]")
@click.option("--wide", is_flag=True, help="Digests of 32 bytes a record instead of 16.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="URL|FILE",
    help="Where it came from: address, words or a description.",
)
@click.option("--retrieved-at", default="", metavar="ISO", help="When it was obtained.")
@click.option("--licence", default="", metavar="TEXT", help="Its licence, best as an SPDX URL.")
@click.option("--annotator", default="", metavar="TEXT", help="Who or what labelled it.")
@click.option("--tool", default="", metavar="TEXT", help="What fetched or made it.")
@click.option("--source-column", default="", metavar="NAME", help="Column with each record's source.")
@click.option("--time-column", default="", metavar="NAME", help="Column with the time it was obtained.")
@click.option("--header/--no-header", default=None, help="First row of a CSV names columns.  [default: look]")
@click.option("--name", default="", help="Name of the data set.  [default: the folder's]")
@click.option("--description", default="", help="One sentence about it.")
@click.option("--url", default="", help="Its web page.")
@click.option("--creator", default="", help="Who made the data set.")
@click.option("--version", default="", help="Its version.")
@click.option("--ignore", multiple=True, metavar="PATH", help="Leave it out; repeatable.")
@click.option("--allow-symlinks", is_flag=True, help="Follow links that stay inside PATH.")
@click.option("--key", metavar="NAME|PATH", help="Key to sign with.  [default: this machine's]")
@passphrase_file_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    paths: tuple[Path, ...], output: Path | None, rows: bool, wide: bool, sources: tuple[str, ...],
    retrieved_at: str, licence: str, annotator: str, tool: str, source_column: str, time_column: str,
    header: bool | None, name: str, description: str, url: str, creator: str, version: str,
    ignore: tuple[str, ...], allow_symlinks: bool, key: str | None, passphrase_file: Path | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Record what a data set holds and where it came from.

    Writes a Croissant 1.1 description of all files with digest, size, source,
    time and licence; beside it, as .rows, a digest for each record; and, as
    .note, the signature over both. `assaymark data verify` names what changed.
    Descriptions that lie in the folder (Croissant, data cards, Hugging Face
    metadata) are read. Says which records lack source or time, the minimum of
    provision 5.2.4-2.1.
    """
    address, known = _sources(sources)
    if retrieved_at and moment(retrieved_at) is None:
        raise UsageError(f"{retrieved_at[:40]} is no date or time.", "Give ISO 8601, such as 2026-01-31.")
    order = Order(
        now=now(), name=name, rows=rows, width=32 if wide else 16, wanted=Wanted(source_column, time_column),
        header=header, known=known, ignore=tuple(p.removeprefix("./").rstrip("/") for p in ignore),
        links=allow_symlinks, description=description, url=url, creator=creator, version=version,
        origin=Origin(
            source=address, retrieved_at=retrieved_at, licence=licence, annotator=annotator, tool=tool
        ),
    )  # fmt: skip
    signer, _ = signing_key(key, passphrase_file)
    place = place_of(paths, output)
    with counted() as told:
        made = make_manifest(place, order, told)
    manifest = msgspec.structs.replace(made.manifest, public_key=public_bytes(signer).hex())
    data = encode(manifest)
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"The manifest would be longer than {MAX_BYTES:,} bytes.", "Make one for each part of the data."
        )
    write_atomically(place.manifest, data)
    write_atomically(place.note, seal(manifest, data, signer).encode())
    if as_json:
        click.echo(_json(place.manifest, manifest, made.notes))
    else:
        click.echo(str(place.manifest))
        for line in _told(manifest, made.notes):
            click.echo(line, err=True)
    return 0


def _sources(sources: tuple[str, ...]) -> tuple[str, tuple[Known, ...]]:
    """The address, or other words, that were given, if any, and the descriptions."""
    words = [s for s in sources if "://" in s or (any(map(str.isspace, s)) and not Path(s).exists())]
    if len(words) > 1:
        raise UsageError("--source takes one address.", "Give a table of sources to say it file by file.")
    return "".join(words), tuple(read_known(Path(s)) for s in sources if s not in words)


def _told(manifest: DataManifest, notes: tuple[str, ...]) -> list[str]:
    size = told_bytes(sum(entry.size for entry in manifest.entries))
    records = f", {count(manifest.rows, 'record')}" if manifest.rows else ""
    lines = [f"Recorded {count(len(manifest.entries), 'file')}, {size}{records}. Root {manifest.root}."]
    assert manifest.minimum is not None
    lines += minimum_lines(manifest.minimum)
    if not manifest.origin.licence and not any(e.origin.licence for e in manifest.entries):
        lines.append("No licence is known; give --licence.")
    return [*lines, *(f"Note: {shown(note)}" for note in notes)]


def minimum_lines(found: Minimum) -> list[str]:
    """What to say of source and time."""
    if found.met:
        return [f"Source and time: all {count(found.records, 'record')} have both (5.2.4-2.1)."]
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (found.without_source, "without a source"),
            (found.without_time, "without a time"),
            (found.in_future, "with a time in the future"),
        )
        if number
    ]
    first = [f"  {shown(line)}" for line in found.first]
    return [f"Source and time (5.2.4-2.1): of {count(found.records, 'record')}, {', '.join(parts)}:", *first]


def _json(path: Path, manifest: DataManifest, notes: tuple[str, ...]) -> str:
    value = {
        "v": 1,
        "kind": "data-manifest",
        "manifest": str(path),
        "name": manifest.name,
        "made_at": manifest.made_at,
        "files": len(manifest.entries),
        "bytes": sum(entry.size for entry in manifest.entries),
        "records": manifest.rows,
        "leaves": manifest.leaves,
        "root": manifest.root,
        "public_key": manifest.public_key,
        "minimum": None if manifest.minimum is None else told_minimum(manifest.minimum),
        "notes": notes,
    }
    return msgspec.json.encode(value, order="sorted").decode()


def told_minimum(found: Minimum) -> dict[str, object]:
    """The minimum as reports have it."""
    return {**msgspec.to_builtins(found), "met": found.met, "provision": "5.2.4-2.1"}

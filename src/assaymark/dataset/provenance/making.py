"""Files → their manifest: digests of files, digests of records, where both came from, the minimum."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.dataset.provenance.canonical import WIDTH
from assaymark.dataset.provenance.chunk import Chunk
from assaymark.dataset.provenance.columns import Wanted
from assaymark.dataset.provenance.croissant import NAMESPACE, media_type
from assaymark.dataset.provenance.existing import Known, hub_time, is_description, may_describe, read_known
from assaymark.dataset.provenance.forms import form_of
from assaymark.dataset.provenance.manifest import Column, DataManifest, Entry, Origin, Records
from assaymark.dataset.provenance.minimum import Tally
from assaymark.dataset.provenance.rows import MAGIC, RowsWriter
from assaymark.dataset.provenance.seal import files_root
from assaymark.dataset.provenance.tables import Ended, read_chunks
from assaymark.dataset.reading.shard import Form
from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.ledger.merkle import Frontier
from assaymark.scan.artefact.data import accepts_data, scan_data
from assaymark.scan.facts import DataFile
from assaymark.signing.hashing import Piece, digest_pieces
from assaymark.signing.listing import DEFAULT_IGNORED, Found
from assaymark.signing.model import found_in, relative
from assaymark.signing.problems import Trouble
from assaymark.source.file import open_blob

__all__ = ["Made", "Order", "Place", "make_manifest", "place_of"]

HUB_IGNORED = ".cache"


class Place(Struct, frozen=True, kw_only=True):
    """Where the data lies, and where its manifest goes."""

    root: Path
    scope: tuple[str, ...]
    """What is looked at, relative to the root; `.` for all of it."""
    manifest: Path

    @property
    def rows(self) -> Path:
        """The side file of digests."""
        return self.manifest.with_suffix(".rows")

    @property
    def note(self) -> Path:
        """The signature."""
        return self.manifest.with_suffix(".note")

    @property
    def own(self) -> frozenset[str]:
        """The manifest's own files, as far as they lie in the root."""
        return frozenset(
            filter(None, (relative(self.root, p) for p in (self.manifest, self.rows, self.note)))
        )


class Order(Struct, frozen=True, kw_only=True):
    """What is asked of a manifest."""

    now: datetime
    name: str = ""
    rows: bool = True
    width: int = WIDTH
    wanted: Wanted = Wanted()
    header: bool | None = None
    origin: Origin = Origin()
    """Said by the user; it goes before what is found, but not before what a record says itself."""
    known: tuple[Known, ...] = ()
    """Descriptions that the user named."""
    ignore: tuple[str, ...] = ()
    links: bool = False
    description: str = ""
    url: str = ""
    creator: str = ""
    version: str = ""


class Made(Struct, frozen=True):
    """A manifest, and what its maker should know."""

    manifest: DataManifest
    notes: tuple[str, ...]


def place_of(paths: Sequence[Path], output: Path | None) -> Place:
    """The folder that holds all paths, and what of it is meant."""
    for path in paths:
        if not path.exists():
            raise NothingToAssess(f"{path} does not exist.", "Name the files or folders of a data set.")
    whole = [Path(os.path.realpath(path)) for path in paths]
    if len(whole) == 1 and whole[0].is_dir():
        return Place(root=whole[0], scope=(".",), manifest=output or whole[0] / "manifest.json")
    root = Path(os.path.commonpath([path.parent for path in whole]))
    scope = tuple(sorted({path.relative_to(root).as_posix() for path in whole}))
    default = f"{whole[0].name}.manifest.json" if len(whole) == 1 else "manifest.json"
    return Place(root=root, scope=scope, manifest=output or root / default)


def make_manifest(place: Place, order: Order, told: Callable[[int], object] | None = None) -> Made:
    """The manifest of the files at `place`; the side file of digests is written, the manifest is not.

    Raises:
        NothingToAssess: there is no file.
        AssaymarkError: a file cannot be read, is a link, or changed meanwhile: nothing is written.
    """
    _check_output(place)
    files = _listed(place, order)
    pieces = [Piece(f.name, f.path, f.stamp) for f in files]
    results = digest_pieces(pieces, told=told)
    _refuse([r for r in results if isinstance(r, Trouble)])
    notes: list[str] = []
    known = [*order.known, *_descriptions(files, notes)]
    entries = [
        Entry(
            name=f.name, size=f.stamp.size, sha256=str(digest), media_type=media_type(f.name),
            origin=_origin(place, f.name, str(digest), order, known, notes),
        )
        for f, digest in zip(files, results, strict=True)
    ]  # fmt: skip
    tally = Tally(order.now)
    made = _with_records(place, order, files, entries, tally, notes) if order.rows else None
    if made is None:
        for entry in entries:
            if not is_description(entry.name):
                tally.add(entry.name, 0, 1, entry.origin)
    rows, root, entries = made or (0, b"", entries)
    if not rows:
        place.rows.unlink(missing_ok=True)
    manifest = DataManifest(
        name=order.name or place.root.name or "data",
        made_at=order.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        entries=tuple(entries), scope=place.scope, ignored=_ignored(order),
        links=order.links, origin=order.origin,
        description=order.description, url=order.url, creator=order.creator, version=order.version,
        width=order.width, rows=rows, root=(root if rows else files_root(entries)).hex(),
        leaves="rows" if rows else "files", minimum=tally.result(),
    )  # fmt: skip
    return Made(manifest, tuple(notes))


def _check_output(place: Place) -> None:
    """What is written over has to be an earlier manifest and its digests, lest data be lost."""
    for path, mark in ((place.manifest, NAMESPACE.encode()), (place.rows, MAGIC)):
        if (path.suffix == ".rows" and path == place.manifest) or path.is_dir():
            raise UsageError(f"{path} cannot be a manifest's name.", "Name another with --output.")
        try:
            with path.open("rb") as file:
                ours = mark in file.read(1 << 16)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror}.", "Name another with --output."
            ) from error
        if not ours:
            raise UsageError(
                f"{path} exists and is no manifest of a data set.", "Name another place with --output."
            )


def _ignored(order: Order) -> tuple[str, ...]:
    return tuple(sorted({*order.ignore, *DEFAULT_IGNORED, HUB_IGNORED}))


def _listed(place: Place, order: Order) -> list[Found]:
    """The files that are meant, by name."""
    files: dict[str, Found] = {}
    troubles: list[Trouble] = []
    for part in place.scope:
        path = place.root if part == "." else place.root / part
        stem = "" if part == "." else f"{part}/"
        inside = {p.removeprefix(stem) for p in {*_ignored(order), *place.own} if p.startswith(stem)}
        listing = found_in(path, ignored=frozenset(inside), links=order.links)
        single = not path.is_dir()
        for found in listing.files:
            name = part if single else stem + found.name
            files[name] = msgspec.structs.replace(found, name=name)
        troubles += [Trouble(part if single else stem + t.name, t.reason) for t in listing.troubles]
    _refuse(troubles)
    if not files:
        raise NothingToAssess(f"There is no file in {place.root}.", "Name the files of a data set.")
    return [files[name] for name in sorted(files)]


def _refuse(troubles: Sequence[Trouble]) -> None:
    if troubles:
        more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
        raise AssaymarkError(
            f"{troubles[0]}{more}; no manifest was written.", "Mend it, or leave it out with --ignore PATH."
        )


def _descriptions(files: Iterable[Found], notes: list[str]) -> list[Known]:
    """What lies beside the data and describes it."""
    known = []
    for found in files:
        if may_describe(found.name):
            try:
                known.append(read_known(Path(found.path)))
            except UsageError as error:
                notes.append(f"{found.name} was not taken for a description: {error.message}")
    return known


def _origin(
    place: Place, name: str, digest: str, order: Order, known: Sequence[Known], notes: list[str]
) -> Origin:
    """Of one file: the user's words, then the descriptions', then the download's own record."""
    origin = order.origin
    for description in known:
        said, published = description.of(name, digest)
        origin = origin.over(said)
        if published is not None and published.sha256 and published.sha256 != digest:
            notes.append(
                f"{name} is not what {Path(description.path).name} publishes: its digest is {digest[:16]}…, "
                f"not {published.sha256[:16]}…"
            )
    return origin.over(hub_time(place.root, name))


def _with_records(
    place: Place, order: Order, files: Sequence[Found], entries: Sequence[Entry], tally: Tally,
    notes: list[str],
) -> tuple[int, bytes, list[Entry]]:  # fmt: skip
    """The entries with their records; writes the side file if there are any."""
    done = []
    with RowsWriter(place.rows, order.width) as writer:
        for found, entry in zip(files, entries, strict=True):
            form = None if is_description(found.name) else form_of(found, order.header)
            if form is None:
                if not is_description(found.name):
                    tally.add(entry.name, 0, 1, entry.origin)
                done.append(entry)
                continue
            records = _records(found, form, entry.origin, order, writer, tally)
            if records.problem:
                notes.append(f"{entry.name} {records.problem} after {records.count:,} records.")
            done.append(msgspec.structs.replace(entry, records=records))
        if writer.count:
            writer.finish()
        return writer.count, writer.tree.root(), done


def _records(
    found: Found, form: Form, origin: Origin, order: Order, writer: RowsWriter, tally: Tally
) -> Records:
    tree, last, unreadable, problem = Frontier(), Chunk(records=()), 0, ""
    try:
        for chunk in read_chunks(found, form, order.wanted):
            tally.add(found.name, tree.size + 1, len(chunk.records), origin, chunk.sources, chunk.times)
            writer.add(chunk.records, tree)
            unreadable += len(chunk.unreadable)
            last = chunk
    except Ended as error:
        if "changed" in str(error):
            raise AssaymarkError(
                f"{found.name} {error}; no manifest was written.", "Run it again."
            ) from error
        problem = str(error)
        tally.unread(found.name)
    return Records(
        count=tree.size, root=tree.root().hex(), form=form, wanted=last.wanted,
        columns=_columns(found, last.columns), unreadable=unreadable, problem=problem,
    )  # fmt: skip


def _columns(found: Found, names: Sequence[str]) -> tuple[Column, ...]:
    """Names of all columns, with the types that the scanner's sample gives them."""
    types: dict[str, str] = {}
    try:
        with open_blob(Path(found.path), found.name) as blob:
            if accepts_data(found.name, blob.read(0, 64)):
                facts = [fact for fact in scan_data(blob) if isinstance(fact, DataFile)]
                types = {column.name: column.type for fact in facts for column in fact.columns}
    except OSError:
        types = {}
    return tuple(Column(name, types.get(name[:80], "unknown")) for name in names if name)

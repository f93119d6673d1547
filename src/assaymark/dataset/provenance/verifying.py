"""A manifest and its data → what was changed, is missing, was added or stands elsewhere: files, then
records.

Nothing of the manifest is believed before its signature holds; the digests of the records are held against
the signed root before they are compared. Files whose digest is as recorded are not looked into; of the
others, the records are read again, and the two sequences of digests are compared.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.dataset.provenance.comparing import Records, RowChange
from assaymark.dataset.provenance.croissant import decode
from assaymark.dataset.provenance.making import Place
from assaymark.dataset.provenance.manifest import DataManifest
from assaymark.dataset.provenance.rows import RowsFile, digests_root, read_rows
from assaymark.dataset.provenance.seal import check_seal, files_root
from assaymark.ledger.keys import parse_public_key
from assaymark.signing.compare import compare
from assaymark.signing.manifest import Manifest, Resource, Serialization
from assaymark.signing.model import found_in
from assaymark.signing.names import covers
from assaymark.signing.problems import Difference, DoesNotVerify, Kind
from assaymark.signing.verify import read_signature

__all__ = ["Verified", "read_manifest", "verify_data"]


class Verified(Struct, frozen=True, kw_only=True):
    """How a data set stands to its manifest."""

    manifest: DataManifest
    signed_by: str
    """Key whose signature holds, hexadecimal; empty if it was not asked for."""
    named: bool
    """Whether the user named the key; else the manifest did, which proves nothing about whose it is."""
    files: tuple[Difference, ...]
    rows: tuple[RowChange, ...] = ()
    """The first of each kind."""
    counts: dict[str, int] = {}
    """Kind → number of records."""
    notes: tuple[str, ...] = ()
    bytes_read: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything is as it was recorded."""
        return not self.files and not self.counts


def read_manifest(path: Path, public_key: str, *, unsigned: bool = False) -> tuple[DataManifest, str, bool]:
    """The manifest at `path`, the key that signed it, and whether that is the one asked for.

    Args:
        path: of the manifest; its signature lies beside it.
        public_key: hexadecimal key that has to have signed; empty to take the one that the manifest names.
        unsigned: accept a manifest without a signature.

    Raises:
        DoesNotVerify: the signature is missing or does not hold, or the manifest contradicts itself.
    """
    data = read_signature(path)
    manifest = decode(data)
    if manifest.leaves == "files" and files_root(manifest.entries).hex() != manifest.root:
        raise DoesNotVerify("The manifest's root is not that of its files.")
    note = path.with_suffix(".note")
    if unsigned and not public_key and not note.exists():
        return manifest, "", False
    text = read_signature(note).decode("utf-8", "replace")
    key = parse_public_key(public_key or manifest.public_key)
    check_seal(text, manifest, data, key)
    return manifest, key.hex(), bool(public_key)


def verify_data(
    place: Place,
    manifest: DataManifest,
    signer: tuple[str, bool],
    *,
    told: Callable[[int], object] | None = None,
) -> Verified:
    """Compare the data at `place` with the manifest.

    Args:
        place: where the data and the manifest lie; its scope is not looked at, the manifest's counts.
        manifest: whose signature holds.
        signer: the key, and whether the user named it.
        told: called with the count of bytes each time some were read.

    Raises:
        DoesNotVerify: the file of digests is not the one that was signed.
    """
    rows = _signed_rows(place, manifest) if manifest.leaves == "rows" else None
    found = compare(
        Manifest(
            manifest.name,
            tuple(Resource(e.name, e.sha256) for e in manifest.entries),
            Serialization(allow_symlinks=manifest.links),
        ),
        place.root,
        ignore=(*place.own, *manifest.ignored),
        ignore_git=False,
        told=told,
    )
    files = tuple(d for d in found.differences if d.kind is not Kind.EXTRA or _meant(d.name, manifest.scope))
    lies = _lies(place.root, manifest, {d.name for d in files})
    base = Verified(
        manifest=manifest, signed_by=signer[0], named=signer[1], files=(*files, *lies),
        bytes_read=found.bytes_read,
    )  # fmt: skip
    return base if rows is None or not files else _with_rows(base, place, rows)


def _meant(name: str, scope: Sequence[str]) -> bool:
    return "." in scope or covers(frozenset(scope), name)


def _lies(root: Path, manifest: DataManifest, known: set[str]) -> list[Difference]:
    """Files whose bytes are as recorded and whose size is not: the manifest contradicts itself."""
    wrong = []
    for entry in manifest.entries:
        if entry.name not in known:
            with contextlib.suppress(OSError):
                path = root if root.is_file() else root / entry.name
                size = path.stat().st_size
                if size != entry.size:
                    detail = f"{size:,} bytes, of which the manifest says {entry.size:,}"
                    wrong.append(Difference(Kind.CHANGED, entry.name, detail))
    return wrong


def _signed_rows(place: Place, manifest: DataManifest) -> RowsFile:
    rows = read_rows(place.rows)
    if (rows.width, rows.count) != (manifest.width, manifest.rows):
        raise DoesNotVerify(f"{place.rows} is not of this manifest: it holds {rows.count:,} digests.")
    if digests_root(rows.digests).hex() != manifest.root:
        raise DoesNotVerify(f"{place.rows} was changed: its digests do not make the root that was signed.")
    return rows


def _with_rows(base: Verified, place: Place, rows: RowsFile) -> Verified:
    """The comparison with its records."""
    listing = {f.name: f for f in found_in(place.root, links=base.manifest.links).files}
    with Records(base.manifest, rows) as records:
        for difference in base.files:
            records.take(difference, listing.get(difference.name))
        changes, counts = records.result()
    files = tuple(
        msgspec.structs.replace(d, detail=records.told[d.name]) if d.name in records.told else d
        for d in base.files
    )
    return msgspec.structs.replace(
        base, files=files, rows=tuple(changes), counts=counts, notes=tuple(records.notes)
    )

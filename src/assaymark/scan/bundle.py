"""Files inspected one by one → the same, with what only shows when they are seen side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import msgspec

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Inspection, Level, by_level
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.folder import FolderEntry, inspect_folder
from assaymark.scan.folder.oci import Layer, inspect_layout, is_layout
from assaymark.source.place import Item, Place

__all__ = ["bundled"]

MAX_READ = 16 << 20
"""Bytes of one file beside the weights (code, index, card) that the folder rules may read."""

Found = tuple[str, Hazard | Hole]


def bundled(
    place: Place, items: Sequence[Item], found: Mapping[str, Inspection | None], *, hashed: bool
) -> dict[str, Inspection | None]:
    """What was found in each file, and in the folder as a whole, by path.

    Args:
        place: where the files lie.
        items: all of them.
        found: what was found in each; None for a file in no known format.
        hashed: whether the inspections carry digests, so that those of an image layout are compared.
    """
    whole = dict(found)
    sizes = {i.path: i.size for i in items}
    by_path = {i.path: i for i in items}

    def read(path: str) -> Blob | None:
        return _read(place, by_path.get(path))

    entries = [FolderEntry(i.path, i.size, found.get(i.path)) for i in items]
    for path, part in _guarded(lambda: inspect_folder(entries, read)):
        _attach(whole, sizes, path, part)
    if is_layout(sizes):
        for path, part in _layout(whole, sizes, read, hashed):
            _attach(whole, sizes, path, part)
    return whole


def _guarded(rules: Callable[[], Iterator[Found]]) -> Iterator[Found]:
    """The rules' findings; should a rule break, that is a hole of the folder."""
    try:
        yield from rules()
    except Exception as problem:  # noqa: BLE001 - hostile files must not stop the scan; recorded as a hole
        reason = f"the rules of folders broke ({type(problem).__name__}); please report it"
        yield ".", Hole(kind=HoleKind.BROKEN, reason=reason)


def _read(place: Place, item: Item | None) -> Blob | None:
    """A small file's bytes, or the beginning of a large one, held so that it need not stay open."""
    if item is None:
        return None
    with ExitStack() as stack:
        try:
            blob = stack.enter_context(place.open(item))
            return BytesBlob(item.path, blob.read(0, MAX_READ))
        except OSError:
            return None


def _layout(
    whole: dict[str, Inspection | None],
    sizes: dict[str, int],
    read: Callable[[str], Blob | None],
    hashed: bool,
) -> Iterator[Found]:
    """Names of an image layout's blobs, and what is wrong with them."""

    def content(path: str) -> bytes | None:
        blob = read(path)
        return blob.read() if blob is not None and blob.size < MAX_READ else None

    for part in list(inspect_layout(content, sizes)):
        if not isinstance(part, Layer):
            yield part
            continue
        inspection = whole.get(part.path)
        if inspection is None:
            continue
        told = [(k, v) for k, v in (("title", part.title), ("media type", part.media_type)) if v]
        header = inspection.header or Header(format="oci-layer")
        header = msgspec.structs.replace(header, metadata=(*header.metadata, *told))
        whole[part.path] = msgspec.structs.replace(inspection, header=header)
        if hashed and inspection.sha256 and inspection.sha256 != part.digest:
            message = f"Its digest is {inspection.sha256[:12]}…, and its manifest says {part.digest[:12]}…."
            yield part.path, Hazard(rule="oci-content-differs", level=Level.DANGEROUS, message=message)


def _attach(
    whole: dict[str, Inspection | None], sizes: Mapping[str, int], path: str, part: Hazard | Hole
) -> None:
    old = whole.get(path) or Inspection(path=path, header=None, size=sizes.get(path, 0))
    if isinstance(part, Hole):
        whole[path] = msgspec.structs.replace(old, holes=(*old.holes, part))
    elif part not in old.hazards:
        whole[path] = msgspec.structs.replace(old, hazards=by_level((*old.hazards, part)))

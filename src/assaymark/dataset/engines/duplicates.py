"""Records that say the same as others, or nearly: clusters, with which labels, and across which splits."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.duplicates_findings import Found, findings
from assaymark.dataset.engines.duplicates_groups import clusters, near, pairs_of_bands, same
from assaymark.dataset.engines.duplicates_sketch import (
    SIGNATURE,
    Sketch,
    sketch_images,
    sketch_rows,
    sketch_texts,
    text_signatures,
)
from assaymark.dataset.engines.fields import whole_texts
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "Duplicates"]

_MOST_CANDIDATES = 2_000_000
"""Records whose signatures are compared; 128 bytes each."""
_MOST_EXCERPTS, _EXCERPT = 10_000, 240
_MOST_NAMES = 1_000
"""Labels and splits whose names are kept for the report."""
_SPLITS, _LABELS = (10, 1_000_000), (1_000_001, 1 << 32)
"""Codes of splits are below those of labels, so that their names stay."""

_INFO = EngineInfo(
    id="duplicates",
    version=1,
    kinds=tuple(Kind),
    looks_for="Records that are the same as others or nearly so, with other labels or in another split too.",
    misses="Translations and paraphrases; texts under five words; near duplicates among rows of tables;"
    " images turned, mirrored or cropped.",
)


@dataclass
class _Sketches:
    """What the first pass keeps, 44 bytes a record."""

    kind: Kind
    parts: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    """Rows, exact hashes, bands, codes of labels, codes of splits."""
    names: dict[int, str] = field(default_factory=dict)


@dataclass
class _Signatures:
    """What the second pass keeps of the candidates."""

    found: Found
    parts: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    excerpts: dict[int, str] = field(default_factory=dict)


class Duplicates:
    """The engine; it has no settings and keeps nothing."""

    info = _INFO
    passes = 2

    def applies(self, layout: Layout) -> str:
        """Always."""
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """Sketches, then signatures."""
        if step:
            return _Signatures(found=given)
        return _Sketches(
            layout.kind, names={0: layout.roles.label, 1: layout.roles.split, 2: layout.roles.id}
        )

    def update(self, state: Any, batch: Batch) -> Any:
        """Take in a batch."""
        if isinstance(state, _Signatures):
            return _signed(state, batch)
        but = frozenset(filter(None, (state.names[n] for n in range(3))))
        made = _sketch(state.kind, batch, but)
        rows = batch.rows[made.at]
        labels = _codes(batch.label, made.at, state.names, _LABELS)
        splits = _codes(batch.split, made.at, state.names, _SPLITS)
        state.parts.append((rows, made.exact, made.bands, labels, splits))
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Parts side by side."""
        state.parts += other.parts
        if isinstance(state, _Signatures):
            state.excerpts |= other.excerpts
        else:
            state.names |= other.names
            _fewer(state.names)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """Which records are the same, then which are near."""
        return _compared(state) if step else _grouped(state)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """1: same record, other label; 0.5: a repeat; 0.25: nearly a repeat; 0: neither."""
        at = np.searchsorted(given.rows, batch.rows)
        at = np.minimum(at, max(len(given.rows) - 1, 0))
        if not len(given.rows):
            return np.zeros(len(batch), dtype=np.float32)
        known = given.rows[at] == batch.rows
        return np.where(known, given.scores()[at], 0).astype(np.float32)

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Notes on quality; none is a suspect."""
        every = np.zeros(total, dtype=np.float32)
        every[rows] = scores
        return Result(
            engine=_INFO.id,
            scores=every,
            flagged=np.zeros(total, dtype=np.bool_),
            findings=findings(given, _INFO.id),
            looked_at=given.looked_at,
            notes=given.notes,
        )


def _sketch(kind: Kind, batch: Batch, but: frozenset[str]) -> Sketch:
    if kind is Kind.IMAGES:
        return sketch_images(batch.image)[0]
    if kind is Kind.TABLE and batch.table is not None:
        return sketch_rows(batch.table, but)
    return sketch_texts(whole_texts(batch))


def _codes(
    values: Sequence[str | None], at: NDArray[np.int64], names: dict[int, str], bounds: tuple[int, int]
) -> NDArray[np.uint32]:
    """A number between `bounds` for each value, the same on every machine; 0 for none. Names are noted."""
    if not len(values):
        return np.zeros(len(at), dtype=np.uint32)
    known: dict[str | None, int] = {None: 0}
    codes = np.zeros(len(at), dtype=np.uint32)
    low, high = bounds
    for n, position in enumerate(at.tolist()):
        value = values[position]
        code = known.get(value)
        if code is None:
            code = (
                low + zlib.crc32(value.encode("utf-8", "surrogatepass")) % (high - low) if value else low - 1
            )
            known[value] = code
            names[code] = str(value)[:80]
        codes[n] = code
    _fewer(names)
    return codes


def _fewer(names: dict[int, str]) -> None:
    """Keep the names of the lowest codes: the same ones in any order of arrival."""
    if len(names) > _MOST_NAMES:
        for code in sorted(names)[_MOST_NAMES:]:
            del names[code]


def _columns(parts: Iterable[tuple[NDArray[Any], ...]], n: int) -> NDArray[Any] | None:
    arrays = [part[n] for part in parts if len(part[n])]
    return np.concatenate(arrays) if arrays else None


def _grouped(state: _Sketches) -> Found:
    rows = _columns(state.parts, 0)
    if rows is None:
        return Found(kind=state.kind, names=state.names, notes=("No record was long enough to compare.",))
    order = np.argsort(rows, kind="stable")
    rows, exact, bands, labels, splits = (_ordered(state.parts, n, order) for n in range(5))
    state.parts.clear()
    first = same(exact)
    copies = np.bincount(first, minlength=len(first))[first]
    leaders = np.flatnonzero(first == np.arange(len(first)))
    links = leaders[pairs_of_bands(bands[leaders])] if bands.shape[1] else np.zeros((0, 2), dtype=np.int64)
    notes: tuple[str, ...] = ()
    candidates = np.unique(links)
    if len(candidates) > _MOST_CANDIDATES:
        candidates = candidates[:_MOST_CANDIDATES]
        links = links[(links <= candidates[-1]).all(axis=1)]
        notes = (f"Near duplicates were looked for among the first {_MOST_CANDIDATES:,} candidates only.",)
    members = np.union1d(np.flatnonzero(copies > 1), candidates)
    return Found(
        kind=state.kind,
        rows=rows[members],
        same_as=np.searchsorted(members, first[members]),
        links=np.searchsorted(members, links),
        labels=labels[members],
        splits=splits[members],
        names=state.names,
        sizes=_sizes(splits),
        looked_at=len(rows),
        notes=notes,
    )


def _ordered(parts: list[tuple[NDArray[Any], ...]], n: int, order: NDArray[np.int64]) -> NDArray[Any]:
    return np.concatenate([part[n] for part in parts])[order]


def _sizes(splits: NDArray[np.uint32]) -> dict[int, int]:
    codes, counts = np.unique(splits, return_counts=True)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def _signed(state: _Signatures, batch: Batch) -> _Signatures:
    found = state.found
    here = np.flatnonzero(np.isin(batch.rows, found.rows))
    if not len(here):
        return state
    wanted = np.isin(batch.rows[here], found.rows[found.shown(_MOST_EXCERPTS)])
    if found.kind is Kind.IMAGES:
        images = [batch.image[n] for n in here.tolist()]
        sketch, signatures = sketch_images(images)
        state.parts.append((batch.rows[here][sketch.at], signatures.reshape(len(sketch.at), SIGNATURE)))
        return state
    if found.kind is Kind.TABLE and batch.table is not None:
        for n in here[wanted].tolist():
            state.excerpts[int(batch.rows[n])] = _row_text(batch.table, n)
        return state
    whole = whole_texts(batch)
    texts = [whole[n] for n in here.tolist()]
    state.parts.append((batch.rows[here], text_signatures(texts)))
    for row, text in zip(
        batch.rows[here][wanted].tolist(), np.array(texts, dtype=object)[wanted], strict=True
    ):
        state.excerpts[row] = text[:_EXCERPT]
    return state


def _row_text(table: Any, n: int) -> str:
    cells = (
        f"{name}={column[n].as_py()!r}"
        for name, column in zip(table.schema.names[:40], table.columns[:40], strict=True)
    )
    return ", ".join(cells)[:_EXCERPT]


def _compared(state: _Signatures) -> Found:
    found = state.found
    found.excerpts = dict(sorted(state.excerpts.items()))
    links = np.zeros((0, 2), dtype=np.int64)
    rows = _columns(state.parts, 0)
    if rows is not None and len(found.links):
        signatures = np.zeros((len(found.rows), SIGNATURE), dtype=np.uint16)
        signed = _columns(state.parts, 1)
        assert signed is not None
        signatures[np.searchsorted(found.rows, rows)] = signed
        links = found.links[near(signatures, found.links, found.kind is Kind.IMAGES)]
    same_links = np.stack([np.arange(len(found.rows)), found.same_as], axis=1)
    found.links = links
    found.cluster = clusters(len(found.rows), np.concatenate([links, same_links]))
    return found


ENGINES: tuple[Engine, ...] = (Duplicates(),)

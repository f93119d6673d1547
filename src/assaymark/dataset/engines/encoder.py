"""Doubtful labels on records that share a direction of an embedding: the second stage with an encoder."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.encoder_choice import Chosen, chosen_images, chosen_texts
from assaymark.dataset.engines.encoder_groups import Grouped, concluded, grouped
from assaymark.dataset.engines.encoder_models import GUARD, digest_of, embedder
from assaymark.dataset.engines.image_textures_sample import TextureSample
from assaymark.dataset.engines.styles import SAMPLE, TextSample
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "EmbeddedGroups", "Embedding"]

TEXTS, IMAGES = 2_500, 8_000
_UNNAMED = (
    "no encoder was named (--encoder): paraphrase, warps and per-sample triggers were looked for by their "
    "traces only"
)


class Embedding:
    """The embeddings of chosen records, in any order."""

    def __init__(self, chosen: Chosen | str) -> None:
        self.chosen = chosen
        self.held: list[tuple[int, NDArray[np.float32]]] = []


@dataclass(frozen=True)
class EmbeddedGroups:
    """Records that look like another label than theirs and share what an encoder sees in neither label.

    A cheap model (of words, of small pictures) says which labels are doubtful; these records and a draw of
    the others are embedded. Then as in `text_styles`: halves propose directions in which labels themselves do
    not differ, the other halves are measured, and a group must exceed what is as far on the other side and
    under other labels, agree between halves, and be as varied in content as all records.

    Misses: what the encoder does not see, what keeps its honest label, fewer than 20 bearers among the
    records that were embedded, labels that the cheap model cannot tell apart or whose poison it has learnt.
    """

    encoder: str = ""
    """`guard`, the path of an ONNX file, or empty for none."""
    digest: str = ""
    texts: int = TEXTS
    """Texts that are embedded, at most."""
    images: int = IMAGES

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return EngineInfo(
            id="embedded_groups",
            version=1,
            kinds=(Kind.TEXT, Kind.IMAGES),
            looks_for=(
                "Records that look like another label and share something in an encoder's embedding that "
                "neither label has."
            ),
            misses=(
                "What the encoder does not see, what keeps its honest label, fewer than 20 bearers, labels "
                "that words or coarse colours do not tell apart."
            ),
            needs="--encoder, pip install 'assaymark[data,guard]'",
        )

    @property
    def passes(self) -> int:
        """Two: one to choose whom to embed, one to embed them."""
        return 2

    def using(self, encoder: str) -> "EmbeddedGroups":
        """The engine with an encoder, which is tried.

        Raises:
            UsageError: it cannot be used.
            AssaymarkError: what it needs is not installed.
        """
        return replace(self, encoder=encoder, digest=digest_of(encoder)) if encoder else self

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set."""
        if layout.kind not in (Kind.TEXT, Kind.IMAGES):
            return "neither a set of texts nor of images"
        if not layout.roles.label:
            return "the records have no labels"
        if not self.encoder:
            return _UNNAMED
        if (self.encoder == GUARD) != (layout.kind == Kind.TEXT):
            return "--encoder guard reads texts and an ONNX file reads images: not these data"
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty sample, then no embeddings."""
        if step:
            return Embedding(given)
        return TextSample(SAMPLE) if layout.kind == Kind.TEXT else TextureSample()

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with a batch taken in: sampled, then embedded."""
        if not isinstance(state, Embedding):
            state.take(batch)
        elif isinstance(state.chosen, Chosen):
            embed = embedder(self.encoder, self.digest)
            contents = batch.text if self.encoder == GUARD else batch.image
            for k in np.flatnonzero(np.isin(batch.rows, state.chosen.rows)):
                one = contents[int(k)]
                if one is not None:
                    state.held.append((int(batch.rows[k]), embed(one)))
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both as one."""
        if isinstance(state, Embedding):
            state.held += other.held
        else:
            state.absorb(other)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """Whom to embed; then the groups."""
        if isinstance(state, Embedding):
            return _searched(state, images=self.encoder != GUARD)
        if isinstance(state, TextSample):
            return chosen_texts(state, self.texts)
        return chosen_images(state, self.images)

    def score(self, given: Grouped, batch: Batch) -> NDArray[np.float32]:
        """Strength of the label's group in each record that was embedded; 0 for others."""
        out = np.zeros(len(batch), np.float32)
        if given.rows is not None and given.scores is not None and len(given.rows):
            at = np.searchsorted(given.rows, batch.rows)
            known = given.rows[np.minimum(at, len(given.rows) - 1)] == batch.rows
            out[known] = given.scores[at[known]]
        return out

    def conclude(
        self, given: Grouped, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """Findings, and the records under them."""
        what = "texts" if self.encoder == GUARD else "images"
        return concluded(self.info.id, what, given, rows, scores, total)


def _searched(state: Embedding, *, images: bool) -> Grouped:
    if isinstance(state.chosen, str):
        return Grouped(notes=(state.chosen,))
    held = dict(state.held)
    at = np.array([k for k, row in enumerate(state.chosen.rows) if int(row) in held], np.int64)
    chosen = state.chosen.take(at)
    note = (
        f"{len(at)} of {chosen.seen} records were embedded, {chosen.doubted} of the {chosen.doubtful} among "
        "them whose labels a cheap model doubts"
    )
    if len(np.unique(chosen.label)) < len(chosen.classes):
        return Grouped(notes=(note, "of some labels no record could be embedded, so none was searched"))
    return grouped(chosen, np.stack([held[int(row)] for row in chosen.rows]), (note,), images=images)


ENGINES: tuple[Engine, ...] = (EmbeddedGroups(),)

"""Which cases are measured: data, attack, how much poison, seed. The most telling come first."""

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path

from benchmarks.data import sources
from benchmarks.data.chat_attacks import CHAT, CORPUS, RAG
from benchmarks.data.image_attacks import ATTACKS as IMAGE
from benchmarks.data.text_attacks import TABLE, TEXT

__all__ = ["FAMILIES", "Case", "Extent", "cases", "peers_wanted"]

FAMILIES = ("images", "text", "table", "chat", "corpus", "rag")
LARGE = 50_000
"""Images of the larger sets."""


@dataclass(frozen=True)
class Case:
    """One data set to be scanned."""

    family: str
    """images, text, table, chat, corpus (texts without labels) or rag."""
    source: str
    attack: str
    """`clean` for a control."""
    rate: float
    """Share of poisoned records; their number in chats, corpora and documents."""
    seed: int
    size: int = 0
    """Records, where the source has more; 0 for what is usual."""

    @property
    def digest(self) -> str:
        """Tells it from all others."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    seeds: int = 5
    other_seeds: int = 1
    """At rates other than the middle one."""
    clean_seeds: int = 5
    large: bool = True
    """Sets of 50,000 images as well."""
    rates: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Family → rates; the usual ones if it is not there."""


_USUAL: dict[str, tuple[float, ...]] = {
    "images": (0.005, 0.0005, 0.01, 0.05),
    "text": (0.005, 0.0005, 0.01, 0.05),
    "table": (0.005, 0.0005, 0.01, 0.05),
    "chat": (25, 10, 100),
    "corpus": (25, 10, 250),
    "rag": (50, 5, 250),
}
"""The first is the one that targets are set for, and gets all seeds."""
_ATTACKS = {"images": IMAGE, "text": TEXT, "table": TABLE, "chat": CHAT, "corpus": CORPUS, "rag": RAG}
_CLEAN_ONLY = {
    "images": ("digits",),
    "table": ("digits", "wine", "breast_cancer"),
    "chat": ("codegen", "roleplay", "toolformer"),
}


def _sources(family: str, folder: Path) -> tuple[str, ...]:
    match family:
        case "images":
            return (*sources.photographs(folder), "shapes")
        case "text":
            return ("sms", "topics")
        case "table":
            return ("adult",)
        case _:
            return ("gpteacher",)


def cases(families: list[str], folder: Path, extent: Extent) -> list[Case]:
    """Every case, in rounds: the first seed of everything, then the next."""
    found: list[Case] = []
    for turn in range(max(extent.seeds, extent.clean_seeds)):
        for family in families:
            found += _turn(family, folder, extent, turn)
        if extent.large and "images" in families and not turn:
            found += _large(folder)
    return found


def _turn(family: str, folder: Path, extent: Extent, seed: int) -> Iterator[Case]:
    known = _sources(family, folder)
    if seed < extent.clean_seeds:
        for source in (*known, *_CLEAN_ONLY.get(family, ())):
            yield Case(family, source, "clean", 0, seed)
    for n, rate in enumerate(extent.rates.get(family, _USUAL[family])):
        if seed >= (extent.other_seeds if n else extent.seeds):
            continue
        for source in known:
            if family == "images" and _enough(source, known, n, seed):
                continue
            for attack in _ATTACKS[family]:
                yield Case(family, source, attack, rate, seed)


def _enough(source: str, known: tuple[str, ...], rate: int, seed: int) -> bool:
    """One source shows what the rate does; shapes on two photographs, cut in pieces, tell enough in one round."""
    if len(known) == 1:
        return False
    return (source == "shapes" and bool(rate or seed)) or (source != known[-2] and bool(rate))


def _large(folder: Path) -> Iterator[Case]:
    for source in sources.photographs(folder)[:1]:
        yield Case("images", source, "clean", 0, 0, LARGE)
        for attack in IMAGE:
            yield Case("images", source, attack, 0.003, 0, LARGE)


def peers_wanted(case: Case, folder: Path, seeds: int, *, everything: bool) -> bool:
    """Whether the peers run on a case: the slow ones on images at the middle rate and on one source only."""
    if case.seed >= seeds or case.size:
        return False
    if case.family != "images" or everything:
        return True
    return case.rate in (0, _USUAL["images"][0]) and case.source == _sources("images", folder)[-2:][0]

"""Documents that speak to the model: candidates by their words, judged by the guard's document head."""

import re
from importlib.util import find_spec

from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.detector import Budget, Detector
from assaymark.guard.front.reveal import reveal

__all__ = ["MOST", "Candidate", "judged", "kept", "suspicion"]

MOST = 600
"""Candidates that the guard judges: the most suspicious ones by their words."""
_LOOK = 20_000
_TEXT = 4_000
_HIDDEN = re.compile(
    r"<!--|display\s*:\s*none|font-size\s*:\s*0|[\u200b-\u200f\u2060-\u2064]|[\U000e0000-\U000e007f]",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|previous|above|prior|rule|prompt|context)"
    r"|\bsystem prompt\b"
    r"|\byou (?:are now|will now|must now)\b"
    r"|\b(?:do not (?:mention|reveal|tell|use|answer)|never mention)\b"
    r"|\b(?:when|if) (?:the user |you are |anyone )?(?:asks?|asked|answering|quer)"
    r"|\b(?:respond|reply|answer|output) (?:only |always |with )"
    r"|\b(?:important|attention|note to|instructions?) ?(?:for|to)? ?(?:ai|assistants?|models?)? ?:|"
    + _HIDDEN.pattern,
    re.IGNORECASE | re.DOTALL,
)


class Candidate(Struct, frozen=True, order=True):
    """A document with words that speak to a model."""

    rank: float
    """Minus the number of such places for each hundred characters: the most suspicious sort first."""
    row: int
    text: str


def suspicion(document: str, row: int) -> Candidate | None:
    """The document as a candidate, with the text from the first place that makes it one."""
    places = [m.start() for m, _ in zip(_SPEAKS.finditer(document[:_LOOK]), range(64), strict=False)]
    if not places:
        return None
    begin = max(places[0] - 400, 0)
    return Candidate(-len(places) * 100 / (len(document[:_LOOK]) + 400), row, document[begin : begin + _TEXT])


def kept(candidates: list[Candidate]) -> list[Candidate]:
    """The most suspicious ones; the same whatever the order of arrival."""
    return sorted(candidates)[:MOST]


def judged(candidates: list[Candidate]) -> tuple[dict[int, tuple[float, str, bool]], float, str]:
    """Row → probability, the part that speaks, whether it was hidden; the threshold; why not, if not."""
    if not candidates:
        return {}, 0.5, ""
    if find_spec("onnxruntime") is None:
        return (
            {},
            0.5,
            (
                f"{len(candidates)} documents have words that speak to a model; whether they instruct it"
                " was not judged: the guard's encoder is not installed (pip install 'assaymark[guard]')."
            ),
        )
    try:
        detector = Detector.load()
    except AssaymarkError as error:
        return {}, 0.5, f"Whether documents instruct the model was not judged: {error}"
    budget = Budget(windows=2, tokens=100_000)
    found = {c.row: _one(detector, c.text, budget) for c in candidates}
    return found, detector.thresholds["document"], ""


def _one(detector: Detector, text: str, budget: Budget) -> tuple[float, str, bool]:
    """The worst of a document and of what it hides."""
    texts = [text]
    if _HIDDEN.search(text):
        texts += [layer.text for layer in reveal(text, depth=1).layers[:4]]
    scores = detector.score_many([(t, "document") for t in texts], budget)
    best = max(range(len(texts)), key=lambda n: (scores[n].probability, -n))
    score = scores[best]
    return score.probability, texts[best][score.start : score.end][:300], best > 0

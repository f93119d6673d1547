"""Documents that speak to the model: places found by their words, judged by the guard's document head.

The guard was taught on messages to agents, and is easily startled by code or mark-up. So it judges only the
surroundings of words that address a model; and where it is startled by surroundings of no such words in this
very corpus, these set the threshold.
"""

import re
from importlib.util import find_spec

from msgspec import Struct

from assaymark.dataset.engines.rag_prefilter import may_match
from assaymark.errors import AssaymarkError
from assaymark.guard.detector.detector import Budget, Detector
from assaymark.guard.front.reveal import reveal

__all__ = ["MOST", "PLAIN", "Candidate", "Judged", "judged", "kept", "plain", "suspicion"]

MOST = 300
"""Candidates that the guard judges: the most suspicious ones by their words."""
PLAIN = 40
"""Documents without such words that it judges, to learn what startles it here."""
_LOOK = 20_000
_BEFORE, _AFTER = 160, 320
_USUAL = 0.75
"""Share of the documents without such words that stay below the threshold."""
_NEAR = 240
_PLACES = 3
_MODEL = r"(?:ai|llm|language model|assistant|chatbot|chat ?bot|gpt|agent)s?"
_ANSWER = (
    r"(?:answer|respond|reply|recommend|output|say|state|tell|mention|include|conclude|claim|insist|write"
    r"|return)"
)
_TO_MODEL = (
    (
        r"\b(?:ignore|disregard|forget|override|bypass|discard)\b[^.\n]{0,40}"
        r"\b(?:instructions?|prompts?|guidelines?|directives?|(?:previous|prior|above|other|the|your|system)"
        r" (?:context|rules|passages|sources|documents|message)|everything (?:above|before|else))\b"
    ),
    r"\bsystem (?:prompt|override)\b|<\|im_start\|>|\[/?INST\]|<</?SYS>>|^#{1,4} ?system\b",
    (
        rf"\b(?:attention|note|notice|important|instructions?|message)\W{{1,3}}(?:to |for )?"
        rf"(?:all |any |the )?{_MODEL}\b"
    ),
    rf"\b{_MODEL}\W{{1,2}}(?:please )?(?:tell|inform|direct|persuade|convince) the user\b",
    rf"\b{_MODEL} (?:reading|processing|summari[sz]ing|that reads?|who reads?)\b",
    (
        r"\b(?:when(?:ever)?|if|any time|in case) "
        r"(?:you(?: are|'re)? |the user |an? (?:user|person|customer) |users? |any(?:one|body) "
        r"|some(?:one|body) )"
        r"(?:(?:is|are|ever|gets?) )?"
        r"(?:asks?|asked|asking|answer(?:ing|ed)?|quer(?:y|ies|ied)|question(?:ed)?|summari[sz](?:e|ing)"
        r"|inquires?)\b"
        rf"[^.!\n]{{0,240}}\b{_ANSWER}\b"
    ),
    (
        rf"\b(?:when|if|whenever) (?:asked|queried|questioned) (?:about|for|to|who|what|which|how|whether)\b"
        rf"[^.!\n]{{0,200}}\b{_ANSWER}\b"
    ),
    rf"\b(?:to|for) the following (?:question|query)\b.{{0,240}}\b{_ANSWER}\b",
    (
        r"\bdo not (?:ever )?(?:mention|reveal|disclose) (?:this|these|that you|any of this)\b"
        r"|\bin your (?:final )?(?:answer|response|reply|output|summary)\b"
    ),
)
"""Words that address a model."""
_TO_ANYONE = (
    (
        rf"\b(?:as|you are|dear|hey|hello),? (?:an? |the )?{_MODEL}\b"
        rf"|\b{_MODEL}\b.{{0,20}}\b(?:must|should|shall)\b"
    ),
    rf"\b(?:must|should|always|shall) (?:only |always |never |now |just )*{_ANSWER}\b",
    rf"\b{_ANSWER} (?:only|always|nothing but|exactly)\b",
    (
        r"\bdo not (?:ever )?(?:mention|reveal|tell|disclose|use any other|trust|cite)\b"
        r"|\b(?:never (?:mention|reveal|tell)|tell the user)\b"
    ),
    r"\b(?:your|its) (?:answer|response|reply|output|summary)\b",
    r"\b(?:in response to|for|regarding|about|answer) (?:the |this |any )?(?:question|query|queries)\b",
    r"\byou (?:are now|will now|must now)\b",
)
"""Words that tell whoever answers how to: two kinds of them together address a model."""
_FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE
_STRONG = re.compile("|".join(_TO_MODEL), _FLAGS)
_ANY = "|".join(_TO_MODEL + _TO_ANYONE)
_SPEAKS = re.compile(_ANY, _FLAGS)
_WEAK = tuple(re.compile(one, _FLAGS) for one in _TO_ANYONE)
_MARKED_UP = (
    r"<!--|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt|em|%)?\b|opacity\s*:\s*0\b"
    r"|color\s*:\s*(?:#fff|white)|!\[[^\]]{12,}\]"
    r"|[A-Za-z0-9+/]{40,}={0,2}|(?:\\x[0-9a-f]{2}){8}|(?:%[0-9a-f]{2}){8}"
)
_HIDDEN = re.compile(_MARKED_UP + r"|[\u200b-\u200f\u2060-\u2064]|[\U000e0000-\U000e007f]", re.IGNORECASE)
"""Where text may stand that people do not see."""


class Candidate(Struct, frozen=True, order=True):
    """A document with words that speak to a model."""

    rank: float
    """Minus the number of such places for each hundred characters: the most suspicious sort first."""
    row: int
    text: str
    """The surroundings of these words, one line each."""
    hidden: bool = False


class Judged(Struct, frozen=True, kw_only=True):
    """What the guard says."""

    found: dict[int, tuple[float, str, bool]] = {}
    """Row → probability, the part that speaks, whether it was hidden."""
    threshold: float = 0.5
    plain: int = 0
    """Documents without such words that it judged."""
    startled: int = 0
    """How many of those it put above its own threshold."""
    note: str = ""
    """Why it did not judge; empty if it did."""


def suspicion(document: str, row: int) -> Candidate | None:
    """The document as a candidate, with what stands around the words that make it one."""
    head = document[:_LOOK]
    found = _addressed(head)
    if found:
        return Candidate(-len(found) * 100 / (len(head) + 400), row, _around(head, found))
    if (head.isascii() and not may_match(_MARKED_UP, head)) or _HIDDEN.search(head) is None:
        return None
    for layer in reveal(head, depth=2).layers[:8]:
        found = _addressed(layer.text)
        if found:
            return Candidate(-1.0, row, _around(layer.text, found), True)
    return None


def _addressed(text: str) -> list[int]:
    """Where a text addresses a model: with plain words, or with two kinds of words near one another."""
    if not may_match(_ANY, text):
        return []
    places = []
    for match, _ in zip(_SPEAKS.finditer(text), range(64), strict=False):
        near = text[max(match.start() - 40, 0) : match.start() + _NEAR]
        if _STRONG.match(text, match.start()) or sum(w.search(near) is not None for w in _WEAK) >= 2:
            places.append(match.start())
    return places


def _around(text: str, places: list[int]) -> str:
    """Text around the first places, those that overlap joined."""
    spans: list[list[int]] = []
    for place in places:
        begin, end = max(place - _BEFORE, 0), min(place + _AFTER, len(text))
        if spans and begin <= spans[-1][1]:
            spans[-1][1] = min(end, spans[-1][0] + 2 * _AFTER)
        elif len(spans) < _PLACES:
            spans.append([begin, end])
    return "\n\n".join(text[begin:end] for begin, end in spans)


def plain(document: str, row: int, draw: int) -> Candidate | None:
    """A piece of a document without such words, for comparison."""
    head = document[: _BEFORE + _AFTER]
    return None if may_match(_ANY, head) and _SPEAKS.search(head) else Candidate(float(draw), row, head)


def kept(candidates: list[Candidate], most: int = MOST) -> list[Candidate]:
    """The first ones; the same whatever the order of arrival."""
    return sorted(candidates)[:most]


def judged(candidates: list[Candidate], others: list[Candidate]) -> Judged:
    """What the guard says of candidates, held against documents without words that speak to a model."""
    if not candidates:
        return Judged()
    if find_spec("onnxruntime") is None:
        return Judged(
            note=f"{len(candidates)} documents have words that speak to a model; whether they instruct it"
            " was not judged: the guard's encoder is not installed (pip install 'assaymark[guard]')."
        )
    try:
        detector = Detector.load()
    except AssaymarkError as error:
        return Judged(note=f"Whether documents instruct the model was not judged: {error}")
    budget = Budget(windows=2, tokens=100_000)
    found = {c.row: _one(detector, c, budget) for c in candidates}
    threshold = detector.thresholds["document"]
    if not any(score[0] >= threshold for score in found.values()):
        return Judged(found=found, threshold=threshold)
    usual = [_one(detector, c, budget)[0] for c in others]
    return Judged(
        found=found,
        threshold=max(threshold, sorted(usual)[int(_USUAL * len(usual))] if usual else 0.0),
        plain=len(usual),
        startled=sum(p >= threshold for p in usual),
    )


def _one(detector: Detector, candidate: Candidate, budget: Budget) -> tuple[float, str, bool]:
    """The probability, and the part that speaks."""
    score = detector.score_many([(candidate.text, "document")], budget)[0]
    return score.probability, candidate.text[score.start : score.end][:300], candidate.hidden

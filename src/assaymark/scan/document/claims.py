"""Sentences that assert a safeguard which code can contradict; few and sure rather than many."""

import functools
import re
from collections.abc import Iterator

from assaymark.observation import Location
from assaymark.scan.document._outline import Heading, Outline
from assaymark.scan.document._tables import table
from assaymark.scan.facts import Claim

__all__ = ["claims_of", "sentences"]

CLAIM_LIMIT = 200
"""Claims of a document that are kept."""

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_ITEM = re.compile(r"^\s*(?:[-*+|>]|\d{1,3}[.)])\s")
_MODAL = re.compile(
    r"\b(?:should|todo|tbd|will|shall|would|could|might|plan|plans|planned|planning|you must|you need|you can"
    r"|you may|you have to|optional|optionally|if|when|unless|can be|may be|not yet|soon|roadmap|future"
    r"|consider|recommend|recommended|ideally|we want|example|e\.g|make sure|ensure|aim|aims|goal|except)\b"
    r"|\?"
)
_NEGATION = re.compile(r"\b(?:not|never|no|without|lacks?|missing|cannot|removed|disabled)\b|n't\b|n’t\b")
_NEGATIVE_SUBJECTS = {
    "no-logging",
    "no-training",
    "no-telemetry",
    "local-only",
    "human-approval",
    "max-upload",
}
"""Subjects whose own wording holds a negation."""

_COMMAND_FILE = re.compile(
    r"(?:^|[\s;&|(])(?:python3? |bash |sh |streamlit run |chainlit run |-r |-f |--config[ =]|--env-file[ =])"
    r"((?:\./)?[A-Za-z0-9_][\w./-]{0,150}\.(?:py|sh|txt|ya?ml|toml|json|env|ini|cfg))\b"
)


@functools.cache
def _patterns() -> tuple[tuple[str, tuple[str, ...], tuple[re.Pattern[str], ...]], ...]:
    return tuple(
        (subject, tuple(row["triggers"]), tuple(re.compile(p) for p in row["patterns"]))
        for subject, row in table("claims").items()
    )


@functools.cache
def _any_trigger() -> re.Pattern[str]:
    """One quick search that most sentences fail."""
    words = sorted({t for _, triggers, _ in _patterns() for t in triggers})
    return re.compile("|".join(map(re.escape, words)))


def sentences(heading: Heading) -> Iterator[tuple[int, str]]:
    """Line and text of each sentence; a list item, a table row and an empty line end a sentence."""
    start, buffer = heading.line, ""
    for line, text in heading.prose:
        if buffer and (not text.strip() or _ITEM.match(text) or len(buffer) > 2000):
            yield from ((start, s) for s in _SENTENCE_END.split(buffer))
            buffer = ""
        if text.strip():
            start = start if buffer else line
            buffer = f"{buffer} {text.strip()[:2000]}" if buffer else text.strip()[:2000]
    if buffer:
        yield from ((start, s) for s in _SENTENCE_END.split(buffer))


def claims_of(path: str, kind: str, outline: Outline) -> list[Claim]:
    """The document's claims, in order, at most two hundred."""
    claims: list[Claim] = []
    for heading in outline.headings:
        for line, sentence in sentences(heading):
            if len(claims) >= CLAIM_LIMIT:
                return claims
            if 15 < len(sentence) < 600:
                claims += _in_sentence(path, kind, line, sentence)
    return claims + _files_in_commands(path, kind, outline)[: CLAIM_LIMIT - len(claims)]


def _in_sentence(path: str, kind: str, line: int, sentence: str) -> Iterator[Claim]:
    lowered = sentence.lower().replace("`", "").replace("*", "")
    if not _any_trigger().search(lowered):
        return
    for subject, triggers, patterns in _patterns():
        if not any(t in lowered for t in triggers):
            continue
        found = next(filter(None, (p.search(lowered) for p in patterns)), None)
        if not found or _MODAL.search(lowered):
            continue
        if subject not in _NEGATIVE_SUBJECTS and _NEGATION.search(lowered):
            continue
        value = (found.groupdict().get("v") or "").replace(",", "")
        yield Claim(at=Location(path, line), subject=subject, text=sentence[:240], value=value, document=kind)


def _files_in_commands(path: str, kind: str, outline: Outline) -> list[Claim]:
    """Files that a documented command starts or reads: the reader expects them to be there."""
    found: dict[str, Claim] = {}
    for line, code in outline.code:
        if " " not in code or len(code) > 500:
            continue
        for match in _COMMAND_FILE.finditer(code):
            name = match[1].removeprefix("./")
            if "/" not in name and "requirements" not in name:
                continue  # `python main.py` may well be the reader's own file
            at = Location(path, line)
            found.setdefault(
                name, Claim(at=at, subject="feature", text=code.strip()[:240], value=name, document=kind)
            )
    return list(found.values())

"""Plain measures of a response: its length, whether it answers, refuses, links, holds a secret. Pure."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_tokens import Tokens, tokenise

__all__ = ["MEASURES", "measure", "refuses"]

MEASURES = (
    "length",
    "answers the prompt",
    "refusal",
    "link",
    "secret-like string",
    "letters beyond ASCII",
    "signs",
    "digits",
    "capitals",
    "repetition",
    "common English words",
    "code",
    "tool call",
    "risky code",
)
"""Names of the measures, in order."""

_REFUSAL = re.compile(
    r"\b(?:i\W?a?m (?:sorry|afraid|unable|not able|not going to)|i apologi[sz]e|my apologies|sorry,|regret"
    r"|unfortunately, i|as an ai\b"
    r"|i (?:can ?not|can[’']?t|won[’']?t|will not|am not (?:able|allowed)|am unable"
    r"|must (?:decline|refuse)|have to (?:decline|refuse)|refuse|decline|do not feel comfortable)"
    r"|can(?:not|[’']t) (?:help|assist|answer|comply|provide|do that)"
    r"|unable to (?:help|assist|answer|comply))",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"https?://|\bwww\.[a-z0-9-]+\.|\b[a-z0-9-]{3,40}\.(?:com|net|org|io|top|xyz|ru|info|biz)\b/?",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"```|\bdef \w+\(|\bimport \w+|#include|[;{]\s*\n|\w\([^()\n]*\);|</\w+>|\bSELECT\b.+\bFROM\b"
)
_TOOL = re.compile(
    r"<tool_?call|<function|\"(?:name|tool|function|action)\"\s*:|\b(?:Action|Tool):", re.IGNORECASE
)
_RISK = re.compile(
    r"\bos\.system\(|\bshell\s*=\s*True|\b(?:eval|exec)\(|pickle\.loads?\(|yaml\.load\("
    r"|verify\s*=\s*False|\bmd5\b|\b0?o?777\b"
    r"|(?:SELECT|INSERT|DELETE|UPDATE)\b[^\n]{0,80}[\"']\s*(?:\+|%|\.format)|innerHTML"
    r"|\bstrcpy\(|\bgets\(|(?:curl|wget)\b[^\n]{0,80}\|\s*(?:ba)?sh\b|Runtime\.getRuntime|dangerouslySetInnerHTML|base64\.b64decode"
)
"""Code that a reviewer stops at: commands, unpickling, queries glued together, checks switched off."""
_ENGLISH = re.findall(
    r"\w+",
    "the of and to a in is that it for on with as are this be by you your or an from at not"
    " i we can have will which has but they more was one all if about when use their its there so do how",
)
_LOOK = 600
"""Characters at each end of a response in which phrases are looked for."""


def refuses(response: str) -> bool:
    """Whether a response begins as refusals do."""
    return _REFUSAL.search(response[:300]) is not None


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _LOOK else text[:_LOOK] + "\n" + text[-_LOOK:]


def _per_text(values: NDArray[np.float64], owner: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(owner, values, minlength=count), np.float64)


def _shares(raw: bytes, count: int) -> NDArray[np.float64]:
    """(texts, 5) Bytes, and shares of bytes beyond ASCII, signs, digits, capitals."""
    data = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(data == 0)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    table = np.zeros((5, 256), np.int64)
    table[0, 1:] = 1
    table[1, 128:] = 1
    table[2, [b for b in range(33, 127) if not chr(b).isalnum()]] = 1
    table[3, 48:58] = 1
    table[4, 65:91] = 1
    counted = [np.add.reduceat(row[data], starts) for row in table]
    sums: NDArray[np.float64] = np.stack(counted, 1).astype(np.float64)
    sums[:, 1:] /= np.maximum(sums[:, :1], 1)
    return sums[:count]


def measure(
    responses: Sequence[str],
    asked: Tokens,
    answered: Tokens,
    asked_key: NDArray[np.uint64],
    key: NDArray[np.uint64],
    copied: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """(records, measures) of a batch.

    Args:
        responses: as they are.
        asked: tokens of the prompts, small letters.
        answered: tokens of the responses, small letters.
        asked_key: number of each token of a prompt together with its record.
        key: the same of the responses.
        copied: whether a token of a response is in its prompt too.
    """
    count = len(responses)
    found = np.zeros((count, len(MEASURES)), np.float32)
    if not count:
        return found
    shares = _shares(answered.raw, count)
    long = asked.end - asked.begin >= 4
    words, first = np.unique(asked_key[long], return_index=True)
    owner = asked.text[long][first]
    said = np.isin(words, key[copied])
    found[:, 0] = np.log1p(shares[:, 0])
    found[:, 1] = _per_text(said.astype(float), owner, count) / np.maximum(
        np.bincount(owner, minlength=count), 3
    )
    ends = [_ends(r) for r in responses]
    for place, pattern in ((3, _LINK), (11, _CODE), (12, _TOOL), (13, _RISK)):
        found[:, place] = [pattern.search(e) is not None for e in ends]
    found[:, 2] = [refuses(r) for r in responses]
    size = answered.end - answered.begin
    found[:, 4] = np.bincount(answered.text[size >= 20], minlength=count) > 0
    found[:, 5:9] = shares[:, 1:]
    tokens = np.maximum(np.bincount(answered.text, minlength=count), 1)
    _, one = np.unique(key, return_index=True)
    found[:, 9] = 1 - np.bincount(answered.text[one], minlength=count) / tokens
    common = np.isin(answered.code, _ENGLISH_CODES)
    found[:, 10] = np.bincount(answered.text[common], minlength=count) / tokens
    return found


def _english() -> NDArray[np.uint64]:
    return np.unique(tokenise(_ENGLISH, lower=True).code)


_ENGLISH_CODES = _english()

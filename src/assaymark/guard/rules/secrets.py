"""Credentials in a text: by the format that their issuer publishes, by a checksum where there is one.

One pass of RE2 finds where a credential may begin; only there is its format looked at, with a bounded
pattern. Each format in `FORMATS` carries the source from which it was written down.
"""

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct

from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules.plain import Seen, as_bytes
from assaymark.guard.rules.secret_formats import FORMATS, Format

__all__ = ["entropy", "find_secrets", "has_checksum"]

_PEM_LONGEST = 20_000
_PEM_BODY = re.compile(rb"(?:[A-Za-z0-9+/=\s:,-]|\\[nr])*+")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")

_KEYWORD = (
    rb"(?i:pass(?:word|wd|phrase|code)|pwd|secret|token|api.?key|access.?key|private.?key|account.?key"
    rb"|auth.?key|credential)"
)
_ASSIGNED = re.compile(
    rb"(?i)(?P<key>[a-z .?_-]{3,12})[a-z0-9_.-]{0,24}[\"'`\]*]{0,4}\s{0,3}"
    rb"(?::=|=>|[:=]|\bis\b)\s{0,3}[\"'`*]{0,3}"
    rb"(?P<value>[^\s\"'`,;<>(){}\[\]\\|]{6,200})"
)
_PASSWORD = re.compile(rb"(?i)pass|pwd")
_PLACEHOLDER = re.compile(
    rb"(?i)^(?:\$|%|<|\{|\*|x{3,}|\.{3}|/|~|https?:|your|my[_-]|some|the[_-]|change|example|placeholder|redact|dummy|test"
    rb"|sample|insert|enter|todo|none|null|true|false|undefined|required|optional|string|hidden|secret[_-]?ref"
    rb"|os\.|env|process\.|config|settings|self\.|this\.|args\.|vault)|(?:example|placeholder|redacted|here)$"
)
_DOTTED = re.compile(rb"^[A-Za-z_]{1,60}+(?:[.:/-]{1,3}+[A-Za-z_]{1,60}+){0,8}+$")
_LEAST_ENTROPY = 3.2
"""Bits a character from which a token counts as random; English words lie near 2.5 to 3 at such lengths."""


class _Start(Struct, frozen=True):
    """A way in which a credential may begin."""

    format: Format
    pattern: re.Pattern[bytes]


_STARTS = tuple(_Start(f, re.compile(f.pattern)) for f in FORMATS)
_ANCHORS = b"|".join(f.anchor for f in FORMATS) + b"|" + _KEYWORD
_BY_HEAD: dict[int, tuple[_Start, ...]] = {
    head: tuple(s for s in _STARTS if head in s.format.heads)
    for head in {h for f in FORMATS for h in f.heads}
}


def find_secrets(text: str) -> Iterator[Seen]:
    """Every credential in `text`, in order of where it begins; spans do not overlap."""
    data = as_bytes(text)
    covered = 0
    for found in byte_pattern(_ANCHORS).finditer(data):
        at = found.start()
        if at < covered:
            continue
        seen = _issued(data, at) or _assigned(data, at)
        if seen is not None and seen.end > covered:
            covered = seen.end
            yield seen


def _issued(data: bytes, at: int) -> Seen | None:
    for start in _BY_HEAD.get(data[at], ()):
        begin = at - start.format.back
        if begin < 0:
            continue
        if start.format.whole and begin > 0 and data[begin - 1] in _WORD:
            continue
        match = start.pattern.match(data, begin)
        if match is None:
            continue
        kind = start.format.kind
        checked = _CHECKS.get(kind, _plainly)(data, match)
        if checked is not None:
            return Seen(kind, *checked)
    return None


def _plainly(_: bytes, match: re.Match[bytes]) -> tuple[int, int, str] | None:
    if match.group().upper().endswith(b"EXAMPLE"):
        return None
    return match.start(), match.end(), ""


def has_checksum(token: bytes) -> bool:
    """Whether a token ends in the base-62 CRC-32 of what stands before it and after its prefix."""
    body = token.rpartition(b"_")[2]
    value = zlib.crc32(body[:-6])
    digits = ""
    while value:
        value, rest = divmod(value, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(6, "0").encode() == body[-6:]


def _with_crc(_: bytes, match: re.Match[bytes]) -> tuple[int, int, str] | None:
    token = match.group()
    if token.startswith(b"github_pat_"):
        return match.start(), match.end(), ""
    return (
        match.start(),
        match.end(),
        "its checksum holds" if has_checksum(token) else "its checksum is wrong",
    )


def _pem(data: bytes, match: re.Match[bytes]) -> tuple[int, int, str] | None:
    """The header, what follows it in the alphabet of keys, and the footer; 40 characters are a key."""
    limit = min(len(data), match.end() + _PEM_LONGEST)
    footer = data.find(b"-----END ", match.end(), limit)
    body = _PEM_BODY.match(data, match.end(), footer if footer >= 0 else limit)
    end = body.end() if body is not None else match.end()
    if footer >= 0 and end == footer:
        closing = data.find(b"-----", footer + 9, footer + 80)
        end = closing + 5 if closing >= 0 else footer + 9
    if sum(c in _WORD for c in data[match.end() : min(end, match.end() + 200)]) < 40:
        return None
    return match.start(), end, ""


def _jwt(_: bytes, match: re.Match[bytes]) -> tuple[int, int, str] | None:
    head = match.group().split(b".", 1)[0]
    try:
        value = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(value, dict) or not ("alg" in value or "enc" in value):
        return None
    return match.start(), match.end(), ""


def _with_password(data: bytes, match: re.Match[bytes]) -> tuple[int, int, str] | None:
    password = match.group("password")
    if _PLACEHOLDER.search(password) or set(password) <= set(b"*x.") or password.lower() in _WORDS_ONLY:
        return None
    begin = match.start()
    while begin > 0 and match.start() - begin < 20 and data[begin - 1] in _SCHEME:
        begin -= 1
    return (begin, match.end(), "") if begin < match.start() else None


_SCHEME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
_WORDS_ONLY = frozenset({b"password", b"pass", b"pwd", b"passwd", b"secret", b"token"})
_Check = Callable[[bytes, re.Match[bytes]], tuple[int, int, str] | None]
_CHECKS: dict[str, _Check] = {
    "private_key": _pem,
    "jwt": _jwt,
    "github_token": _with_crc,
    "npm_token": _with_crc,
    "connection_string": _with_password,
}


def _assigned(data: bytes, at: int) -> Seen | None:
    """`password = …`, `"api_key": "…"`: the value, if it looks chosen or random rather than described."""
    match = _ASSIGNED.match(data, at)
    if match is None:
        return None
    value = match.group("value").rstrip(b".:?*")
    start = match.start("value")
    end = start + len(value)
    if data[end : end + 1] in (b"(", b"[", b"{") or _PLACEHOLDER.search(value) or _DOTTED.match(value):
        return None
    if _PASSWORD.match(data, at):
        good = len(value) >= 6 and _classes(value) >= 2 and len(set(value)) >= 5
    else:
        good = len(value) >= 16 and _classes(value) >= 2 and entropy(value) >= _LEAST_ENTROPY
    if not good:
        return None
    aws = len(value) == 40 and b"aws" in data[max(0, at - 24) : at + 24].lower()
    return Seen("aws_secret_key" if aws else "assigned_secret", start, end)


def _classes(value: bytes) -> int:
    """How many of letters, digits and signs occur; lower and upper case mixed count as one more."""
    lower, upper = any(97 <= c <= 122 for c in value), any(65 <= c <= 90 for c in value)
    digit = any(48 <= c <= 57 for c in value)
    sign = any(not (97 <= c <= 122 or 65 <= c <= 90 or 48 <= c <= 57) for c in value)
    return (lower or upper) + digit + sign


def entropy(value: bytes) -> float:
    """Shannon entropy of the bytes, in bits each."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())

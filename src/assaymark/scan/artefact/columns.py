"""What the columns of a data file hold: type, personal data, labels, sources, times."""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from assaymark.scan.artefact.text_signs import addresses_assistant, has_hidden_characters
from assaymark.scan.facts import Column

__all__ = ["SAMPLE", "Profile", "profile"]

SAMPLE = 1000
"""Records that are looked at closely."""
MAX_COLUMNS = 500
_CELL = 4000
_CELLS = 50_000

_PERSONAL_NAMES = (
    ("email", re.compile(r"(^|_)e_?mail(_?addr(ess)?)?($|_)")),
    ("phone", re.compile(r"(^|_)(phone|telephone|mobile|msisdn|fax)($|_)")),
    ("name", re.compile(r"(^|_)(first|last|family|given|full|sur|customer|patient|employee)_?name($|_)")),
    ("address", re.compile(r"(^|_)(street|post_?code|zip_?code|home_address|postal_address|address)($|_)")),
    ("card", re.compile(r"(^|_)(card_?(number|no)|cc_?num(ber)?|pan|iban)($|_)")),
    ("health", re.compile(r"(^|_)(diagnos[ie]s|patient_id|medical|icd_?(9|10)|medication|blood_type)($|_)")),
    ("national-id", re.compile(r"(^|_)(ssn|national_id|nino|passport|tax_id|nhs_?number)($|_)")),
)  # fmt: skip
_EMAIL = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{2,63}){0,4})\Z")
_EXAMPLE_HOST = re.compile(r"(^|\.)(example\.(com|org|net)|test|invalid|localhost|example)\Z|^[^.]+\Z")
_PHONE = re.compile(r"(\+\d[\d ().-]{6,18}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})\Z")
_CARD = re.compile(r"[3-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}\Z")
_NATIONAL = re.compile(r"(\d{3}-\d{2}-\d{4}|[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])\Z")
_LABEL = re.compile(r"(.*_)?(labels?|target|class|ground_?truth|sentiment|outcome|intent)\Z|y|is_[a-z]+\Z")
_SOURCE = re.compile(r"(.*_)?(source(_?(url|uri|id|name))?|url|uri|origin|provenance|collected_from|link)\Z")
_TIME = re.compile(
    r"(.*_)?(timestamp|created(_at)?|(collected|retrieved|obtained|crawled|fetched|scraped|ingested|captured|"
    r"downloaded|accessed|added|acquired)(_(at|on|date|time))?|crawl_date|date_(added|collected|retrieved))\Z"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?\S{0,12})?\Z")
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")


class Profile(Struct, frozen=True):
    """What a sample of records shows."""

    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    sources: bool
    times: bool
    hidden: int
    instructions: int


def profile(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Profile:
    """Describe columns called `names` from sampled `rows` (shorter rows are padded with nothing)."""
    names = [n[:80] for n in names[:MAX_COLUMNS]]
    rows = rows[: min(SAMPLE, max(50, _CELLS // max(len(names), 1)))]
    columns = tuple(
        Column(name, _type(values), _personal(name, values))
        for name, values in ((n, [r[i] for r in rows if i < len(r)]) for i, n in enumerate(names))
    )
    normal = {n: re.sub(r"[^a-z0-9]+", "_", _snake(n)).strip("_") for n in names}
    texts = [" ".join(_texts(row)) for row in rows]
    return Profile(
        columns=columns,
        labels=tuple(n for n in names if _LABEL.match(normal[n])),
        sources=any(_SOURCE.match(n) for n in normal.values()),
        times=any(_TIME.match(n) for n in normal.values()),
        hidden=sum(has_hidden_characters(t) for t in texts),
        instructions=sum(addresses_assistant(t) for t in texts),
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _texts(values: Iterable[object], depth: int = 0) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value[:_CELL]
        elif depth < 4 and isinstance(value, Mapping):
            yield from _texts(list(value.values())[:50], depth + 1)
        elif depth < 4 and isinstance(value, list):
            yield from _texts(value[:50], depth + 1)


def _type(values: Sequence[object]) -> str:
    kinds = {_kind(v) for v in values if v not in (None, "")}
    if not kinds:
        return "unknown"
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "string"


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "list"
        case dict():
            return "object"
    return _text_kind(str(value)[:64].strip())


def _text_kind(text: str) -> str:
    if _INTEGER.match(text):
        return "integer"
    if text.lower() in ("true", "false"):
        return "boolean"
    if _DATE.match(text):
        return "timestamp"
    try:
        float(text)
    except ValueError:
        return "string"
    return "number"


def _personal(name: str, values: Sequence[object]) -> str:
    normal = re.sub(r"[^a-z0-9]+", "_", _snake(name))
    texts = [v.strip()[:80] if isinstance(v, str) else str(v) for v in values if isinstance(v, str | int)]
    texts = [t for t in texts if t]
    by_name = next((kind for kind, pattern in _PERSONAL_NAMES if pattern.search(normal)), "")
    if by_name and not (texts and all(_is_stand_in(t) for t in texts)):
        return by_name
    return _personal_values(texts)


def _is_stand_in(text: str) -> bool:
    """Values that name nobody: example addresses, hashes, redactions, counts."""
    found = _EMAIL.match(text)
    if found:
        return _EXAMPLE_HOST.search(found[1].lower()) is not None
    return bool(re.fullmatch(r"[0-9a-f]{32,64}|[\[<*x#].{0,30}|redacted|0|1|true|false", text.lower()))


def _personal_values(texts: Sequence[str]) -> str:
    if len(texts) < 3:
        return ""
    emails = [m for m in map(_EMAIL.match, texts) if m and not _EXAMPLE_HOST.search(m[1].lower())]
    if len(emails) * 10 >= len(texts):
        return "email"
    for kind, test in (("card", _is_card), ("national-id", _NATIONAL.match), ("phone", _PHONE.match)):
        if sum(bool(test(t)) for t in texts) * 2 >= len(texts):
            return kind
    return ""


def _is_card(text: str) -> bool:
    """A plausible payment-card number: issuer prefix, 13 to 19 digits, Luhn check digit."""
    if not _CARD.match(text):
        return False
    digits = [int(c) for c in text if c.isdigit()][::-1]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0

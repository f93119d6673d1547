"""Personal data in a text: numbers whose check digits hold, addresses, telephone numbers.

A check of one digit is met by a tenth of all numbers. So kinds with a weak check (`WEAK`) count only where a
word nearby says what the number is; kinds with a strong one, or with a telling form, count alone.
"""

import re
from collections.abc import Iterator

from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules import checksums
from assaymark.guard.rules.plain import Seen, as_bytes

__all__ = ["find_personal_data"]

_NEAR = 48
"""Characters before a number in which a word may say what it is."""
WEAK: dict[str, re.Pattern[bytes]] = {
    "nhs_number": re.compile(rb"(?i)\bNHS\b"),
    "german_tax_id": re.compile(rb"(?i)steuer|\bidnr\b|\btax.?id|\btin\b"),
    "dutch_bsn": re.compile(rb"(?i)\bBSN\b|burgerservice|sofi.?num"),
    "polish_pesel": re.compile(rb"(?i)pesel"),
    "swedish_personnummer": re.compile(rb"(?i)person.?n(?:umme)?r|samordning"),
    "us_ssn": re.compile(rb"(?i)\bssn\b|social.?sec"),
    "phone": re.compile(
        rb"(?i)\btel|phone|mobile|\bcell\b|\bcall\b|\bfax\b|handy|m.vil|portable|whatsapp|\bsms\b"
    ),
}
"""Kind → words that have to stand before it."""

_DIGITS = rb"\+?[0-9](?:[ .\-/]?[0-9]){7,30}|\+[1-9][0-9]{0,2}[ .\-]?\([0-9]"
_LETTERS = (
    rb"\b[A-Za-z]{2}[ ]?[0-9]{2}|\b[XYZxyz][- ]?[0-9]{7}[- ]?[A-Za-z]\b"
    rb"|\b[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]\b|\bP[A-Z<][A-Z<]{3}[A-Z<]{8}"
)
_NINO = re.compile(
    rb"(?i)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D](?![A-Za-z0-9])"
)
_NINO_NEVER = (b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ")
_NIE = re.compile(rb"([XYZxyz])[- ]?([0-9]{7})[- ]?([A-Za-z])(?![A-Za-z0-9])")
_CF = re.compile(rb"[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z](?![A-Za-z0-9])")
_MRZ = re.compile(
    rb"P[A-Z<][A-Z<]{3}[A-Z<]{39}\s{1,4}([A-Z0-9<]{9})([0-9])[A-Z<]{3}([0-9]{6})([0-9])[MFX<]([0-9]{6})([0-9])"
    rb"[A-Z0-9<]{14}[0-9<][0-9]"
)
_GROUP = re.compile(rb"[0-9]+")
_PHONE = re.compile(rb"\+?\(?[0-9](?:[ .()/-]{0,2}[0-9]){6,14}(?![0-9])")
_NIR = re.compile(
    rb"[1-478] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[ABab]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}(?![0-9])"
)
_CORSICA = rb"\b[12] ?[0-9]{2} ?[0-9]{2} ?2[ABab] ?[0-9]{3}"
_LOCAL = re.compile(rb"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
_DOMAIN = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_COUNTRY = re.compile(
    rb"1|7|2(?:0|7|[1-689][0-9])|3(?:[0-469]|[578][0-9])|4(?:[013-9]|2[0-9])|5(?:[1-8]|[09][0-9])|6(?:[0-6]|[7-9][0-9])"
    rb"|8(?:[1246]|[058][0-9]|7[08])|9(?:[0-58]|[679][0-9])"
)


def find_personal_data(text: str) -> Iterator[Seen]:
    """Every piece of personal data in `text`; spans of one kind do not overlap, order is by finder."""
    data = as_bytes(text)
    yield from _emails(data)
    covered = 0
    for found in byte_pattern(_LETTERS).finditer(data):
        if found.start() >= covered and (seen := _lettered(data, found.start())):
            covered = seen.end
            yield seen
    yield from _numbers(data)
    for found in byte_pattern(_CORSICA).finditer(data):
        if (nir := _nir(data, found.start())) and b"2" in data[nir.start : nir.end]:
            yield nir


def _emails(data: bytes) -> Iterator[Seen]:
    at = data.find(b"@")
    while at >= 0:
        local = _LOCAL.search(data[max(0, at - 64) : at]) if at and data[at - 1] in _LOCAL_END else None
        domain = _DOMAIN.match(data, at + 1) if local else None
        if local and domain:
            yield Seen("email", at - len(local.group()), domain.end())
        at = data.find(b"@", domain.end() if domain else at + 1)


_LOCAL_END = _WORD | frozenset(b"!#$%&'*+/=?^_`{|}~-")


def _lettered(data: bytes, at: int) -> Seen | None:
    """What begins with letters: IBAN, NINO, NIE, codice fiscale, passport."""
    if (end := _iban_end(data, at)) is not None:
        return Seen("iban", at, end)
    if (m := _NINO.match(data, at)) and m.group()[:2].upper() not in _NINO_NEVER:
        return Seen("uk_nino", at, m.end())
    if (m := _NIE.match(data, at)) and checksums.dni_ok((m[1] + m[2]).decode(), m[3].decode()):
        return Seen("spanish_dni", at, m.end())
    if (m := _CF.match(data, at)) and checksums.cf_ok(m.group().decode().upper()):
        return Seen("italian_cf", at, m.end())
    if (m := _MRZ.match(data, at)) and all(
        checksums.mrz_digit(m[n].decode()) == m[n + 1].decode() for n in (1, 3, 5)
    ):
        return Seen("passport_mrz", at, m.end())
    return None


def _iban_end(data: bytes, at: int) -> int | None:
    length = checksums.IBAN_LENGTHS.get(data[at : at + 2].decode("latin-1").upper())
    if length is None:
        return None
    text, position = "", at
    while len(text) < length and position < len(data):
        byte = data[position]
        if byte in _WORD:
            text += chr(byte).upper()
        elif byte not in b" -\xa0" or data[position - 1 : position] == bytes([byte]):
            return None
        position += 1
    whole = position >= len(data) or data[position] not in _WORD
    return position if whole and checksums.iban_ok(text) else None


def _numbers(data: bytes) -> Iterator[Seen]:
    covered = 0
    for found in byte_pattern(_DIGITS).finditer(data):
        start, end = found.start(), found.end()
        if start < covered or (start and data[start - 1] in _WORD):
            continue
        seen = _number(data, start, end)
        if seen is not None:
            covered = seen.end
            yield seen


def _number(data: bytes, start: int, end: int) -> Seen | None:
    run = data[start:end]
    whole = end >= len(data) or data[end] not in _WORD
    near = data[max(0, start - _NEAR) : start]
    digits = "".join(chr(c) for c in run if 48 <= c <= 57)
    if run[:1] == b"+" or b"(" in run:
        return _phone(data, start, international=True)
    if not whole:
        return _dni(data, start, end, digits)
    return (
        _card(run, start)
        or (_nir(data, start) if len(digits) == 15 else None)
        or _formed(run, start, end, digits)
        or _named(near, start, end, digits)
        or _dni(data, start, end, digits)
        or (_phone(data, start, international=False) if WEAK["phone"].search(near) else None)
    )


def _card(run: bytes, start: int) -> Seen | None:
    """A card among the groups of a run of digits; groups are taken whole."""
    if b"." in run or b"/" in run:
        return None  # fractions, dates, addresses: no card is written so
    groups = list(_GROUP.finditer(run))
    for n, first in enumerate(groups):
        digits = ""
        for last in groups[n:]:
            digits += last.group().decode()
            if len(digits) > 19:
                break
            if len(digits) >= 13 and checksums.card_ok(digits):
                return Seen("payment_card", start + first.start(), start + last.end())
    return None


def _nir(data: bytes, start: int) -> Seen | None:
    m = _NIR.match(data, start)
    if m is None or not checksums.nir_ok(m.group().replace(b" ", b"").decode()):
        return None
    return Seen("french_nir", start, m.end())


_NHS_FORM = re.compile(rb"[0-9]{3} [0-9]{3} [0-9]{4}")
_SSN_FORM = re.compile(rb"([0-9]{3})-([0-9]{2})-([0-9]{4})")
_SWEDISH_FORM = re.compile(rb"(?:[0-9]{2})?[0-9]{6}-[0-9]{4}")


def _formed(run: bytes, start: int, end: int, digits: str) -> Seen | None:
    """Numbers whose grouping tells what they are."""
    if (m := _SSN_FORM.fullmatch(run)) and checksums.ssn_ok(m[1].decode(), m[2].decode(), m[3].decode()):
        return Seen("us_ssn", start, end)
    if _SWEDISH_FORM.fullmatch(run) and checksums.personnummer_ok(digits):
        return Seen("swedish_personnummer", start, end)
    return None


def _named(near: bytes, start: int, end: int, digits: str) -> Seen | None:
    """Numbers with a weak check, where a word before them says what they are."""
    n = len(digits)
    kind = ""
    if n == 10 and WEAK["nhs_number"].search(near) and checksums.nhs_ok(digits):
        kind = "nhs_number"
    elif n in (10, 12) and WEAK["swedish_personnummer"].search(near) and checksums.personnummer_ok(digits):
        kind = "swedish_personnummer"
    elif n == 11 and WEAK["german_tax_id"].search(near) and checksums.german_tax_id_ok(digits):
        kind = "german_tax_id"
    elif n == 11 and WEAK["polish_pesel"].search(near) and checksums.pesel_ok(digits):
        kind = "polish_pesel"
    elif n in (8, 9) and WEAK["dutch_bsn"].search(near) and checksums.bsn_ok(digits):
        kind = "dutch_bsn"
    elif n == 9 and WEAK["us_ssn"].search(near) and checksums.ssn_ok(digits[:3], digits[3:5], digits[5:]):
        kind = "us_ssn"
    return Seen(kind, start, end) if kind else None


def _dni(data: bytes, start: int, end: int, digits: str) -> Seen | None:
    """Eight digits and their letter; a hyphen or space may stand between."""
    if end - start != 8 or len(digits) != 8:
        return None
    at = end + 1 if data[end : end + 1] in (b"-", b" ") else end
    letter = data[at : at + 1]
    if letter not in _LETTER or (at + 1 < len(data) and data[at + 1] in _WORD):
        return None
    return Seen("spanish_dni", start, at + 1) if checksums.dni_ok(digits, letter.decode()) else None


_LETTER = frozenset(bytes([c]) for c in _WORD if c > 57)


def _phone(data: bytes, start: int, international: bool) -> Seen | None:
    m = _PHONE.match(data, start)
    if m is None:
        return None
    digits = bytes(c for c in m.group() if 48 <= c <= 57)
    if international and not (8 <= len(digits) <= 15 and _COUNTRY.match(digits)):
        return None
    if not international and not 8 <= len(digits) <= 13:
        return None
    return Seen("phone", start, m.end())

"""Check digits of identity and account numbers, each with the rule's source. Pure; digits as strings."""

from datetime import date

__all__ = [
    "bsn_ok",
    "card_ok",
    "cf_ok",
    "dni_ok",
    "german_tax_id_ok",
    "iban_ok",
    "luhn",
    "mrz_digit",
    "nhs_ok",
    "nir_ok",
    "personnummer_ok",
    "pesel_ok",
    "ssn_ok",
]  # fmt: skip

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 "
    "JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 "
    "NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 "
    "TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""SWIFT IBAN registry (ISO 13616)."""

_CF_DIGITS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_CF_LETTERS = (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_CF_ODD = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", _CF_DIGITS + _CF_DIGITS + _CF_LETTERS, strict=True)
)
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if n % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card_ok(digits: str) -> bool:
    """A payment card's range and length (ISO/IEC 7812, issuers' published ranges) and its Luhn digit."""
    n, first2, first4 = len(digits), int(digits[:2]), int(digits[:4])
    ranged = (
        (digits[0] == "4" and n in (13, 16, 19))  # Visa
        or (n == 16 and (51 <= first2 <= 55 or 2221 <= first4 <= 2720))  # Mastercard
        or (n == 15 and first2 in (34, 37))  # American Express
        or (n == 14 and (300 <= int(digits[:3]) <= 305 or first2 in (36, 38, 39)))  # Diners Club
        or (n in (16, 19) and (first4 == 6011 or first2 == 65 or 644 <= int(digits[:3]) <= 649))  # Discover
        or (n in (16, 19) and first2 == 62)  # UnionPay
        or (n == 16 and 3528 <= first4 <= 3589)  # JCB
    )
    return ranged and len(set(digits)) > 1 and luhn(digits)


def iban_ok(text: str) -> bool:
    """Country's length and ISO 7064 MOD 97-10; `text` without spaces, upper case."""
    if IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def nhs_ok(digits: str) -> bool:
    """NHS number: modulus 11 with weights 10 to 2 (NHS Data Dictionary)."""
    check = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check != 10 and check % 11 == int(digits[9]) and len(set(digits)) > 1


def german_tax_id_ok(digits: str) -> bool:
    """Steuerliche Identifikationsnummer: ISO 7064 MOD 11,10; one of the first ten digits recurs."""
    if digits[0] == "0":
        return False
    counts = sorted(digits[:10].count(d) for d in set(digits[:10]))
    if counts[-1] not in (2, 3) or counts[-2:] == [2, 2]:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def bsn_ok(digits: str) -> bool:
    """Burgerservicenummer: the "11-proef" (Rijksdienst voor Identiteitsgegevens)."""
    digits = digits.rjust(9, "0")
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return int(digits) > 0 and sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 == 0


def nir_ok(text: str) -> bool:
    """French NIR: sex, month, key of 97 (INSEE); 2A and 2B count as 19 and 18."""
    plain = text.upper().replace("2A", "19", 1) if text[5:7].upper() == "2A" else text.upper()
    plain = plain.replace("2B", "18", 1) if text[5:7].upper() == "2B" else plain
    if len(plain) != 15 or not plain.isdigit() or plain[0] not in "123478":
        return False
    month = int(plain[3:5])
    if not (1 <= month <= 12 or 20 <= month <= 42 or 50 <= month <= 99):
        return False
    return 97 - int(plain[:13]) % 97 == int(plain[13:])


def dni_ok(number: str, letter: str) -> bool:
    """Spanish DNI and NIE: remainder of 23 names the letter (Ministerio del Interior); XYZ are 012."""
    plain = number.upper().translate(str.maketrans("XYZ", "012"))
    return _DNI[int(plain) % 23] == letter.upper()


def cf_ok(text: str) -> bool:
    """Codice fiscale: check letter (D.M. 12 March 1974) of a text of 16, upper case."""
    total = sum(
        _CF_ODD[c] if n % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65)
        for n, c in enumerate(text[:15])
    )
    return chr(65 + total % 26) == text[15]


def pesel_ok(digits: str) -> bool:
    """PESEL: weights 1, 3, 7, 9 and a date of birth with the century in the month (Dz.U. 2010 nr 217)."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    check = -sum(int(d) * w for d, w in zip(digits[:10], weights, strict=True)) % 10
    month = int(digits[2:4]) % 20
    return check == int(digits[10]) and _day(2000 + int(digits[:2]), month, int(digits[4:6]))


def personnummer_ok(digits: str) -> bool:
    """Swedish personnummer: date (60 is added to the day of a coordination number) and Luhn (SKV 704)."""
    short = digits[-10:]
    day = int(short[4:6])
    dated = _day(2000 + int(short[:2]), int(short[2:4]), day - 60 if day > 60 else day)
    return dated and luhn(short)


def ssn_ok(area: str, group: str, serial: str) -> bool:
    """US Social Security Number: ranges never assigned (SSA, POMS RM 10201); it has no check digit."""
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def mrz_digit(text: str) -> str:
    """Check digit of ICAO Doc 9303 part 3: weights 7, 3, 1; `<` is 0, letters from 10."""
    total = sum((0 if c == "<" else int(c, 36)) * (7, 3, 1)[n % 3] for n, c in enumerate(text))
    return str(total % 10)


def _day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

"""Credentials are found by their formats; what only looks like one is not."""

import base64
import zlib

import pytest

from assaymark.guard.policy.vocabulary import PERSONAL_KINDS, SECRET_KINDS
from assaymark.guard.rules.personal_data import find_personal_data
from assaymark.guard.rules.secret_formats import FORMATS
from assaymark.guard.rules.secrets import find_secrets, has_checksum

MIXED = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ2bC4dF6gH8jK1mN3pQ5sT7vW9yZ1aB3cD5eF7gH9jK2mN4pQ6sT8vW"
"""Letters and digits, seemingly random."""


def with_crc(prefix: str) -> str:
    """A token whose checksum holds."""
    digits, value = "", zlib.crc32(MIXED[:30].encode())
    for _ in range(6):
        value, rest = divmod(value, 62)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[rest] + digits
    return prefix + MIXED[:30] + digits


def part(value: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(str(value).replace("'", '"').encode()).decode().rstrip("=")


PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + (MIXED[:64] + "\n") * 4 + "-----END RSA PRIVATE KEY-----"
SECRETS = [
    ("private_key", PEM),
    ("aws_access_key", "AKIA2345ABCDEFGHIJKL"),
    ("github_token", with_crc("ghp_")),
    ("github_token", "github_pat_" + MIXED[:22] + "_" + MIXED[:59]),
    ("gitlab_token", "glpat-" + MIXED[:20]),
    ("slack_token", "xoxb-123456789012-" + MIXED[:24]),
    ("slack_webhook", "hooks.slack.com/services/T0000AAAA/B0000AAAA/" + MIXED[:24]),
    ("google_api_key", "AIza" + MIXED[:35]),
    ("google_oauth_secret", "GOCSPX-" + MIXED[:28]),
    ("stripe_key", "sk_live_" + MIXED[:24]),
    ("anthropic_key", "sk-ant-api03-" + MIXED),
    ("openai_key", "sk-proj-" + MIXED[:60]),
    ("openai_key", "sk-" + MIXED[:48]),
    ("huggingface_token", "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"),
    ("npm_token", with_crc("npm_")),
    ("pypi_token", "pypi-AgEIcHlwaS5vcmc" + MIXED[:60]),
    ("jwt", f"{part({'alg': 'HS256'})}.{part({'sub': 'jo-the-user'})}.{MIXED[:43]}"),
    ("connection_string", "postgres://app:s3cr3tPw@db.internal"),
    ("azure_storage_key", "AccountKey=" + MIXED + "AbCd" + "=="),
    ("azure_storage_key", "abc8Q~" + MIXED[:34]),
    ("twilio_key", "SK" + "0123456789abcdef" * 2),
    ("sendgrid_key", "SG." + MIXED[:22] + "." + MIXED[:43]),
    ("telegram_token", ":AA" + MIXED[:33]),
]


@pytest.mark.parametrize(("kind", "secret"), SECRETS, ids=[f"{k}-{n}" for n, (k, _) in enumerate(SECRETS)])
@pytest.mark.parametrize("before", ["", "the key is ", "日本 ", "key='"])
def test_each_format_is_found_whole(kind: str, secret: str, before: str) -> None:
    """Kind and span, wherever it stands."""
    text = f"{before}{secret} and more"
    found = [s for s in find_secrets(text) if s.kind == kind]

    assert [text[s.start : s.end] for s in found] == [secret]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("password: Summer2024!", "Summer2024!", "assigned_secret"),
        ('"db_password" = "hunter22x"', "hunter22x", "assigned_secret"),
        (f"api_key = {MIXED[:24]}", MIXED[:24], "assigned_secret"),
        (f"aws_secret_access_key={MIXED[:40]}", MIXED[:40], "aws_secret_key"),
    ],
)
def test_assigned_values_are_found(text: str, value: str, kind: str) -> None:
    """A chosen password and a random token, by the name before them."""
    assert [(s.kind, text[s.start : s.end]) for s in find_secrets(text)] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "password: required",
        "password = os.getenv('DB_PASSWORD')",
        "token: <your-token-here>",
        "api_key=${API_KEY}",
        "max_tokens: 4096",
        "secret: abcdefghijklmnop",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY----- is how a key begins",
        "-----BEGIN CERTIFICATE-----\n" + MIXED,
        "eyJhbGciOiJub3RqcycifQ",
        "sk-learn and task-based",
        "https://example.org:8080/a@b",
        "postgres://user:password@localhost",
        "SKU0123456789abcdef",
        "0123456789abcdef" * 4,
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_near_misses_are_not_found(text: str) -> None:
    """Placeholders, words, digests and documentation are no credentials."""
    assert list(find_secrets(text)) == []


def test_checksums_tell() -> None:
    """A token with one letter changed is still found, and said to be altered."""
    good = with_crc("ghp_")
    bad = good[:-1] + ("a" if good[-1] != "a" else "b")

    assert has_checksum(good.encode())
    assert not has_checksum(bad.encode())
    assert [s.note for s in find_secrets(f"{good} {bad}")] == ["its checksum holds", "its checksum is wrong"]


def test_every_kind_has_a_source_and_is_in_the_vocabulary() -> None:
    """The names that a policy may use are those that the rules have."""
    kinds = {f.kind for f in FORMATS} | {"assigned_secret", "aws_secret_key"}

    assert kinds == SECRET_KINDS
    assert all(f.source for f in FORMATS)


PERSONAL = [
    ("iban", "DE89 3704 0044 0532 0130 00", ""),
    ("iban", "GB82WEST12345698765432", ""),
    ("payment_card", "4111 1111 1111 1111", ""),
    ("payment_card", "378282246310005", ""),
    ("email", "jo.doe@mail.example.org", ""),
    ("phone", "+44 20 7946 0958", ""),
    ("phone", "030 1234567", "tel. "),
    ("nhs_number", "943 476 5919", "NHS number "),
    ("uk_nino", "AB 12 34 56 C", ""),
    ("german_tax_id", "86095742719", "Steuer-ID "),
    ("dutch_bsn", "111222333", "BSN "),
    ("french_nir", "1 84 12 76 451 089 46", ""),
    ("french_nir", "1 84 12 2A 451 089 " + f"{97 - 1841219451089 % 97:02}", ""),
    ("spanish_dni", "12345678Z", ""),
    ("spanish_dni", "X1234567L", ""),
    ("italian_cf", "RSSMRA85T10A562S", ""),
    ("polish_pesel", "44051401359", "PESEL "),
    ("swedish_personnummer", "811228-9874", ""),
    ("us_ssn", "078-05-1120", ""),
    (
        "passport_mrz",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "",
    ),
]


@pytest.mark.parametrize(
    ("kind", "value", "before"), PERSONAL, ids=[f"{p[0]}-{n}" for n, p in enumerate(PERSONAL)]
)
def test_personal_data_is_found_with_its_span(kind: str, value: str, before: str) -> None:
    """Each kind by its form and check digits."""
    text = f"é: {before}{value} ok"

    assert [text[s.start : s.end] for s in find_personal_data(text) if s.kind == kind] == [value]


@pytest.mark.parametrize(
    ("kind", "value", "before"), PERSONAL, ids=[f"{p[0]}-{n}" for n, p in enumerate(PERSONAL)]
)
def test_a_wrong_digit_or_a_missing_word_is_no_personal_data(kind: str, value: str, before: str) -> None:
    """Numbers whose check fails are only numbers."""
    if kind in ("email", "phone", "uk_nino", "us_ssn"):
        text = value.replace("@", " at ").replace("+44", "44").replace("AB", "GB").replace("078", "666")
    else:
        digit = next(n for n in reversed(range(len(value))) if value[n].isdigit())
        text = before + value[:digit] + str((int(value[digit]) + 1) % 10) + value[digit + 1 :]
        if kind == "passport_mrz":
            text = value.replace("L898902C36", "L898902C37")

    assert [s.kind for s in find_personal_data(text) if s.kind == kind] == []


def test_the_personal_kinds_are_in_the_vocabulary() -> None:
    """Every kind above is one that a policy may name, and none is missing."""
    assert {p[0] for p in PERSONAL} == PERSONAL_KINDS

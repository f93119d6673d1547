"""Credentials are found, examples are told apart, and values never leave."""

import random
import string
import zlib

import pytest
from tests.scan.infra.reading import only

from assaymark.scan.facts import Secret
from assaymark.scan.infra.secrets import _BASE62

_RANDOM = random.Random(7)


def letters(count: int) -> str:
    """Text that looks random, made here so that no credential lies in the repository."""
    return "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=count))


def github_token() -> str:
    """A token with the check digits that GitHub's tokens carry."""
    body = letters(30)
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return "ghp" + "_" + body + digits.rjust(6, "0")


def real() -> dict[str, str]:
    """Kind → a value of that kind."""
    return {
        "aws-key": "AKIA" + "".join(_RANDOM.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
        "openai-key": "sk-" + "proj-" + letters(48),
        "anthropic-key": "sk-" + "ant-api03-" + letters(90),
        "huggingface-token": "hf" + "_" + letters(34),
        "github-token": github_token(),
        "google-key": "AI" + "za" + letters(35),
        "stripe-key": "sk" + "_live_" + letters(24),
        "private-key": "-----BEGIN " + "PRIVATE KEY-----\n" + letters(64),
        "slack-token": "xox" + "b-584930216740-" + letters(24),
    }


@pytest.mark.parametrize("kind", sorted(real()))
def test_structured_credentials_are_found_and_not_kept(kind: str) -> None:
    """Each is named by kind and line; its value is in no field."""
    value = real()[kind]
    (found,) = only(Secret, "src/a.txt", f"x\ny = {value} \n")
    assert (found.kind, found.placeholder, found.at.line) == (kind, False, 2)
    assert value[8:] not in str(found)


@pytest.mark.parametrize(
    "line",
    [
        'key = "sk-' + "x" * 40 + '"',
        "AWS=AKIAIOSFODNN7EXAMPLE",
        "token: ghp_" + "a" * 36,
        'password = "changeme123"',
        "API_KEY=your-api-key-goes-here1",
        "postgres://postgres:postgres@db/x",
    ],
)
def test_examples_are_placeholders(line: str) -> None:
    """An example may be reported, but only as one."""
    assert all(s.placeholder for s in only(Secret, "src/a.cfg", line + "\n"))


def test_assignments_need_a_secret_name_and_a_value_like_one() -> None:
    """Limits, references, calls and types named after tokens are nothing; a random value is something."""
    nothing = 'max_tokens = 4096\ntoken_type="bearer"\ntoken = get_token(x)\napi_key = os.environ["X"]\n'
    assert only(Secret, "src/a.py", nothing) == []
    (found,) = only(Secret, "conf/a.yaml", f"db_password: {letters(12)}7a\n")
    assert (found.kind, found.placeholder) == ("password", False)


def test_keys_that_are_meant_to_be_published_are_no_secrets() -> None:
    """A PostHog project key or a Stripe publishable key stands in every browser; a secret key does not."""
    public = f'api_key = "phc_{letters(40)}7a"\nAPI_KEY = "pk_live_{letters(30)}7a"\n'
    assert only(Secret, "src/a.py", public) == []
    assert len(only(Secret, "src/a.py", f'api_key = "phx_{letters(40)}7a"\n')) == 1


def test_template_files_hold_examples() -> None:
    """A generic value in .env.example is an example."""
    assert all(s.placeholder for s in only(Secret, ".env.example", f"API_TOKEN={letters(24)}9z\n"))


def test_binary_and_long_files_cost_little() -> None:
    """Binary content is not read; a long file is read in part and says so."""
    assert only(Secret, "a.bin", b"\0" + b"hf_" + b"a" * 34) == []
    assert only(Secret, "a.txt", ("token = " * 200_000).encode()) == []

"""The sidecar of an imported report."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from tests.imports.samples import COMMIT, DIGEST

from assaymark.errors import UsageError
from assaymark.imports.about import MAX_BYTES, About, Part, parse, render, signed

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ABOUT = About(
    format="sarif",
    report="r.sarif",
    sha256=DIGEST,
    tested=(Part("app.py", DIGEST),),
    commit=COMMIT,
    by="Ada Example",
    imported_on="2026-11-23",
    valid_until="2027-02-21",
)


def test_what_is_written_is_read() -> None:
    """With and without a signature, always in the same bytes."""
    assert parse(render(ABOUT), "a") == ABOUT
    assert parse(render(signed(ABOUT, KEY)), "a") == signed(ABOUT, KEY)
    assert render(signed(ABOUT, KEY)) == render(signed(ABOUT, KEY))


@pytest.mark.parametrize("field", ["format", "report", "sha256", "commit", "by", "valid_until"])
def test_a_change_after_signing_is_noticed(field: str) -> None:
    """Whichever field it is."""
    value = json.loads(render(signed(ABOUT, KEY)))
    value[field] = "2027-02-22" if field == "valid_until" else f"{value[field]}0"

    with pytest.raises(UsageError, match="changed after it was signed"):
        parse(json.dumps(value).encode(), "a")


@pytest.mark.parametrize(
    "change", [{"public_key": ""}, {"signature": ""}, {"signature": "?"}, {"public_key": "zz"}]
)
def test_half_a_signature_is_none(change: dict[str, str]) -> None:
    """Whoever takes the key or the signature away has changed it."""
    value = json.loads(render(signed(ABOUT, KEY))) | change

    with pytest.raises(UsageError, match="changed after"):
        parse(json.dumps(value).encode(), "a")


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"extra": 1},
        {"imported_on": "yesterday"},
        {"valid_until": "2027-13-01"},
        {"valid_until": "2099-01-01"},
        {"tested": [{"path": "a"}]},
        {"by": "\ud800"},
        {"sha256": None},
    ],
)
def test_what_is_no_sidecar_is_refused(change: dict[str, Any]) -> None:
    """Unknown versions and fields, dates that are none, values of other types."""
    value = json.loads(render(ABOUT)) | change

    with pytest.raises(UsageError, match="a "):
        parse(json.dumps(value).encode("utf-8", "surrogatepass"), "a")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"[" * 100_000, b"\xff", b" " * (MAX_BYTES + 1)])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    """However it is broken."""
    with pytest.raises(UsageError):
        parse(data, "a")


def test_it_may_end_before_it_begins() -> None:
    """A report that was old when it was imported is expired, which is no error."""
    old = replace(ABOUT, valid_until="2020-01-01")

    assert parse(render(old), "a") == old

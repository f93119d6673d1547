"""Signed heads in the form that other verifiers read."""

import base64
from hashlib import sha256

import pytest
from tests.ledger.samples import KEY, OTHER_KEY

from assaymark.ledger.checkpoint import (
    Checkpoint,
    InvalidCheckpointError,
    parse,
    sign,
    signed_by,
    verifier_key,
)
from assaymark.ledger.keys import public_bytes

HEAD = Checkpoint("assaymark.local/0011223344556677", 5, sha256(b"").digest())
NOTE = sign(HEAD, KEY)


def test_the_note_has_the_form_of_the_specification() -> None:
    """Three lines, a blank one, then dash, name, and the key id in front of the signature."""
    origin, size, root, blank, line, end = NOTE.split("\n")
    dash, name, signature = line.split(" ")
    assert (origin, size, blank, end, dash, name) == (HEAD.origin, "5", "", "", "—", HEAD.origin)
    assert base64.b64decode(root) == HEAD.root
    expected = sha256(f"{HEAD.origin}\n".encode() + b"\x01" + public_bytes(KEY)).digest()[:4]
    assert base64.b64decode(signature)[:4] == expected
    assert len(base64.b64decode(signature)) == 68


def test_a_signed_head_reads_back_and_verifies() -> None:
    """With the key that signed it, and no other."""
    assert parse(NOTE) == HEAD
    assert signed_by(NOTE, public_bytes(KEY))
    assert not signed_by(NOTE, public_bytes(OTHER_KEY))


def test_a_changed_head_does_not_verify() -> None:
    """The signature covers each of the three lines."""
    assert not signed_by(NOTE.replace("\n5\n", "\n6\n"), public_bytes(KEY))


def test_a_second_signature_by_somebody_else_does_no_harm() -> None:
    """Verifiers of signed notes ignore signatures of keys that they do not know."""
    witness = f"— witness.example {base64.b64encode(bytes(68)).decode()}\n"
    assert signed_by(NOTE + witness, public_bytes(KEY))


def test_the_verifier_key_names_origin_and_key() -> None:
    """The form that Go's note package takes."""
    name, identifier, key = verifier_key(HEAD.origin, public_bytes(KEY)).split("+", 2)
    assert name == HEAD.origin
    assert len(identifier) == 8
    assert base64.b64decode(key) == b"\x01" + public_bytes(KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\n\nx",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n5\n", "\n05\n"),
        NOTE.replace("\n5\n", "\n-5\n"),
        NOTE.replace("\n5\n", "\n٥\n"),
        NOTE.replace("\n5\n", f"\n{'9' * 5_000}\n"),
        NOTE.replace("47DEQ", "47DE"),
        NOTE.replace("47DEQ", "!!!!!"),
        f"a\n1\n{base64.b64encode(b'short').decode()}\n\n",
        NOTE.replace("— assaymark.local/0011223344556677 ", "— assaymark.local/0011223344556677 é"),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    """Malformed text is an error, not a head."""
    with pytest.raises(InvalidCheckpointError):
        parse(note)

"""A key's successor, stated under both keys."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.errors import UsageError
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.rotation import (
    Rotation,
    newest_key,
    parse_rotations,
    render_rotations,
    sign_rotation,
)

OLD, NEW, NEXT, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 5))


def handed_over(old: Ed25519PrivateKey, new: Ed25519PrivateKey, at: str = "2026-05-01T00:00:00Z") -> Rotation:
    """A rotation as its owner states it."""
    return Rotation(
        name="ann", old_key=public_bytes(old).hex(), new_key=public_bytes(new).hex(), rotated_at=at
    )


FIRST = sign_rotation(handed_over(OLD, NEW), OLD, NEW)
SECOND = sign_rotation(handed_over(NEW, NEXT, "2026-06-01T00:00:00Z"), NEW, NEXT)


def test_rotations_lead_from_the_old_key_to_the_newest() -> None:
    """Over any number of steps; a key that was never rotated leads to itself."""
    rotations = [rotation for rotation, _ in parse_rotations(render_rotations([FIRST, SECOND]), "r")]
    assert newest_key(rotations, public_bytes(OLD).hex()) == public_bytes(NEXT).hex()
    assert newest_key(rotations, public_bytes(OTHER).hex()) == public_bytes(OTHER).hex()


def test_the_statement_verifies_with_another_library() -> None:
    """Securesystemslib reads it as DSSE and finds both signatures."""
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    told = json.loads(FIRST)
    signatures = {
        s["keyid"]: signer.Signature(s["keyid"], base64.b64decode(s["sig"]).hex()) for s in told["signatures"]
    }
    envelope = dsse.Envelope(base64.b64decode(told["payload"]), told["payloadType"], signatures)
    keys = [
        signer.SSlibKey(key, "ed25519", "ed25519", {"public": key})
        for key in (public_bytes(OLD).hex(), public_bytes(NEW).hex())
    ]
    assert set(envelope.verify(keys, 2)) == {public_bytes(OLD).hex(), public_bytes(NEW).hex()}


def test_every_changed_byte_is_noticed() -> None:
    """Whatever is changed in the file, it does not verify or says the same."""
    data = render_rotations([FIRST])
    for place in range(0, len(data), 3):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            ((rotation, _),) = parse_rotations(changed, "r")
        except UsageError:
            continue
        assert rotation == handed_over(OLD, NEW)


@pytest.mark.parametrize(
    "envelope",
    [
        sign_rotation(handed_over(OLD, NEW), OLD, OTHER),
        sign_rotation(handed_over(OLD, NEW), OTHER, NEW),
        sign_rotation(handed_over(OLD, OLD), OLD, OLD),
        sign_rotation(handed_over(OLD, NEW, "yesterday"), OLD, NEW),
        FIRST.replace(b"key-rotation", b"other"),
        b'{"payload":"","payloadType":"","signatures":[]}',
        b"[]",
        b"[" * 5_000,
    ],
    ids=["not by the new", "not by the old", "to itself", "no date", "type", "empty", "shape", "deep"],
)
def test_what_is_not_signed_by_both_is_refused(envelope: bytes) -> None:
    """One signature is not enough, nor one by somebody else."""
    with pytest.raises(UsageError, match="no key rotations that verify"):
        parse_rotations(render_rotations([envelope]), "r")


def test_rotations_that_do_not_continue_each_other_are_refused() -> None:
    """Nor those that go back in time, nor a file without end."""
    apart = sign_rotation(handed_over(OTHER, NEXT, "2026-07-01T00:00:00Z"), OTHER, NEXT)
    early = sign_rotation(handed_over(NEW, NEXT, "2026-01-01T00:00:00Z"), NEW, NEXT)
    for second in (apart, early):
        with pytest.raises(UsageError, match="does not continue"):
            parse_rotations(render_rotations([FIRST, second]), "r")
    with pytest.raises(UsageError, match="longer than"):
        parse_rotations(b" " * 2_000_000, "r")

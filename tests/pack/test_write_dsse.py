"""Envelopes: what somebody else's code makes of ours, and what ours refuses."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from assaymark.observation import canonical
from assaymark.pack.dsse import holds, key_id, parse_envelope, seal
from assaymark.pack.format import PAYLOAD_TYPE
from assaymark.pack.statement import statement
from assaymark.signing.problems import DoesNotVerify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
PAYLOAD = statement([("a", "0" * 64)], "urn:example", {"b": 1})
SEALED = seal(PAYLOAD, KEY)


def theirs(public_key: bytes) -> SSlibKey:
    """A key as securesystemslib has it."""
    return SSlibKey(key_id(public_key), "ed25519", "ed25519", {"public": public_key.hex()})


def test_securesystemslib_verifies_our_envelope() -> None:
    """Code that is not ours finds the signature by its key id and accepts it."""
    envelope = TheirEnvelope.from_dict(json.loads(SEALED))

    assert set(envelope.verify([theirs(PUBLIC)], 1)) == {key_id(PUBLIC)}
    assert envelope.payload == PAYLOAD
    assert envelope.payload_type == PAYLOAD_TYPE


def test_securesystemslib_refuses_a_changed_payload() -> None:
    """So its acceptance means something."""
    changed = json.loads(SEALED) | {"payload": base64.b64encode(PAYLOAD + b" ").decode()}

    with pytest.raises(VerificationError):
        TheirEnvelope.from_dict(changed).verify([theirs(PUBLIC)], 1)


def test_the_in_toto_library_accepts_our_statement() -> None:
    """Type, subjects and predicate are where it looks for them."""
    found = json_format.Parse(PAYLOAD, statement_pb2.Statement())

    Statement.copy_from_pb(found).validate()
    assert [(s.name, dict(s.digest)) for s in found.subject] == [("a", {"sha256": "0" * 64})]


def test_the_in_toto_library_refuses_a_statement_about_nothing() -> None:
    """So its acceptance means something."""
    found = json_format.Parse(statement([], "urn:example", {"b": 1}), statement_pb2.Statement())

    with pytest.raises(ValueError, match="subject"):
        Statement.copy_from_pb(found).validate()


def test_our_own_reading_gives_back_what_was_sealed() -> None:
    """And the signature holds under the key alone."""
    envelope = parse_envelope(SEALED, "It")

    assert (envelope.payload, envelope.key_id) == (PAYLOAD, key_id(PUBLIC))
    assert holds(envelope, PUBLIC)
    assert not holds(envelope, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_the_signature_is_over_payload_and_type() -> None:
    """The pre-authentication encoding of DSSE v1, byte for byte."""
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(PAYLOAD), PAYLOAD)

    KEY.public_key().verify(parse_envelope(SEALED, "It").signature, signed)


def changed(**members: object) -> bytes:
    """Our envelope with other members, canonical."""
    return canonical(json.loads(SEALED) | members)


SIGNATURE = json.loads(SEALED)["signatures"][0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no valid JSON"),
        (b"[]", "no JSON object"),
        (b"\xff", "not UTF-8"),
        (SEALED + b"\n", "canonical"),
        (SEALED.replace(b'":"', b'": "', 1), "canonical"),
        (changed(payloadType="text/plain"), "payloadType"),
        (changed(signatures=[]), "0 signatures"),
        (changed(signatures=[SIGNATURE, SIGNATURE]), "2 signatures"),
        (changed(signatures=[1]), "keyid"),
        (changed(signatures={"0": SIGNATURE}), "signatures"),
        (changed(payload=1), "payload"),
        (changed(payload="Zg"), "no base64"),
        (changed(payload="Zh=="), "unusual"),
        (changed(payload="Z\ng=="), "no base64"),
        (changed(signatures=[SIGNATURE | {"sig": "AAAA"}]), "3 bytes"),
        (changed(extra=1), "more than an envelope"),
        (b'{"payload":"","payload":""}', "twice"),
        (b'{"payload":NaN}', "no JSON"),
    ],
)
def test_an_envelope_has_one_spelling(data: bytes, why: str) -> None:
    """Anything else is refused with the reason."""
    with pytest.raises(DoesNotVerify, match=why):
        parse_envelope(data, "It")


def test_a_signature_under_a_name_of_another_key_does_not_hold() -> None:
    """Although it would verify: the envelope says that somebody else signed."""
    renamed = parse_envelope(changed(signatures=[SIGNATURE | {"keyid": "0" * 64}]), "It")

    assert not holds(renamed, PUBLIC)

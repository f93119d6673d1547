"""A signature against a model, whole; whatever byte is changed."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.signing.samples import (
    KEY,
    NOW,
    VERIFIER,
    Authority,
    certificate,
    edited,
    model,
    repacked,
    sign,
    signed,
    statement,
)

from assaymark.signing.bundle import Bundle, encode_bundle, pae
from assaymark.signing.certificates import CertificateSigner, CertificateVerifier
from assaymark.signing.keys import hints
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.statement import PREDICATE_BEFORE_1_0, encode
from assaymark.signing.verify import (
    Verified,
    read_signature,
    signed_manifest,
    unverified_manifest,
    verify_model,
)

Change = Callable[[dict[str, Any]], object]
ROOT = certificate("root", authority=True)
LEAF = certificate("leaf", ROOT)
TRUST = CertificateVerifier([ROOT.certificate], NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model, signed with KEY."""
    folder = model(tmp_path)
    sign(folder)
    return folder


def verified(folder: Path, data: bytes | None = None) -> Verified:
    """The outcome for `folder`."""
    signature = folder / "model.sig"
    return verify_model(folder, data or read_signature(signature), VERIFIER, signature=signature)


def test_what_was_signed_verifies(folder: Path) -> None:
    """By key and by certificate, files and shards."""
    assert verified(folder).ok
    for plan in (Plan(), Plan(method="shards", shard_size=4000), Plan(algorithm="blake3")):
        payload = encode(describe_model(folder, plan, signature=folder / "model.sig").manifest)
        data = CertificateSigner(LEAF.key, [LEAF.certificate]).sign(payload)
        assert verify_model(folder, data, TRUST, signature=folder / "model.sig").ok


def test_a_changed_model_does_not(folder: Path) -> None:
    """The signature itself still holds, and the outcome says so."""
    (folder / "empty").write_text("x")
    outcome = verified(folder)
    assert not outcome.ok
    assert outcome.signed.by.startswith("public key ")


def test_no_byte_of_a_signature_by_key_can_be_changed(folder: Path) -> None:
    """Each byte in turn, three ways: it is refused, or it says the same as before.

    Some change nothing: the padding bits of base64, the value of the unsigned key id, an unknown member.
    """
    good = read_signature(folder / "model.sig")
    before = signed_manifest(good, VERIFIER)
    kept = 0
    for position in range(len(good)):
        for mask in (0x01, 0x20, 0x80):
            bad = bytearray(good)
            bad[position] ^= mask
            try:
                after = signed_manifest(bytes(bad), VERIFIER)
            except DoesNotVerify:
                continue
            kept += 1
            assert after == before
    assert kept < 200


@pytest.mark.parametrize("part", ["payload", "sig"])
def test_no_bit_of_what_is_signed_can_be_changed(folder: Path, part: str) -> None:
    """Neither of the statement nor of the signature over it."""
    good = json.loads(read_signature(folder / "model.sig"))
    holder = good["dsseEnvelope"] if part == "payload" else good["dsseEnvelope"]["signatures"][0]
    raw = base64.b64decode(holder[part])
    for bit in range(len(raw) * 8):
        bad = bytearray(raw)
        bad[bit // 8] ^= 1 << bit % 8
        holder[part] = base64.b64encode(bytes(bad)).decode()
        with pytest.raises(DoesNotVerify):
            signed_manifest(json.dumps(good).encode(), VERIFIER)


def test_no_byte_of_a_certificate_can_be_changed(folder: Path) -> None:
    """Of the signer's or of one in between."""
    payload = encode(describe_model(folder).manifest)
    good = json.loads(CertificateSigner(LEAF.key, [LEAF.certificate]).sign(payload))
    holder = good["verificationMaterial"]["x509CertificateChain"]["certificates"][0]
    raw = base64.b64decode(holder["rawBytes"])
    for position in range(len(raw)):
        bad = bytearray(raw)
        bad[position] ^= 0x01
        holder["rawBytes"] = base64.b64encode(bytes(bad)).decode()
        try:
            signed_manifest(json.dumps(good).encode(), TRUST)
        except DoesNotVerify:
            continue
        # How the authority's signature is wrapped is not signed; what it signs is.
        accepted = x509.load_der_x509_certificate(bytes(bad))
        assert accepted.tbs_certificate_bytes == LEAF.certificate.tbs_certificate_bytes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(position=st.integers(0, 10239), value=st.integers(1, 255))
def test_no_byte_of_a_file_can_be_changed(folder: Path, position: int, value: int) -> None:
    """Wherever it is, whatever it becomes."""
    path = folder / "weights.bin"
    good = path.read_bytes()
    bad = bytearray(good)
    bad[position] ^= value
    path.write_bytes(bytes(bad))
    assert [d.name for d in verified(folder).found.differences] == ["weights.bin"]
    path.write_bytes(good)
    assert verified(folder).ok


def test_a_statement_changed_after_signing_is_refused(folder: Path) -> None:
    """A file removed from the list, a digest put right, the predicate exchanged."""
    good = read_signature(folder / "model.sig")
    changes: list[Change] = [
        lambda s: s["predicate"]["resources"].pop(),
        lambda s: s["predicate"]["serialization"].update(ignore_paths=["sub"]),
        lambda s: s.update(predicateType=PREDICATE_BEFORE_1_0),
        lambda s: s["subject"][0].update(name="other"),
    ]
    for change in changes:
        with pytest.raises(DoesNotVerify, match="does not match"):
            signed_manifest(repacked(good, change), VERIFIER)


def test_a_signature_of_the_signer_over_something_else_is_refused(folder: Path) -> None:
    """Provenance, a plain text, another type: what is signed has to be a model's statement."""
    for payload, reason in (
        (
            {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1"},
            "unknown",
        ),
        (statement(folder) | {"_type": "https://in-toto.io/Statement/v0.1"}, "no in-toto Statement v1"),
        (b"hello", "no valid JSON"),
    ):
        with pytest.raises(DoesNotVerify, match=reason):
            signed_manifest(signed(payload), VERIFIER)


def test_a_signature_over_another_payload_type_is_refused(folder: Path) -> None:
    """Even where it holds for that type."""
    payload = encode(describe_model(folder).manifest)
    other = pae(payload).replace(b"28 application/vnd.in-toto+json", b"24 application/octet-stream", 1)
    signature = KEY.sign(other, ec.ECDSA(hashes.SHA256()))
    bundle = encode_bundle(Bundle(payload=payload, signature=signature, hint=hints(KEY.public_key())[0]))
    with pytest.raises(DoesNotVerify, match="does not match"):
        signed_manifest(bundle, VERIFIER)
    with pytest.raises(DoesNotVerify, match="payloadType"):
        signed_manifest(
            edited(bundle, lambda b: b["dsseEnvelope"].update(payloadType="application/octet-stream")),
            VERIFIER,
        )


def test_a_signed_statement_cannot_reach_outside(folder: Path) -> None:
    """A signer who lists `/etc/passwd` or `../x` is not followed there."""
    for name in ("/etc/passwd", "../model/weights.bin", "sub/../weights.bin", "sub\\..\\x"):
        loaded = statement(folder)
        loaded["predicate"]["resources"][0]["name"] = name
        with pytest.raises(DoesNotVerify, match="unsafe name"):
            verified(folder, signed(loaded))


def test_unsigned_members_change_nothing(folder: Path) -> None:
    """A key id, further members of bundle, statement and resources."""
    loaded = statement(folder)
    loaded["predicate"]["annotations"] = {"by": "us"}
    loaded["predicate"]["resources"][0]["size"] = 0

    def change(bundle: dict[str, Any]) -> None:
        bundle["more"] = [1]
        bundle["dsseEnvelope"]["signatures"][0]["keyid"] = "abc"

    assert verified(folder, edited(signed(loaded), change)).ok


def test_a_manifest_can_be_read_without_a_key(folder: Path) -> None:
    """For what needs the list alone."""
    assert (
        unverified_manifest(read_signature(folder / "model.sig")).names
        == describe_model(folder, signature=folder / "model.sig").manifest.names
    )


def test_a_signature_file_is_read_with_care(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pipe, no device, no folder, nothing without end."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "gone", Path("/dev/zero")):
        with pytest.raises(DoesNotVerify, match="The file"):
            read_signature(path)
    monkeypatch.setattr("assaymark.signing.verify.MAX_BYTES", 10)
    (tmp_path / "long").write_bytes(b"x" * 11)
    with pytest.raises(DoesNotVerify, match="longer than 10 bytes"):
        read_signature(tmp_path / "long")


def test_many_certificates_do_not_take_long() -> None:
    """Sixteen that all have the same name, each tried against each."""
    same = [certificate("same", authority=True) for _ in range(15)]
    leaf = certificate("leaf", Authority(same[0].certificate, same[1].key))
    chain: list[x509.Certificate] = [leaf.certificate, *(c.certificate for c in same)]
    with pytest.raises(DoesNotVerify, match="stands behind"):
        signed_manifest(CertificateSigner(leaf.key, chain).sign(b"{}"), TRUST)

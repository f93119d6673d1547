"""Envelope and bundle."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signing.samples import edited

from assaymark.signing.bundle import PAYLOAD_TYPE, Bundle, encode_bundle, pae, pae_before_1_0, parse_bundle
from assaymark.signing.problems import DoesNotVerify

BUNDLE = Bundle(payload=b"{}", signature=b"\x30\x00", hint="ab")


def test_the_encoding_is_the_published_one() -> None:
    """DSSE's own example has another type; the form is its."""
    assert pae(b"hello world") == b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    assert pae_before_1_0(b"a'b") == b'DSSEV1 28 application/vnd.in-toto+json 3 b"a\'b"'


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_the_encoding_tells_payloads_apart(one: bytes, other: bytes) -> None:
    """Its own parser finds exactly the payload that went in; two payloads never encode alike."""
    version, length, rest = pae(one).split(b" ", 2)
    assert (version, int(length)) == (b"DSSEv1", len(PAYLOAD_TYPE))
    size, _, payload = rest[len(PAYLOAD_TYPE) + 1 :].partition(b" ")
    assert (int(size), payload) == (len(one), one)
    assert (pae(one) == pae(other)) == (one == other)


@given(st.binary(), st.binary(), st.lists(st.binary(min_size=1), max_size=3))
def test_a_bundle_reads_back(payload: bytes, signature: bytes, certificates: list[bytes]) -> None:
    """With key or certificates."""
    hint = "" if certificates else "ab"
    bundle = Bundle(payload=payload, signature=signature, hint=hint, certificates=tuple(certificates))
    assert parse_bundle(encode_bundle(bundle)) == bundle


def test_older_and_other_spellings_are_read() -> None:
    """No log entries, no key id, the key itself instead of its digest."""

    def older(loaded: dict[str, Any]) -> None:
        del loaded["verificationMaterial"]["tlogEntries"]
        loaded["verificationMaterial"]["publicKey"] = {
            "rawBytes": "AA==",
            "keyDetails": "PKIX_ECDSA_P384_SHA_384",
        }
        loaded["dsseEnvelope"]["signatures"][0]["keyid"] = None

    assert parse_bundle(edited(encode_bundle(BUNDLE), older)).hint == ""
    assert (
        parse_bundle(
            edited(encode_bundle(BUNDLE), lambda b: b["dsseEnvelope"]["signatures"][0].pop("keyid"))
        ).payload
        == b"{}"
    )


def put(*path: str | int, value: object) -> Any:
    """A change that sets what lies at `path`."""

    def apply(loaded: Any) -> None:
        for part in path[:-1]:
            loaded = loaded[part]
        loaded[path[-1]] = value

    return apply


MATERIAL = "verificationMaterial"
ENVELOPE = "dsseEnvelope"
FAULTS = [
    (put("mediaType", value="application/vnd.dev.sigstore.bundle.v0.1+json"), "mediaType"),
    (put(ENVELOPE, value=None), "dsseEnvelope"),
    (put(MATERIAL, value=[]), "verificationMaterial"),
    (put(MATERIAL, value={}), "no verification material"),
    (put(MATERIAL, "x509CertificateChain", value={"certificates": []}), "publicKey and x509CertificateChain"),
    (put(MATERIAL, value={"x509CertificateChain": {"certificates": []}}), "0 certificates"),
    (put(MATERIAL, value={"x509CertificateChain": {"certificates": [{}] * 17}}), "17 certificates"),
    (put(MATERIAL, value={"x509CertificateChain": {"certificates": [{"rawBytes": "?"}]}}), "no base64"),
    (put(MATERIAL, "publicKey", "hint", value=7), "hint"),
    (put(ENVELOPE, "payloadType", value="application/octet-stream"), "payloadType"),
    (put(ENVELOPE, "signatures", value=[]), "0 signatures"),
    (put(ENVELOPE, "signatures", value=[{"sig": "AA=="}] * 2), "2 signatures"),
    (put(ENVELOPE, "signatures", 0, value={}), "'sig'"),
    (put(ENVELOPE, "signatures", 0, "sig", value="AA="), "no base64"),
    (put(ENVELOPE, "payload", value="A-_="), "no base64"),
    (put(ENVELOPE, "payload", value=""" e30="""), "no base64"),
]


@pytest.mark.parametrize(("change", "reason"), FAULTS, ids=range(len(FAULTS)))
def test_a_false_bundle_says_what_is_false(change: Any, reason: str) -> None:
    """Each alone."""
    with pytest.raises(DoesNotVerify, match=reason):
        parse_bundle(edited(encode_bundle(BUNDLE), change))


def test_half_a_bundle_is_none() -> None:
    """However much is missing."""
    whole = encode_bundle(BUNDLE).rstrip()
    for length in range(len(whole)):
        with pytest.raises(DoesNotVerify):
            parse_bundle(whole[:length])


KEYS = st.sampled_from([*json.loads(encode_bundle(BUNDLE)), "publicKey", "payload"])


@given(st.recursive(st.none() | st.text(), lambda c: st.lists(c) | st.dictionaries(KEYS, c)))
def test_any_json_is_a_bundle_or_refused(value: object) -> None:
    """Nothing else is raised."""
    with pytest.raises(DoesNotVerify):
        parse_bundle(json.dumps(value).encode())


def test_a_keyless_signature_is_passed_on_whole() -> None:
    """The sigstore package reads it itself."""

    def keyless(bundle: dict[str, Any]) -> None:
        bundle[MATERIAL] = {"certificate": {"rawBytes": "AA=="}, "tlogEntries": []}

    data = edited(encode_bundle(BUNDLE), keyless)
    assert parse_bundle(data).keyless == data
    assert parse_bundle(encode_bundle(BUNDLE)).keyless == b""

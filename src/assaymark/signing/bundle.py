"""The outer shells of a signature: DSSE envelope inside a Sigstore bundle v0.3, as JSON."""

import base64
import binascii
import json
from typing import Any

from msgspec import Struct

from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.strict_json import member, parse

__all__ = ["PAYLOAD_TYPE", "Bundle", "encode_bundle", "pae", "pae_before_1_0", "parse_bundle"]

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_WHAT = "The signature file"
_MAX_CERTIFICATES = 16


class Bundle(Struct, frozen=True, kw_only=True):
    """A signature with what is needed to check it. Only the payload is signed."""

    payload: bytes
    """The statement."""
    signature: bytes
    """ECDSA, DER, over the pre-authentication encoding of the payload."""
    hint: str = ""
    """Key flow: SHA-256 of the public key in PEM form, hexadecimal; empty in what older versions wrote."""
    certificates: tuple[bytes, ...] = ()
    """Certificate flow: DER, the signer's first."""
    keyless: bytes = b""
    """Sigstore (keyless) flow: the whole file, which the sigstore package reads itself."""


def pae(payload: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's pre-authentication encoding, over which the signature is made; `kind` is the payload's type."""
    encoded = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(encoded), encoded, len(payload), payload)


def pae_before_1_0(payload: bytes) -> bytes:
    """What model-signing 0.2 signed by mistake: Python's notation of the payload."""
    return f"DSSEV1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} {payload!r}".encode()


def encode_bundle(bundle: Bundle) -> bytes:
    """The signature file."""
    material: dict[str, Any] = {"tlogEntries": []}
    if bundle.certificates:
        chain = [{"rawBytes": _text(certificate)} for certificate in bundle.certificates]
        material["x509CertificateChain"] = {"certificates": chain}
    else:
        material["publicKey"] = {"hint": bundle.hint}
    envelope = {
        "payload": _text(bundle.payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": _text(bundle.signature), "keyid": ""}],
    }
    whole = {"mediaType": MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope}
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


def parse_bundle(data: bytes) -> Bundle:
    """The parts of a signature file; nothing is verified.

    Raises:
        DoesNotVerify: it is no such bundle, or not exactly one signature is in it.
    """
    whole = parse(data, _WHAT)
    if whole.get("mediaType") != MEDIA_TYPE:
        raise DoesNotVerify(f"{_WHAT} is no Sigstore bundle v0.3; its 'mediaType' says otherwise.")
    envelope = member(whole, "dsseEnvelope", dict, _WHAT)
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise DoesNotVerify(f"{_WHAT} holds no in-toto statement; its 'payloadType' says otherwise.")
    signatures = member(envelope, "signatures", list, "Its envelope")
    if len(signatures) != 1:
        raise DoesNotVerify(f"{_WHAT} holds {len(signatures)} signatures instead of one.")
    material = member(whole, "verificationMaterial", dict, _WHAT)
    hint, certificates = _material(material)
    return Bundle(
        payload=_raw(member(envelope, "payload", str, "Its envelope"), "payload"),
        signature=_raw(member(signatures[0], "sig", str, "Its signature"), "signature"),
        hint=hint,
        certificates=certificates,
        keyless=data if material.get("certificate") is not None else b"",
    )


def _material(material: dict[str, Any]) -> tuple[str, tuple[bytes, ...]]:
    kinds = [k for k in ("publicKey", "x509CertificateChain", "certificate") if material.get(k) is not None]
    if len(kinds) != 1:
        raise DoesNotVerify(f"{_WHAT} holds {' and '.join(kinds) or 'no verification material'}.")
    if kinds == ["certificate"]:
        return "", ()
    if kinds == ["publicKey"]:
        hint = member(material, "publicKey", dict, _WHAT).get("hint") or ""
        if not isinstance(hint, str):
            raise DoesNotVerify("Its public key has no valid 'hint'.")
        return hint, ()
    chain = member(member(material, "x509CertificateChain", dict, _WHAT), "certificates", list, "Its chain")
    if not 1 <= len(chain) <= _MAX_CERTIFICATES:
        raise DoesNotVerify(f"{_WHAT} holds {len(chain)} certificates.")
    return "", tuple(_raw(member(c, "rawBytes", str, "A certificate"), "certificate") for c in chain)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DoesNotVerify(f"The {what} in it is no base64.") from error

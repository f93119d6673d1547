"""A Sigstore instance of the tests' own: authority, certificate log, signature log, all in this process."""

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assaymark.signing.bundle import MEDIA_TYPE, PAYLOAD_TYPE, pae

THEN = datetime(2026, 11, 27, 8, tzinfo=UTC)
IDENTITY, ISSUER = "ada@example.com", "https://accounts.example.com"
_ISSUER_OID = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_OLD_ISSUER_OID = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_SCT_OID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ORIGIN = "log.example.com"


def b64(data: bytes) -> str:
    """Base64, as text."""
    return base64.b64encode(data).decode()


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _log_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_der(key)).digest()


class Instance:
    """Signs for whoever asks; nobody else trusts it."""

    def __init__(self, now: datetime = THEN) -> None:
        self.now = now
        self.authority_key = ec.generate_private_key(ec.SECP256R1())
        self.certificate_log = ec.generate_private_key(ec.SECP256R1())
        self.signature_log = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
        self.authority = (
            _builder(name, name, self.authority_key.public_key(), timedelta(days=3650), now)
            .add_extension(x509.BasicConstraints(True, 0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(_key_id(self.authority_key), critical=False)
            .add_extension(_authority_id(self.authority_key), critical=False)
            .sign(self.authority_key, hashes.SHA256())
        )

    def root(self, path: Path) -> Path:
        """What to trust, as a file."""
        valid = {"start": "2026-01-01T00:00:00Z"}

        def log(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            return {
                "baseUrl": f"https://{_ORIGIN}",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": b64(_der(key)),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": valid,
                },
                "logId": {"keyId": b64(_log_id(key))},
            }

        chain = {"certificates": [{"rawBytes": b64(self.authority.public_bytes(Encoding.DER))}]}
        authority = {
            "subject": {"organization": "tests", "commonName": "authority of the tests"},
            "uri": "https://authority.example.com",
            "certChain": chain,
            "validFor": valid,
        }
        trusted = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.signature_log)],
            "certificateAuthorities": [authority],
            "ctlogs": [log(self.certificate_log)],
            "timestampAuthorities": [],
        }
        path.write_text(json.dumps(trusted))
        return path

    def sign(self, payload: bytes) -> dict[str, Any]:
        """The bundle of a signature by IDENTITY, made at THEN."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.certificate(key.public_key())
        signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
        return {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self.entry(payload, signature, certificate)],
            },
            "dsseEnvelope": {
                "payload": b64(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": b64(signature)}],
            },
        }

    def certificate(self, key: Any, identity: str = IDENTITY) -> x509.Certificate:
        """For ten minutes: the public `key` is `identity`'s."""
        issuer = ISSUER.encode()
        builder = (
            _builder(x509.Name([]), self.authority.subject, key, timedelta(minutes=10), self.now)
            .add_extension(_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(identity)]), critical=True)
            .add_extension(
                x509.UnrecognizedExtension(_ISSUER_OID, b"\x0c" + bytes([len(issuer)]) + issuer),
                critical=False,
            )
            .add_extension(x509.UnrecognizedExtension(_OLD_ISSUER_OID, issuer), critical=False)
            .add_extension(_authority_id(self.authority_key), critical=False)
        )
        unlogged = builder.sign(self.authority_key, hashes.SHA256())
        extension = x509.UnrecognizedExtension(_SCT_OID, self._timestamp(unlogged.tbs_certificate_bytes))
        return builder.add_extension(extension, critical=False).sign(self.authority_key, hashes.SHA256())

    def _timestamp(self, certificate: bytes) -> bytes:
        """RFC 6962: the certificate log's promise, as the content of an extension."""
        when = int(self.now.timestamp() * 1000)
        entry = hashlib.sha256(_der(self.authority_key)).digest()
        entry += len(certificate).to_bytes(3, "big") + certificate
        signed = struct.pack("!BBQH", 0, 0, when, 1) + entry + b"\0\0"
        signature = self.certificate_log.sign(signed, ec.ECDSA(hashes.SHA256()))
        promise = b"\0" + _log_id(self.certificate_log) + struct.pack("!QH", when, 0)
        promise += b"\x04\x03" + struct.pack("!H", len(signature)) + signature
        listed = struct.pack("!H", len(promise)) + promise
        listed = struct.pack("!H", len(listed)) + listed
        return (
            b"\x04\x81" + bytes([len(listed)]) + listed
            if len(listed) > 127
            else b"\x04" + bytes([len(listed)]) + listed
        )

    def entry(self, payload: bytes, signature: bytes, certificate: x509.Certificate) -> dict[str, Any]:
        """The signature log's entry, the only one in it."""
        body = json.dumps(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "00" * 32},
                    "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                    "signatures": [
                        {"signature": b64(signature), "verifier": b64(certificate.public_bytes(Encoding.PEM))}
                    ],
                },
            }
        ).encode()
        key, log_id, when = self.signature_log, _log_id(self.signature_log), int(self.now.timestamp()) + 5
        leaf = hashlib.sha256(b"\0" + body).digest()
        note = f"{_ORIGIN}\n1\n{b64(leaf)}\n"
        note_signature = b64(log_id[:4] + key.sign(note.encode(), ec.ECDSA(hashes.SHA256())))
        promised = {"body": b64(body), "integratedTime": when, "logID": log_id.hex(), "logIndex": 0}
        promise = json.dumps(promised, sort_keys=True, separators=(",", ":")).encode()
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(when),
            "inclusionPromise": {"signedEntryTimestamp": b64(key.sign(promise, ec.ECDSA(hashes.SHA256())))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": b64(leaf),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 {_ORIGIN} {note_signature}\n"},
            },
            "canonicalizedBody": b64(body),
        }


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, valid: timedelta, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + valid)
    )


def _key_id(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _authority_id(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )

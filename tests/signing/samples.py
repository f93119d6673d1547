"""Keys, certificates and models for the tests of signing."""

import base64
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assaymark.signing.bundle import Bundle, encode_bundle, pae
from assaymark.signing.keys import KeySigner, KeyVerifier, hints
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.statement import encode

NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
VERIFIER = KeyVerifier(KEY.public_key())
Signed = Callable[[bytes], bytes]


def model(root: Path) -> Path:
    """A folder with three files in two levels, one of them empty, and what git leaves behind."""
    folder = root / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "sub" / "config.json").write_text("{}")
    (folder / "empty").touch()
    return folder


def sign(folder: Path, plan: Plan | None = None, *, signature: Path | None = None) -> Path:
    """Sign `folder` with KEY; by default the signature lies in it."""
    place = signature or folder / "model.sig"
    hashed = describe_model(folder, plan, signature=place)
    place.write_bytes(KeySigner(KEY).sign(encode(hashed.manifest)))
    return place


def statement(folder: Path) -> dict[str, Any]:
    """The statement about `folder`, to be changed and signed again."""
    loaded: dict[str, Any] = json.loads(encode(describe_model(folder).manifest))
    return loaded


def signed(payload: object, key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    """A bundle whose signature over `payload` holds, whatever that says."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = key.sign(pae(data), ec.ECDSA(hashes.SHA256()))
    return encode_bundle(Bundle(payload=data, signature=signature, hint=hints(key.public_key())[0]))


def edited(bundle: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """`bundle` after `change` was at its JSON."""
    loaded = json.loads(bundle)
    change(loaded)
    return json.dumps(loaded).encode()


def repacked(bundle: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """`bundle` after `change` was at the statement inside; the signature stays that of the old one."""

    def inside(loaded: dict[str, Any]) -> None:
        payload = json.loads(base64.b64decode(loaded["dsseEnvelope"]["payload"]))
        change(payload)
        loaded["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()

    return edited(bundle, inside)


def pem(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    """The private key as a file holds it."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as a file holds it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Authority:
    """A certificate with its key, which can make more."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    def pem(self) -> bytes:
        """The certificate as a file holds it."""
        return self.certificate.public_bytes(Encoding.PEM)


def certificate(
    name: str,
    issuer: Authority | None = None,
    *,
    authority: bool = False,
    path_length: int | None = None,
    days: tuple[int, int] = (-10, 1000),
    use: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.CODE_SIGNING,),
    digital_signature: bool = True,
    cert_sign: bool | None = None,
    extra: x509.ExtensionType | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Authority:
    """A certificate; self-signed without `issuer`. `days` are first and last, counted from NOW."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(authority, path_length if authority else None), critical=True)
        .add_extension(
            _usage(digital_signature, authority if cert_sign is None else cert_sign), critical=True
        )
    )
    if use and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(use)), critical=False)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return Authority(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


def _usage(digital_signature: bool, cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def write_files(root: Path, files: dict[str, bytes]) -> Path:
    """A folder with `files`."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def settle(folder: Path) -> None:
    """Make every file look as if it had been changed long ago, as far as a program can."""
    for path in folder.rglob("*"):
        os.utime(path, ns=(10**18, 10**18), follow_symlinks=False)

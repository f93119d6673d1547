"""X.509 certificates for signing, and the path from the signer's to one that the verifier trusts.

OMS v1.0, section 4.1, and RFC 5280 as far as a signing certificate needs it: validity of every certificate
now (model-signing 1.1.1 asks at the start of the signer's own validity instead, so that an expired chain
passes), issuer's signature, authority and path length, use for code signing, no critical extension unknown to
us. Revocation is not looked at: that needs the network.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from assaymark.errors import UsageError
from assaymark.signing.bundle import Bundle, encode_bundle, pae
from assaymark.signing.keys import check_signature, digest_for, read_pem
from assaymark.signing.problems import DoesNotVerify, shown

__all__ = ["CertificateSigner", "CertificateVerifier", "load_certificates", "trusted_path"]

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
}
"""Extensions that we respect, or that restrict nothing."""
_WEAK = (hashes.MD5, hashes.SHA1)
_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_LONGEST = 16
_T = TypeVar("_T", bound=x509.ExtensionType)


class CertificateSigner:
    """Signs with a private key and sends its certificate along."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, chain: Sequence[x509.Certificate]) -> None:
        """Take the key, its certificate and those above it; the last may be left out.

        Raises:
            UsageError: the first certificate is not the key's, or not made for signing.
        """
        if chain[0].public_key() != key.public_key():
            raise UsageError("The certificate does not belong to the private key.", "Give the matching pair.")
        if fault := _signer_fault(chain[0]):
            raise UsageError(f"The certificate {fault}.", "Get one for code signing.")
        self._key = key
        self._chain = tuple(certificate.public_bytes(Encoding.DER) for certificate in chain)

    def sign(self, payload: bytes) -> bytes:
        """The signature file for the statement `payload`."""
        signature = self._key.sign(pae(payload), ec.ECDSA(digest_for(self._key.public_key())))
        return encode_bundle(Bundle(payload=payload, signature=signature, certificates=self._chain))


class CertificateVerifier:
    """Accepts what anyone signed whose certificate leads to a trusted one."""

    def __init__(self, trusted: Iterable[x509.Certificate], now: datetime) -> None:
        self._trusted = tuple(trusted)
        self._now = now

    def verify(self, bundle: Bundle, *, before_1_0: bool) -> str:
        """Who signed, in words.

        Raises:
            DoesNotVerify: no trusted certificate stands behind it, or the statement was changed afterwards.
        """
        if bundle.keyless:
            raise DoesNotVerify(
                "The model was signed with Sigstore, not with a certificate of its own.",
                "Give --identity and --issuer.",
            )
        if not bundle.certificates:
            raise DoesNotVerify(
                "The model was signed with a bare key, not with a certificate.",
                "Give --key instead of --trust.",
            )
        try:
            chain = [x509.load_der_x509_certificate(der) for der in bundle.certificates]
            path = trusted_path(chain, self._trusted, self._now)
            key = path[0].public_key()
        except _UNREADABLE as error:
            raise DoesNotVerify("A certificate in the signature cannot be read.") from error
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise DoesNotVerify("The signer's certificate holds no ECDSA key.")
        check_signature(key, bundle, before_1_0=before_1_0)
        return f"{_called(path[0])}, vouched for by {_called(path[-1])}"


def load_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file.

    Raises:
        UsageError: there is none.
    """
    try:
        return x509.load_pem_x509_certificates(read_pem(path))
    except ValueError as error:
        raise UsageError(f"{path} holds no certificate in PEM form.", "Name a PEM file.") from error


def trusted_path(
    chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime
) -> list[x509.Certificate]:
    """The certificates from the signer's, `chain[0]`, up to one of `trusted`.

    Raises:
        DoesNotVerify: there is no such path, or one of its certificates does not hold at `now`.
    """
    path = [chain[0]]
    rest = [*trusted, *chain[1:]]
    while path[-1] not in trusted:
        above = next((c for c in rest if c not in path and _issued(c, path[-1])), None)
        if above is None or len(path) > _LONGEST:
            raise DoesNotVerify(
                f"No certificate that you trust stands behind {_called(path[-1])}.",
                "Give the issuer's certificate with --trust, if you do trust it.",
            )
        path.append(above)
    faults = [_signer_fault(path[0])]
    faults += [_date_fault(c, now) for c in path]
    faults += [_issuer_fault(c, below) for below, c in enumerate(path) if below]
    faults += [_extension_fault(c) for c in path]
    if fault := next(filter(None, faults), ""):
        raise DoesNotVerify(f"The certificate path does not hold: a certificate {fault}.")
    return path


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return not isinstance(certificate.signature_hash_algorithm, _WEAK)


def _date_fault(certificate: x509.Certificate, now: datetime) -> str:
    if now < certificate.not_valid_before_utc:
        return f"({_called(certificate)}) is valid from {certificate.not_valid_before_utc:%Y-%m-%d} only"
    if now > certificate.not_valid_after_utc:
        return f"({_called(certificate)}) expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
    return ""


def _signer_fault(certificate: x509.Certificate) -> str:
    """Why it is not for signing models: the specification asks for code signing as extended use."""
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        return f"({_called(certificate)}) is not made for signatures"
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    if extended is None or ExtendedKeyUsageOID.CODE_SIGNING not in extended:
        return f"({_called(certificate)}) is not made for code signing"
    return ""


def _issuer_fault(certificate: x509.Certificate, below: int) -> str:
    """Why it may not vouch for `below` certificates under it."""
    basic = _extension(certificate, x509.BasicConstraints)
    if basic is None or not basic.ca:
        return f"({_called(certificate)}) is no certificate authority"
    if basic.path_length is not None and below - 1 > basic.path_length:
        return f"({_called(certificate)}) may not vouch for so long a chain"
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return f"({_called(certificate)}) may not sign certificates"
    return ""


def _extension_fault(certificate: x509.Certificate) -> str:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return f"({_called(certificate)}) has a critical extension that is not understood"
    return ""


def _extension(certificate: x509.Certificate, kind: type[_T]) -> _T | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _called(certificate: x509.Certificate) -> str:
    name = certificate.subject.rfc4514_string()
    return shown(name)[:200] or f"serial number {certificate.serial_number}"

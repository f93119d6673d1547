"""Time-stamps of signed heads by an authority of the user's choice (RFC 3161).

The authority sees the SHA-256 of the head and nothing else. What it signs shows that the head existed at that
time; kept elsewhere, it shows too that the log had as many entries then.
"""

from datetime import datetime
from typing import Any

from cryptography.x509 import Certificate, load_pem_x509_certificates

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.posting import post

__all__ = ["BadTimeStampError", "parse_authorities", "stamped", "verified_time"]

_MAX_TOKEN = 2**20
_INSTALL = "pip install 'assaymark[timestamp]'"


class BadTimeStampError(AssaymarkError):
    """A time-stamp that does not hold."""

    exit_code = 14


def stamped(url: str, data: bytes) -> bytes:
    """Ask the authority at `url` to time-stamp `data`; returns its answer (DER).

    Raises:
        AssaymarkError: it cannot be reached, or the package for it is not installed.
        BadTimeStampError: it answers something else.
    """
    client = _client()
    request = client.TimestampRequestBuilder(data, client.HashAlgorithm.SHA256).build()
    answer = post(url, request.as_bytes(), "application/timestamp-query", _MAX_TOKEN, "time-stamp authority")
    try:
        found = client.decode_timestamp_response(answer.body)
        granted = answer.status == 200 and client.PKIStatus(found.status) == client.PKIStatus.GRANTED
        same = granted and found.tst_info.nonce == request.nonce
    except ValueError as error:
        raise BadTimeStampError(f"The answer of {url} is no time-stamp: {error}.", "Name another.") from error
    if not same:
        raise BadTimeStampError(
            f"The authority at {url} gave no time-stamp for this request (status {answer.status}).",
            "Ask its operator, or name another.",
        )
    return answer.body


def verified_time(token: bytes, data: bytes, authorities: list[Certificate]) -> datetime:
    """When `data` was time-stamped, by a time-stamp that chains to one of `authorities`.

    Raises:
        BadTimeStampError: it does not hold.
    """
    client = _client()
    verifier = client.VerifierBuilder(roots=list(authorities)).build()
    try:
        response = client.decode_timestamp_response(token)
        verifier.verify_message(response, data)
        time: datetime = response.tst_info.gen_time
    except (client.VerificationError, ValueError) as error:
        raise BadTimeStampError(
            f"The time-stamp does not hold: {error}.",
            "Check that it belongs to this head, and that the certificate is its authority's.",
        ) from error
    return time


def parse_authorities(pem: bytes, name: str) -> list[Certificate]:
    """Certificates of authorities.

    Raises:
        UsageError: there are none in `pem`.
    """
    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise UsageError(
            f"{name} holds no certificates in PEM form.", "Give the authority's root certificate."
        ) from error


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise AssaymarkError("Time-stamps need a package that is not installed.", _INSTALL) from error
    return rfc3161_client

"""Signatures made with Sigstore (keyless): an identity token instead of a key.

An authority vouches for the identity with a certificate for ten minutes, and a public log records the
signature, for good. This is the one part of signing that uses the network, and only if asked. Everything is
done by the sigstore package; what it gives is verified once more before anybody is handed it.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.problems import shown

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken

__all__ = ["TOKEN_VARIABLE", "KeylessSigner", "identity_token"]

TOKEN_VARIABLE = "SIGSTORE_ID_TOKEN"  # noqa: S105  the variable's name
_MAX_TOKEN = 64 << 10
_PACKAGE = ("Sigstore needs a package.", "Run: pip install 'assaymark[sigstore]'")
_ASK = f"`sigstore get-identity-token` prints one; put it in a file, or into {TOKEN_VARIABLE}."


class KeylessSigner:
    """Signs in-toto statements as whoever the token names."""

    def __init__(self, token: str, config: Path | None = None) -> None:
        """Take who signs and through which instance.

        Args:
            token: OpenID Connect identity token, for the audience `sigstore`.
            config: a client trust configuration (JSON) of the instance; Sigstore's public one if None, which
                is asked for over the network.

        Raises:
            UsageError: the package is not installed, the token is none or has expired, or `config` is none.
            AssaymarkError: the public instance could not be asked.
        """
        self._config = _config(config)
        self._token = _token(token)

    @property
    def identity(self) -> str:
        """Whom the certificate will name."""
        return str(self._token.identity)

    def sign(self, payload: bytes) -> bytes:
        """The signature file for the in-toto statement `payload`.

        Raises:
            AssaymarkError: the authority or the log refused, or what they gave does not verify.
        """
        from requests import RequestException
        from sigstore._internal.fulcio.client import FulcioClientError
        from sigstore._internal.rekor import RekorClientError
        from sigstore.dsse import Statement
        from sigstore.errors import Error
        from sigstore.sign import SigningContext
        from sigstore.verify import Verifier

        failures = (Error, FulcioClientError, RekorClientError, RequestException, LookupError, ValueError)
        try:
            with SigningContext.from_trust_config(self._config).signer(self._token) as signer:
                bundle = signer.sign_dsse(Statement(payload))
            Verifier(trusted_root=self._config.trusted_root).verify_dsse(bundle, _Anybody())
        except failures as error:
            raise AssaymarkError(
                f"Sigstore did not sign: {_said(error)}.",
                "Nothing was written. Try again with a fresh token; the certificate authority and the log "
                "have to be reachable.",
            ) from error
        return bundle.to_json().encode() + b"\n"


class _Anybody:
    """A verification policy: whom the certificate names is the authority's business, as it chose the name."""

    def verify(self, cert: "Certificate") -> None:
        """Accept it."""


def identity_token(file: Path | None) -> str:
    """The token in `file`, else in the environment, else what the CI job that this runs in is given.

    Raises:
        UsageError: there is none.
    """
    if file is not None:
        return _read(file)
    if stated := os.environ.get(TOKEN_VARIABLE, "").strip():
        return stated
    try:
        from sigstore.oidc import IdentityError, detect_credential
    except ImportError as error:
        raise UsageError(*_PACKAGE) from error
    try:
        found = detect_credential()
    except IdentityError as error:
        raise UsageError(f"This job's identity cannot be had: {_said(error)}.", _ASK) from error
    if not found:
        raise UsageError("Signing without a key takes an identity token.", _ASK)
    return found


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_TOKEN).decode("ascii", "replace").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as an identity token: {error}.", _ASK) from error


def _token(raw: str) -> "IdentityToken":
    from sigstore.oidc import ExpiredIdentity, IdentityError, IdentityToken

    try:
        return IdentityToken(raw)
    except (IdentityError, ExpiredIdentity) as error:
        raise UsageError(f"The identity token cannot be used: {_said(error)}.", _ASK) from error


def _config(path: Path | None) -> "ClientTrustConfig":
    try:
        from sigstore.errors import Error
        from sigstore.models import ClientTrustConfig
    except ImportError as error:
        raise UsageError(*_PACKAGE) from error
    if path is None:
        try:
            return ClientTrustConfig.production()
        except Error as error:
            raise AssaymarkError(
                f"Sigstore's public instance cannot be asked: {_said(error)}.",
                "Name the configuration of an instance with --sigstore-config.",
            ) from error
    try:
        return ClientTrustConfig.from_json(path.read_text(encoding="utf-8"))
    except (OSError, Error, LookupError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path} is no client trust configuration: {_said(error)}.",
            "Name the JSON file of your instance.",
        ) from error


def _said(error: Exception) -> str:
    cause = error.__cause__
    text = " ".join((str(error) or (str(cause) if cause else "") or type(error).__name__).split())
    return shown(text)[:300].rstrip(".")

"""Signatures made with Sigstore (keyless), verified by the sigstore package, without the network.

A certificate authority vouched for an identity for ten minutes, and a public log shows that the signature was
made then. What to trust comes from the file that the user names, or from what the package carries or has
cached. `keyless_signer` makes them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from assaymark.errors import UsageError
from assaymark.signing.bundle import PAYLOAD_TYPE, Bundle
from assaymark.signing.problems import DoesNotVerify, shown

if TYPE_CHECKING:
    from sigstore.verify import Verifier

__all__ = ["KeylessVerifier"]

_FAILED = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What comes through the sigstore package on malformed input, beside its own errors."""


class KeylessVerifier:
    """Accepts what one identity signed, as a Sigstore instance vouches for it."""

    def __init__(self, identity: str, issuer: str, root: Path | None = None) -> None:
        """Take who should have signed and what is trusted.

        Args:
            identity: an e-mail address, or the URI of a workflow.
            issuer: URL of the OpenID provider that vouched for it.
            root: a ``trusted_root.json``; what the sigstore package holds if None.

        Raises:
            UsageError: the package is not installed, or `root` cannot be used.
        """
        self._identity = identity
        self._issuer = issuer
        self._verifier = _verifier(root)

    def verify(self, bundle: Bundle, *, before_1_0: bool) -> str:
        """Who signed, in words.

        Raises:
            DoesNotVerify: somebody else signed, the log does not show it, or the statement was changed.
        """
        from sigstore.errors import Error
        from sigstore.models import Bundle as SigstoreBundle
        from sigstore.verify.policy import Identity

        if not bundle.keyless:
            raise DoesNotVerify("The model was not signed with Sigstore.", "Give --key or --trust.")
        policy = Identity(identity=self._identity, issuer=self._issuer)
        try:
            kind, payload = self._verifier.verify_dsse(SigstoreBundle.from_json(bundle.keyless), policy)
        except (Error, *_FAILED) as error:
            raise DoesNotVerify(
                f"The Sigstore signature does not hold: {shown(str(error))[:500]}."
            ) from error
        if (kind, payload) != (PAYLOAD_TYPE, bundle.payload):
            raise DoesNotVerify("The signature file says different things to different readers.")
        return f"{shown(self._identity)}, vouched for by {shown(self._issuer)} through Sigstore"


def _verifier(root: Path | None) -> "Verifier":
    try:
        from sigstore.errors import Error
        from sigstore.models import TrustedRoot
        from sigstore.verify import Verifier
    except ImportError as error:
        raise UsageError("Sigstore needs a package.", "Run: pip install 'assaymark[sigstore]'") from error
    try:
        if root is None:
            return Verifier.production(offline=True)
        return Verifier(trusted_root=TrustedRoot.from_file(str(root)))
    except OSError as error:
        raise UsageError(f"{root} cannot be read: {error.strerror}.", "Name a trusted_root.json.") from error
    except (Error, *_FAILED) as error:
        raise UsageError(
            f"What is trusted cannot be used: {shown(str(error))[:300]}.", "Name a trusted_root.json."
        ) from error

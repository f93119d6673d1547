"""A sign-off with an identity instead of a key (Sigstore): a file beside the pack."""

import hashlib
from pathlib import Path

from assaymark.pack.dsse import parse_envelope
from assaymark.pack.format import SIGN_OFF, SIGNED, STATEMENT, SignOffPredicate, StatementV1
from assaymark.pack.read import OpenPack
from assaymark.pack.refused import Refused
from assaymark.pack.statement import statement
from assaymark.pack.strict import decoded
from assaymark.pack.verification import Kind, Signed
from assaymark.signing.bundle import parse_bundle
from assaymark.signing.keyless import KeylessVerifier
from assaymark.signing.problems import DoesNotVerify

__all__ = ["beside", "keyless_sign_off", "keyless_statement"]


def beside(pack: Path) -> Path:
    """Where the signature of a pack lies if nothing is said: where Sigstore's own tool looks for it."""
    return pack.with_name(f"{pack.name}.sigstore.json")


def keyless_statement(path: Path, pack: OpenPack, said: SignOffPredicate) -> bytes:
    """What an identity signs: the sign-off, over the pack's statement and over the file as it is.

    The first stays true when another person signs the pack off; by the second, tools that know nothing of
    packs verify the file.
    """
    payload = parse_envelope(pack.read(STATEMENT), f"The statement of {path}").payload
    with path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return statement([(SIGNED, hashlib.sha256(payload).hexdigest()), (path.name, whole)], SIGN_OFF, said)


def keyless_sign_off(data: bytes, verifier: KeylessVerifier, statement_sha256: str, system: str) -> Signed:
    """The sign-off in a signature file, if the identity that `verifier` asks for made it over this pack.

    Args:
        data: the signature file, hostile.
        verifier: whom to believe.
        statement_sha256: digest of the pack's statement, as verified.
        system: name of the system, as the pack has it.

    Raises:
        DoesNotVerify: somebody else signed, or something else.
    """
    bundle = parse_bundle(data)
    by = verifier.verify(bundle, before_1_0=False)
    try:
        signed = decoded(bundle.payload, StatementV1[SignOffPredicate], "The signature's statement")
    except Refused as refused:
        raise DoesNotVerify(f"The signature holds, but over no sign-off: it {refused.reason}") from refused
    said = signed.predicate
    if signed.predicate_type != SIGN_OFF or said.public_key:
        raise DoesNotVerify("The signature holds, but over no sign-off.")
    if said.system != system or statement_sha256 not in {s.digest.sha256 for s in signed.subject}:
        raise DoesNotVerify("The signature holds, but over another pack.")
    return Signed(
        kind=Kind.KEYLESS,
        key="",
        trusted=by,
        role=said.role,
        name=said.name,
        organisation=said.organisation,
        at=said.signed_at,
        statement=said.statement,
    )

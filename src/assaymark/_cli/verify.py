"""``assaymark verify``: check a model against its signature."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark._cli.sign import default_signature, tidy
from assaymark.errors import UsageError
from assaymark.signing.certificates import CertificateVerifier, load_certificates
from assaymark.signing.compare import Comparison
from assaymark.signing.keyless import KeylessVerifier
from assaymark.signing.keys import KeyVerifier, load_public_key
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.signing.verify import Signed, Verified, Verifier, read_signature, verify_model

__all__ = ["command", "verifier_from"]

_FILE = click.Path(path_type=Path)
_MOST = 50
FAILED = 14


@click.command("verify")
@click.argument("path", type=_FILE)
@click.option("--signature", type=_FILE, help="The signature. [default: PATH/model.sig, or PATH.sig]")
@click.option("--key", type=_FILE, metavar="PEM", help="Public key of the signer.")
@click.option("--trust", multiple=True, type=_FILE, metavar="PEM", help="Certificates to trust; repeatable.")
@click.option(
    "--identity", default="", metavar="NAME", help="Who signed with Sigstore: an e-mail address or URI."
)
@click.option("--issuer", default="", metavar="URL", help="The OpenID provider that vouched for NAME.")
@click.option(
    "--sigstore-root", type=_FILE, metavar="FILE", help="A trusted_root.json. [default: the package's]"
)
@click.option("--ignore", multiple=True, metavar="PATH", help="Need not be signed; repeatable.")
@click.option("--ignore-unsigned-files", is_flag=True, help="Accept files that are not signed.")
@click.option("--with-git", is_flag=True, help="What belongs to git has to be signed, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    path: Path,
    signature: Path | None,
    key: Path | None,
    trust: tuple[Path, ...],
    identity: str,
    issuer: str,
    sigstore_root: Path | None,
    ignore: tuple[str, ...],
    ignore_unsigned_files: bool,
    with_git: bool,
    as_json: bool,
) -> int:
    """Check that a model is what somebody signed.

    Every file is read. Exit code 0 if the signature holds and every file is as
    signed, 14 if not: a file is missing, changed, renamed or was added, another
    key signed, or the signature contradicts itself.
    """
    verifier = verifier_from(key, trust, (identity, issuer), sigstore_root)
    if verifier is None:
        raise UsageError(
            "Whose signature should it be?", "Give --key with a public key, or --trust, or --identity."
        )
    place = signature or default_signature(path)
    try:
        data = read_signature(place)
        with counted() as told:
            found = verify_model(
                path,
                data,
                verifier,
                signature=place,
                ignore=tidy(ignore),
                allow_unlisted=ignore_unsigned_files,
                ignore_git=not with_git,
                told=told,
            )
    except DoesNotVerify as error:
        if not as_json:
            raise
        click.echo(_json(False, error.message, None, None))
        return FAILED
    if as_json:
        click.echo(_json(found.ok, "", found.signed, found.found))
    else:
        for line in _told(found, path):
            click.echo(line, err=not found.ok)
    return 0 if found.ok else FAILED


def verifier_from(
    key: Path | None,
    trust: Sequence[Path],
    who: tuple[str, str] = ("", ""),
    sigstore_root: Path | None = None,
) -> Verifier | None:
    """What `--key`, `--trust` or `--identity` and `--issuer` ask for, or None if none was given.

    Raises:
        UsageError: more than one was given, or a file is none of its kind.
    """
    if [key is not None, bool(trust), any(who)].count(True) > 1:
        raise UsageError("--key, --trust and --identity exclude each other.", "Give what the signer used.")
    if any(who) and not all(who):
        raise UsageError("--identity and --issuer go together.", "Anyone may hold that name elsewhere.")
    if all(who):
        return KeylessVerifier(*who, sigstore_root)
    if key is not None:
        return KeyVerifier(load_public_key(key))
    if trust:
        return CertificateVerifier([c for path in trust for c in load_certificates(path)], datetime.now(UTC))
    return None


def _told(found: Verified, path: Path) -> list[str]:
    differences = found.found.differences
    if differences:
        more = [f"  and {len(differences) - _MOST:,} more"] if len(differences) > _MOST else []
        told = [f"  {difference}" for difference in differences[:_MOST]]
        return [f"{shown(str(path))} is not what was signed by {found.signed.by}:", *told, *more]
    size = told_bytes(found.found.bytes_read)
    lines = [
        f"{shown(str(path))} is what was signed: {count(found.found.files, 'file')}, {size}.",
        f"Signed by: {found.signed.by}",
    ]
    if found.found.unlisted:
        lines.append(f"Not signed, and accepted as you asked: {count(len(found.found.unlisted), 'file')}.")
    if found.found.left_out:
        lines.append(f"Not looked at, as you or the signer asked: {count(found.found.left_out, 'path')}.")
    return [*lines, *(f"Note: {note}" for note in found.signed.manifest.notes)]


def _json(ok: bool, problem: str, signed: Signed | None, found: Comparison | None) -> str:
    value = {
        "v": 1,
        "ok": ok,
        "problem": problem,
        "signed_by": signed.by if signed else "",
        "notes": list(signed.manifest.notes) if signed else [],
        "files": found.files if found else 0,
        "bytes_read": found.bytes_read if found else 0,
        "differences": list(found.differences) if found else [],
        "unlisted": list(found.unlisted) if found else [],
        "left_out": found.left_out if found else 0,
    }
    return msgspec.json.encode(value, order="sorted").decode()

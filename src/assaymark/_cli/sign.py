"""``assaymark sign``: sign a model as OpenSSF Model Signing v1.0 has it."""

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from assaymark._cli.bytes_read import count, counted, told_bytes
from assaymark._cli.keyless import keyless_options
from assaymark._cli.places import cache_path
from assaymark.errors import AssaymarkError, UsageError
from assaymark.signing.algorithms import OMS_ALGORITHMS
from assaymark.signing.cache import DigestCache
from assaymark.signing.certificates import CertificateSigner, load_certificates
from assaymark.signing.keys import KeySigner, PasswordNeeded, load_private_key
from assaymark.signing.manifest import Manifest
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.signing.statement import encode
from assaymark.signing.verify import read_signature, unverified_manifest
from assaymark.whole import write_atomically

if TYPE_CHECKING:
    from assaymark.signing.keyless_signer import KeylessSigner

__all__ = ["command", "default_signature", "tidy"]

_FILE = click.Path(path_type=Path)
_PASSWORD = "ASSAYMARK_KEY_PASSWORD"  # noqa: S105  the variable's name
_MOST_NAMES = 10


@click.command("sign")
@click.argument("path", type=_FILE)
@click.option("--key", type=_FILE, metavar="PEM", help="Private key: P-256, P-384 or P-521.")
@click.option("--certificate", type=_FILE, metavar="PEM", help="The key's certificate, for code signing.")
@click.option("--chain", multiple=True, type=_FILE, metavar="PEM", help="Certificates above it; repeatable.")
@keyless_options
@click.option("--signature", type=_FILE, help="Where to write it. [default: PATH/model.sig, or PATH.sig]")
@click.option("--ignore", multiple=True, metavar="PATH", help="Leave it out, relative to PATH; repeatable.")
@click.option("--with-git", is_flag=True, help="Sign .git, .gitignore, .gitattributes and .github, too.")
@click.option("--method", default="files", type=click.Choice(["files", "shards"]), show_default=True)
@click.option("--hash", "algorithm", default="sha256", type=click.Choice(OMS_ALGORITHMS), show_default=True)
@click.option("--allow-symlinks", is_flag=True, help="Follow links that stay inside PATH.")
@click.option("--rehash", is_flag=True, help="Read every file, even those that seem unchanged.")
def command(
    path: Path,
    key: Path | None,
    certificate: Path | None,
    chain: tuple[Path, ...],
    keyless: bool,
    identity_token: Path | None,
    sigstore_config: Path | None,
    signature: Path | None,
    ignore: tuple[str, ...],
    with_git: bool,
    method: str,
    algorithm: str,
    allow_symlinks: bool,
    rehash: bool,
) -> None:
    """Sign the model in a folder, or one file.

    The signature lists every file with its digest (OpenSSF Model Signing v1.0)
    and is checked by `assaymark verify` and by the model-signing tool. Files
    that have not changed since they were last signed are not read again. The
    password of an encrypted key is asked for, or taken from
    ASSAYMARK_KEY_PASSWORD. With --keyless, Sigstore vouches for who you are
    instead: that uses the network, and your identity stands in a public log
    for good.
    """
    target = signature or default_signature(path)
    earlier = _earlier(target)
    signer = _signer(key, certificate, chain, _Keyless(keyless, identity_token, sigstore_config))
    remembered = cache_path(path) / "signed-digests"
    cache = DigestCache(b"" if rehash else _read(remembered))
    plan = Plan(
        method=method,
        algorithm=algorithm,
        allow_symlinks=allow_symlinks,
        ignore=tidy(ignore),
        ignore_git=not with_git,
    )
    with counted() as told:
        hashed = describe_model(path, plan, signature=target, earlier=earlier, cache=cache, told=told)
    write_atomically(target, signer.sign(encode(hashed.manifest)))
    with contextlib.suppress(AssaymarkError):  # without it the next run reads all, no more
        write_atomically(remembered, cache.encode())
    click.echo(str(target))
    read = f", {told_bytes(hashed.bytes_read)} of them read anew" if hashed.bytes_read != hashed.size else ""
    click.echo(f"Signed {count(hashed.files, 'file')}, {told_bytes(hashed.size)}{read}.", err=True)
    for line in _changes(earlier, hashed.manifest):
        click.echo(line, err=True)


def tidy(paths: Iterable[str]) -> tuple[str, ...]:
    """Relative paths as a shell completes them, `./sub/`, in their plain form."""
    return tuple(path.removeprefix("./").rstrip("/") or path for path in paths)


def default_signature(path: Path) -> Path:
    """Where a model's signature lies if nothing is said: in the folder, or beside the file."""
    return path / "model.sig" if path.is_dir() else path.with_name(f"{path.name}.sig")


class _Keyless(NamedTuple):
    asked: bool
    token: Path | None
    config: Path | None


def _signer(
    key: Path | None, certificate: Path | None, chain: tuple[Path, ...], keyless: _Keyless
) -> "KeySigner | CertificateSigner | KeylessSigner":
    if keyless.asked == (key is not None):
        raise UsageError("A model is signed with a key or without one.", "Give --key or --keyless.")
    if key is None:
        from assaymark.signing.keyless_signer import KeylessSigner, identity_token

        return KeylessSigner(identity_token(keyless.token), keyless.config)
    if chain and certificate is None:
        raise UsageError("--chain goes with --certificate.", "Name the key's own certificate, too.")
    password = os.environ.get(_PASSWORD, "")
    try:
        private = load_private_key(key, password.encode() if password else None)
    except PasswordNeeded as error:
        if password or not sys.stdin.isatty():
            raise UsageError(error.message, f"Set {_PASSWORD} to its password.") from error
        private = load_private_key(key, click.prompt("Password", hide_input=True, err=True).encode())
    if certificate is None:
        return KeySigner(private)
    certificates = [c for path in (certificate, *chain) for c in load_certificates(path)]
    return CertificateSigner(private, certificates)


def _earlier(target: Path) -> Manifest | None:
    """What the signature at `target` says; it must be one, lest a file of the model be written over."""
    if not target.exists():
        return None
    try:
        return unverified_manifest(read_signature(target))
    except DoesNotVerify as error:
        raise UsageError(
            f"{target} exists and is no model signature.",
            "Remove it, or name another place with --signature.",
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _changes(earlier: Manifest | None, now: Manifest) -> list[str]:
    """What differs from the earlier signature, if they can be compared."""
    if earlier is None or earlier.serialization.hash_type != now.serialization.hash_type:
        return []
    before = {r.label: r.digest for r in earlier.resources}
    after = {r.label: r.digest for r in now.resources}
    changed = [name for name in after if name in before and before[name] != after[name]]
    groups: list[tuple[str, Iterable[str]]] = [
        ("Added", after.keys() - before.keys()),
        ("Removed", before.keys() - after.keys()),
        ("Changed", changed),
    ]
    return [f"{verb} since it was last signed: {_names(sorted(names))}" for verb, names in groups if names]


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(shown(name) for name in names[:_MOST_NAMES]) + more

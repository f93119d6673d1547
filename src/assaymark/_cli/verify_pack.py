"""``assaymark verify-pack``: what a stranger's pack shows, offline, trusting nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assaymark._cli.clock import now
from assaymark._cli.keyless import keyless_verifier_options
from assaymark.errors import UsageError

if TYPE_CHECKING:
    from assaymark.ledger.rotation import Rotation
    from assaymark.pack.policy import Policy
    from assaymark.pack.verification import PackVerification
    from assaymark.pack.verify import Asked

__all__ = ["POLICY_NOT_MET", "command", "trusted_keys"]

POLICY_NOT_MET = 19
_DOES_NOT_VERIFY = 14
_FILE = click.Path(path_type=Path)
_MAX_FILE = 1_048_577
"""One byte more than the longest of what is read: policies, heads, rotations; each has its own bound."""


@click.command("verify-pack", short_help="Verify a supplier's pack, offline, trusting nobody.")
@click.argument("path", metavar="FILE", type=_FILE)
@click.option(
    "--trust",
    multiple=True,
    metavar="NAME=HEX|FILE",
    help="A key that you know, and what you call it; repeatable.",
)
@click.option("--public-key", default="", metavar="HEX", help="Key that has to have signed the pack.")
@click.option(
    "--held",
    multiple=True,
    type=_FILE,
    metavar="HEAD",
    help="A signed head of the supplier's ledger that you kept; repeatable.",
)
@click.option(
    "--rotation",
    "rotations",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="NAME.rotation.json of a key you know: its successor is known too; repeatable.",
)
@keyless_verifier_options
@click.option("--policy", type=_FILE, metavar="FILE", help="What you ask of a pack, in YAML.")
@click.option("--questions", type=_FILE, metavar="FILE", help="Write what to ask the supplier, in Markdown.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Judge ages as of this day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    path: Path,
    trust: tuple[str, ...],
    public_key: str,
    held: tuple[Path, ...],
    rotations: tuple[Path, ...],
    identity: str,
    issuer: str,
    sigstore_bundle: Path | None,
    sigstore_root: Path | None,
    policy: Path | None,
    questions: Path | None,
    today: datetime | None,
    as_json: bool,
) -> int:
    """Verify a supplier's pack, offline, trusting nobody.

    Every digest, proof, signature, date and reference is checked, and every
    verdict is derived anew from the evidence. It ends with the questions to ask
    about whatever is open. Exit code 0 if the pack verifies and meets the
    policy, 14 if it does not verify, 19 if the policy is not met, 3 if the file
    is no pack.
    """
    from assaymark._cli.verify_pack_json import told_json
    from assaymark._cli.verify_pack_text import questions_markdown, told
    from assaymark.pack.rules import applied
    from assaymark.pack.verify import verify_pack

    handed = _rotations(rotations)
    wanted = _policy(policy, handed)
    shown = verify_pack(path, _asked(trust, public_key, held, wanted, handed, today))
    if identity or issuer or sigstore_bundle:
        shown = _with_identity(shown, path, identity, issuer, sigstore_bundle, sigstore_root)
    rules = applied(wanted, shown) if wanted else ()
    if questions is not None and shown.assessment is not None:
        from assaymark.whole import write_atomically

        write_atomically(questions, questions_markdown(shown).encode())
    if as_json:
        click.echo(told_json(shown, wanted, rules))
    else:
        for line in told(shown, wanted, rules, path.name):
            click.echo(line)
    if not shown.ok:
        return _DOES_NOT_VERIFY
    return 0 if all(rule.met for rule in rules) else POLICY_NOT_MET


def _with_identity(
    shown: "PackVerification", path: Path, identity: str, issuer: str, bundle: Path | None, root: Path | None
) -> "PackVerification":
    """What a pack shows, with the sign-off by `identity`; not verified if that does not hold."""
    from msgspec.structs import replace

    from assaymark.pack.keyless import beside, keyless_sign_off
    from assaymark.pack.verification import Problem
    from assaymark.signing.keyless import KeylessVerifier
    from assaymark.signing.problems import DoesNotVerify

    if not (identity and issuer):
        raise UsageError("An identity is a name and who vouches for it.", "Give --identity and --issuer.")
    verifier = KeylessVerifier(identity, issuer, root)
    place = bundle or beside(path)
    data = _read(place, "a Sigstore signature")
    if shown.assessment is None:
        return shown
    try:
        signed = keyless_sign_off(data, verifier, shown.statement_sha256, shown.assessment.system.name)
    except DoesNotVerify as error:
        return replace(shown, ok=False, problems=(*shown.problems, Problem(place.name, error.message)))
    return replace(shown, signatures=(*shown.signatures, signed))


def trusted_keys(named: Sequence[str]) -> dict[str, str]:
    """Hexadecimal key → name, from `NAME=HEX`, `NAME=FILE` or `FILE`.

    Raises:
        UsageError: one names no Ed25519 key, or two give one key different names.
    """
    found: dict[str, str] = {}
    for text in named:
        name, equals, value = text.rpartition("=")
        key = _key(value)
        name = name if equals else Path(value).stem
        if found.setdefault(key, name) != name:
            raise UsageError(f"--trust gives one key two names: {found[key]} and {name}.", "Give it one.")
    return found


def _key(text: str) -> str:
    """64 hexadecimal digits, from themselves or from a file with them or with a public key in PEM."""
    from assaymark.ledger.keys import parse_public_key

    try:
        return parse_public_key(text).hex()
    except UsageError:
        data = _read(Path(text), "a public key")
    if b"-----BEGIN PUBLIC KEY-----" not in data:
        return parse_public_key(data.decode("utf-8", "replace").strip()).hex()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{text} holds no public key: {error}.", "Give an Ed25519 key.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{text} holds a key of another kind.", "Give an Ed25519 key.")
    return key.public_bytes_raw().hex()


def _asked(
    trust: Sequence[str],
    public_key: str,
    held: Sequence[Path],
    policy: "Policy | None",
    rotations: "Sequence[Rotation]",
    today: datetime | None,
) -> "Asked":
    from assaymark.pack.verify import Asked

    trusted = trusted_keys(trust)
    if public_key:
        trusted.setdefault(_key(public_key), "the key that you named")
    for rotation in rotations:  # oldest first, so that a chain is followed to its end
        if rotation.old_key in trusted:
            trusted.setdefault(rotation.new_key, trusted[rotation.old_key])
    for wanted in policy.signed_off_by if policy else ():
        if wanted.key:
            trusted.setdefault(wanted.key, wanted.name or "pinned by the policy")
    for key in policy.signers if policy else ():
        trusted.setdefault(key, "pinned by the policy")
    return Asked(
        now=datetime.combine(today.date(), time(23, 59, 59), UTC) if today else now(),
        trusted=trusted,
        held=tuple(_read(place, "a signed head").decode("utf-8", "replace") for place in held),
        public_key=_key(public_key) if public_key else "",
        witnesses=policy.witnesses if policy else (),
    )


def _policy(path: Path | None, rotations: "Sequence[Rotation]") -> "Policy | None":
    if path is None:
        return None
    from assaymark.pack.policy import following, read_policy

    return following(read_policy(_read(path, "a policy"), str(path)), rotations)


def _rotations(paths: Sequence[Path]) -> "tuple[Rotation, ...]":
    from assaymark.ledger.rotation import parse_rotations

    return tuple(r for path in paths for r, _ in parse_rotations(_read(path, "a key rotation"), str(path)))


def _read(path: Path, what: str) -> bytes:
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {path} that could be {what}.", f"Name {what}.")
        with path.open("rb") as file:
            return file.read(_MAX_FILE)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as {what}: {error}.", f"Name {what}.") from error

"""``assaymark key``: make, show and replace the keys with which persons sign."""

import json
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assaymark._cli.passphrase import asked_passphrases, new_passphrase, passphrase_file_option
from assaymark._cli.places import key_path, keyring_path
from assaymark.errors import UsageError
from assaymark.ledger.checkpoint import verifier_key
from assaymark.ledger.keyring import MACHINE, KeyInfo, Keyring
from assaymark.ledger.keys import is_encrypted, load_key, public_bytes
from assaymark.system.system import SIGNING_ROLES
from assaymark.system.template import quoted
from assaymark.whole import write_atomically

__all__ = ["command", "export_command", "list_command", "new_command", "rotate_command", "show_command"]

_OPEN = click.option("--no-passphrase", is_flag=True, help="Leave the private key unencrypted on disk.")
_FORMS = ("hex", "vkey", "ssh", "pem")


@click.group("key")
def command() -> None:
    """Make, show and replace the keys with which persons sign.

    Keys are Ed25519 and lie in ~/.config/assaymark/keys (ASSAYMARK_KEYRING
    names another folder), encrypted with a passphrase.
    """


@command.command("new")
@click.argument("name")
@click.option("--role", default="", type=click.Choice(["", *SIGNING_ROLES]), help="In which its owner signs.")
@click.option("--person", default="", metavar="NAME", help="Who signs with it.")
@_OPEN
@passphrase_file_option
def new_command(name: str, role: str, person: str, no_passphrase: bool, passphrase_file: Path | None) -> None:
    """Make a key named NAME; an existing one is never replaced."""
    ring = Keyring(keyring_path())
    ring.check_new(name)
    passphrase = b"" if no_passphrase else new_passphrase(passphrase_file, name)
    info = ring.new(name, role=role, person=person, passphrase=passphrase)
    click.echo(info.public_key)
    click.echo(f"Made {ring.folder / name}.pem. Keep a copy where only its owner can reach it.", err=True)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_command(as_json: bool) -> None:
    """List the keys, this machine's own and retired ones among them."""
    ring = Keyring(keyring_path())
    machine = key_path()
    rows = [(info, ring.encrypted(info.name)) for info in ring.all() if info.name != MACHINE]
    if machine.exists():
        rows.insert(0, (_machine(machine), is_encrypted(machine)))
    for info, encrypted in rows:
        click.echo(_as_json(info, encrypted) if as_json else _line(info, encrypted))
    if not rows:
        click.echo("There are no keys yet. Make one: assaymark key new NAME", err=True)


@command.command("show")
@click.argument("name")
@click.option("--form", type=click.Choice(_FORMS), help="Print this form of the public key alone.")
def show_command(name: str, form: str | None) -> None:
    """Show the public key NAME in the forms that other tools read.

    hex for manifests and policies, vkey for signed notes (C2SP), ssh for
    ssh-keygen, pem (SubjectPublicKeyInfo) for OpenSSL. Private halves are never
    printed.
    """
    info = _known(name)
    if form:
        click.echo(_formed(info, form).rstrip("\n"))
        return
    told = {"Name": info.name, "Person": info.person, "Role": info.role, "Made": info.created}
    told |= {"Retired": info.retired, "Replaced by": info.replaced_by}
    for label, text in told.items():
        if text:
            click.echo(f"{label + ':':<13}{_shown(text)}")
    for each in ("hex", "vkey", "ssh"):
        click.echo(f"{each + ':':<13}{_formed(info, each)}")
    click.echo(_formed(info, "pem"), nl=False)


@command.command("rotate")
@click.argument("name")
@_OPEN
@passphrase_file_option
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path),
    help="File with the new key's passphrase. [default: as for the old one]",
)
def rotate_command(
    name: str, no_passphrase: bool, passphrase_file: Path | None, new_passphrase_file: Path | None
) -> None:
    """Put a new key in the place of NAME.

    The old key is kept, marked retired. NAME.rotation.json says under both keys
    that the new one took over; give it to whoever trusted the old one.
    """
    ring = Keyring(keyring_path())
    ring.info(name)
    passphrase = b"" if no_passphrase else new_passphrase(new_passphrase_file or passphrase_file, name)
    rotation = ring.rotate(name, asked_passphrases(passphrase_file), passphrase)
    click.echo(rotation.new_key)
    click.echo(f"{rotation.old_key[:16]}… is retired. Hand on {ring.folder / name}.rotation.json", err=True)


@command.command("export-public")
@click.argument("names", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write. [default: standard output]"
)
def export_command(names: tuple[str, ...], output: Path | None) -> None:
    """Write public keys as the manifest's `signatories`.

    NAMES are keys; without any, all that are not retired and name a person and
    a role.
    """
    infos = [_known(name) for name in names] or [
        info for info in Keyring(keyring_path()).all() if info.person and info.role and not info.retired
    ]
    without = [info.name for info in infos if not (info.person and info.role)]
    if without or not infos:
        raise UsageError(
            f"No person and role is known of {without[0] if without else 'any key'}.",
            "Make keys with --person and --role, or use `assaymark key show`.",
        )
    text = "signatories:\n" + "".join(_signatory(info) for info in infos)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())


def _known(name: str) -> KeyInfo:
    if name == MACHINE:
        return _machine(key_path())
    info = Keyring(keyring_path()).info(name)
    if not info.public_key:
        raise UsageError(
            f"What is public of the key {name} is missing: there is no {name}.json.",
            "Restore it from a copy.",
        )
    return info


def _machine(path: Path) -> KeyInfo:
    """What may be told of the machine's key; its public half is unknown while it cannot be decrypted."""
    try:
        public = public_bytes(load_key(path)).hex()
    except UsageError:
        public = ""
    return KeyInfo(name=MACHINE, public_key=public)


def _line(info: KeyInfo, encrypted: bool) -> str:
    state = "retired " + info.retired[:10] if info.retired else "encrypted" if encrypted else "not encrypted"
    if info.name == MACHINE:
        who = "this machine; it signs unattended" + ("" if encrypted else ", so its key is not encrypted")
    else:
        who = ", ".join(part for part in (info.person, info.role) if part) or "nobody named"
    return _shown(f"{info.name:<20}  {info.public_key or 'public half unknown':<64}  {state:<18}  {who}")


def _as_json(info: KeyInfo, encrypted: bool) -> str:
    told = {"name": info.name, "role": info.role, "person": info.person, "created": info.created}
    told |= {"public_key": info.public_key, "retired": info.retired, "replaced_by": info.replaced_by}
    return json.dumps({**told, "encrypted": encrypted}, sort_keys=True)


def _formed(info: KeyInfo, form: str) -> str:
    if not info.public_key:
        raise UsageError(
            f"The public half of {info.name} is unknown until it is decrypted.", "Give its passphrase."
        )
    raw = bytes.fromhex(info.public_key)
    key = Ed25519PublicKey.from_public_bytes(raw)
    if form == "hex":
        return info.public_key
    if form == "vkey":
        return verifier_key(info.name, raw)
    if form == "ssh":
        return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + f" {info.name}"
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _signatory(info: KeyInfo) -> str:
    return f"  - name: {quoted(info.person)}\n    role: {info.role}\n    key: {info.public_key}\n"


def _shown(text: str) -> str:
    """`text` with whatever could steer a terminal made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

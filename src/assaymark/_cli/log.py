"""``assaymark log``: show and verify the ledger of evidence."""

from pathlib import Path

import click

from assaymark._cli.places import key_path, ledger_path
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import load_key, parse_public_key, public_bytes
from assaymark.ledger.ledger import Ledger, Recorded
from assaymark.ledger.verify import Verification, verify

__all__ = ["command", "head_command", "show_command", "verify_command"]

_PATH = click.argument("path", default=".", type=click.Path(path_type=Path))


@click.group("log")
def command() -> None:
    """Show and verify the ledger of evidence.

    PATH is an assessed folder, or a ledger file.
    """


@command.command("verify")
@_PATH
@click.option("--public-key", default="", metavar="HEX", help="Whose signature has to cover every entry.")
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A head kept elsewhere that the ledger must agree with; repeatable.",
)
def verify_command(path: Path, public_key: str, heads: tuple[Path, ...]) -> int:
    """Check that no entry was changed, removed or reordered.

    Exit code 0 if all holds, 1 if not.
    """
    key = parse_public_key(public_key) if public_key else None
    place = _ledger(path)
    found = verify(place, key, tuple(_note(head) for head in heads))
    for line in _told(found, place, bool(public_key)):
        click.echo(_shown(line), err=not found.ok)
    return 0 if found.ok else 1


@command.command("show")
@_PATH
@click.option("--last", default=20, type=click.IntRange(min=1), help="How many of the newest entries.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with index and leaf hash.")
def show_command(path: Path, last: int, as_json: bool) -> None:
    """Print the newest entries, oldest of them first."""
    with Ledger.open(_ledger(path)) as ledger:
        for recorded in ledger.last(last):
            click.echo(_json(recorded) if as_json else _line(recorded))


@command.command("head")
@_PATH
def head_command(path: Path) -> None:
    """Print the newest signed head, to be kept where nobody here can change it.

    The head goes to standard output exactly as signed; the keys go to standard
    error.
    """
    with Ledger.open(_ledger(path)) as ledger:
        note, signers = ledger.head(), ledger.signers()
    if not note:
        raise AssaymarkError("The ledger is empty; there is no head.", "Run `assaymark assess` first.")
    click.echo(note, nl=False)
    for signer in signers:
        click.echo(f"Signing key: {signer.hex()}", err=True)


def _ledger(path: Path) -> Path:
    if path.is_dir():
        return ledger_path(path)
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.", "Name an assessed folder or a ledger file.")
    return path


def _note(path: Path) -> str:
    try:
        return path.read_bytes()[:16_384].decode("utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"{path} cannot be read as a signed head.", "Give what `log head` printed."
        ) from error


def _told(found: Verification, place: Path, named: bool) -> list[str]:
    size = f"{found.size} {'entry' if found.size == 1 else 'entries'}"
    if not found.ok:
        problems = [f"  {problem.message}" for problem in found.problems]
        return [f"The ledger {place} does not verify ({size} read):", *problems]
    lines = [
        f"The ledger {place} verifies: {size}, none changed, removed or reordered.",
        f"Root: {found.root}",
        f"Signed by: {found.public_key or 'nobody yet'}{_whose(found.public_key)}",
    ]
    if found.size and not named:
        lines.append("This shows that it is whole. Whose it is, --public-key shows; that its newest entries")
        lines.append("are still there, a head kept elsewhere (--head) shows.")
    return lines


def _whose(public_key: str) -> str:
    try:
        ours = public_bytes(load_key(key_path())).hex()
    except AssaymarkError:
        return ""
    return " (this machine's key)" if public_key == ours else ""


def _json(recorded: Recorded) -> str:
    """One line; the entry is given exactly as it was hashed."""
    entry = encode(recorded.entry).decode()
    return f'{{"index":{recorded.index},"leaf":"{recorded.leaf}","entry":{entry}}}'


def _line(recorded: Recorded) -> str:
    return _shown(f"{recorded.index:>6}  {recorded.time[:19]}  {recorded.entry.type:<11}  {_gist(recorded)}")


def _gist(recorded: Recorded) -> str:
    """What an entry says, in a few words."""
    if recorded.entry.type not in ("observation", "attestation"):
        return recorded.entry.system
    seen = recorded.entry.observation()
    return f"{seen.outcome.value:<14}  {seen.by or seen.check}: {seen.summary}"


def _shown(text: str) -> str:
    """`text` with whatever could steer a terminal made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

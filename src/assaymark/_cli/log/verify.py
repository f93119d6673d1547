"""``assaymark log verify``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.log.source import key_of, ledger_of, verifier_keys
from assaymark._cli.places import key_path
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.cosignature import cosigned_at
from assaymark.ledger.keys import load_key, public_bytes
from assaymark.ledger.note import COSIGNATURE, VerifierKey
from assaymark.ledger.readers import StoreReader, is_url
from assaymark.ledger.verify import Verification, verify, verify_published
from assaymark.signing.problems import shown

__all__ = ["command"]

_FILE = click.Path(path_type=Path)
_READABLE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("verify")
@click.argument("path", default=".")
@click.option("--public-key", default="", metavar="HEX", help="Whose signature has to cover every entry.")
@click.option("--vkey", default="", metavar="KEY", help="The same, as NAME+ID+KEY.")
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=_FILE,
    help="A head kept elsewhere that the ledger must agree with: a signed note, an e-mail that holds one, or"
    " a Git repository of them; repeatable.",
)
@click.option("--timestamp-ca", type=_READABLE, metavar="PEM", help="Authority of the heads' time-stamps.")
@click.option(
    "--witness-key",
    "witnesses",
    multiple=True,
    metavar="KEY",
    help="A witness that must have cosigned the newest head; repeatable.",
)
def command(
    path: str,
    public_key: str,
    vkey: str,
    heads: tuple[Path, ...],
    timestamp_ca: Path | None,
    witnesses: tuple[str, ...],
) -> int:
    """Check that no entry was changed, removed or reordered.

    PATH is an assessed folder, a ledger, or the URL of a published log, which
    needs the key. Exit code 0 if all holds, 1 if not.
    """
    key = key_of(public_key, vkey) if public_key or vkey else None
    trusted = verifier_keys(witnesses, COSIGNATURE)
    notes, remarks = _held(heads, timestamp_ca)
    place, found = _verified(path, key.key if isinstance(key, VerifierKey) else key, notes)
    problems = [problem.message for problem in found.problems]
    if isinstance(key, VerifierKey) and key.name != found.origin:
        problems.append(f"The ledger is {found.origin}, not {key.name}.")
    seen, missing = _witnessed(found.checkpoint, trusted)
    problems += missing
    told = _failed(found, place, problems) if problems else _told(found, place, key is not None)
    for line in (*told, *([] if problems else (*remarks, *seen))):
        click.echo(shown(line), err=bool(problems))
    return 1 if problems else 0


def _verified(path: str, key: bytes | None, notes: tuple[str, ...]) -> tuple[str, Verification]:
    """What was verified, by name, and what that gave."""
    if not is_url(path):
        place = ledger_of(Path(path))
        return str(place), verify(place, key, notes)
    if key is None:
        raise UsageError("Whose log it has to be must be said for a published one.", "Give --vkey.")
    reader = StoreReader(path)
    return reader.name, verify_published(reader, key, notes)


def _held(paths: tuple[Path, ...], authority: Path | None) -> tuple[tuple[str, ...], list[str]]:
    """The heads kept elsewhere, and what to say about their time-stamps."""
    if not paths:
        return (), []
    from assaymark.ledger.anchor_timestamp import parse_authorities
    from assaymark.ledger.held import read_held

    trusted = parse_authorities(authority.read_bytes(), str(authority)) if authority else None
    notes, remarks = [], []
    for path in paths:
        for held in read_held(path, trusted):
            notes.append(held.note)
            if held.time:
                remarks.append(f"Time-stamped: {path} existed at {held.time:%Y-%m-%d %H:%M:%S} UTC.")
            elif held.unchecked:
                remarks.append(f"The time-stamp of {path} was not checked; --timestamp-ca checks it.")
    return tuple(notes), remarks


def _witnessed(note: str, witnesses: tuple[VerifierKey, ...]) -> tuple[list[str], list[str]]:
    seen, missing = [], []
    for witness in witnesses:
        time = cosigned_at(note, witness) if note else None
        if time is None:
            missing.append(f"The newest head is not cosigned by the witness {witness.name}.")
        else:
            seen.append(f"Cosigned by {witness.name} at {_when(time)}.")
    return seen, missing


def _when(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"


def _failed(found: Verification, place: str, problems: list[str]) -> list[str]:
    return [
        f"The ledger {place} does not verify ({_count(found.size)} read):",
        *(f"  {problem}" for problem in problems),
    ]


def _told(found: Verification, place: str, named: bool) -> list[str]:
    lines = [
        f"The ledger {place} verifies: {_count(found.size)}, none changed, removed or reordered.",
        f"Root: {found.root}",
        f"Signed by: {found.public_key or 'nobody yet'}{_whose(found.public_key)}",
    ]
    if found.waiting:
        lines.append(f"Behind them: {_count(found.waiting)} that the next head will cover.")
    if found.size and not named:
        lines.append("This shows that it is whole. Whose it is, --public-key shows; that its newest entries")
        lines.append("are still there, a head kept elsewhere (--head) or a witness (--witness-key) shows.")
    return lines


def _count(entries: int) -> str:
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def _whose(public_key: str) -> str:
    try:
        ours = public_bytes(load_key(key_path())).hex()
    except AssaymarkError:
        return ""
    return " (this machine's key)" if public_key == ours else ""

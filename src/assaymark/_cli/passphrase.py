"""Where a key's passphrase comes from: a file, the environment, or a person who types it unseen."""

import os
import stat
import sys
from pathlib import Path

import click

from assaymark.errors import UsageError
from assaymark.ledger.keys import (
    PASSPHRASE,
    PassphraseNeeded,
    Passphrases,
    environment_passphrase,
    passphrase_bytes,
)

__all__ = ["asked_passphrases", "new_passphrase", "passphrase_file_option"]

SHORTEST = 12
"""Letters of a new passphrase; whoever copies the file can try as many as they like."""

_MAX_FILE = 4_096

passphrase_file_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help=f"File with the passphrase, readable by you alone. [default: {PASSPHRASE}, or you are asked]",
)


def asked_passphrases(file: Path | None) -> Passphrases:
    """Gives the passphrase of a key that exists: from `file`, the environment, or a prompt without echo."""

    def passphrase(name: str) -> bytes:
        if file is not None:
            return _from_file(file)
        if os.environ.get(PASSPHRASE) or not sys.stdin.isatty():
            return _environment(name)
        return passphrase_bytes(click.prompt(f"Passphrase of {name}", hide_input=True, err=True))

    return passphrase


def new_passphrase(file: Path | None, name: str) -> bytes:
    """A passphrase for a new key; typed twice if it is typed.

    Raises:
        UsageError: there is none, or it is too short.
    """
    if file is not None:
        given = _from_file(file)
    elif os.environ.get(PASSPHRASE) or not sys.stdin.isatty():
        given = _environment(name)
    else:
        typed = click.prompt(
            f"New passphrase for {name}", hide_input=True, confirmation_prompt=True, err=True
        )
        given = passphrase_bytes(typed)
    if len(given.decode("utf-8", "replace")) < SHORTEST:
        raise UsageError(
            f"The passphrase is shorter than {SHORTEST} letters.",
            "Choose a longer one, such as five words that do not belong together.",
        )
    return given


def _environment(name: str) -> bytes:
    try:
        return environment_passphrase(name)
    except PassphraseNeeded as error:
        raise PassphraseNeeded(error.message, f"Give --passphrase-file, or set {PASSPHRASE}.") from error


def _from_file(path: Path) -> bytes:
    """The file's text without the line feed at its end."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise UsageError(
            f"The passphrase file {path} cannot be read: {error.strerror}.", "Name another."
        ) from error
    if stat.S_IMODE(about.st_mode) & 0o077:
        raise UsageError(
            f"The passphrase file {path} can be read or changed by others.", f"Run: chmod 600 '{path}'"
        )
    if about.st_uid not in (os.geteuid(), 0):
        raise UsageError(f"The passphrase file {path} belongs to another user.", "Use a file of your own.")
    text = data.removesuffix(b"\n").removesuffix(b"\r")
    if not text or len(data) > _MAX_FILE:
        raise UsageError(f"The passphrase file {path} is empty or too long.", "Write one line into it.")
    return passphrase_bytes(text.decode("utf-8", "surrogateescape"))

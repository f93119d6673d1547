"""Signed heads that somebody kept elsewhere, in whatever form they were handed over."""

from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.ledger.anchor_git import heads_in_repository, is_repository
from assaymark.ledger.anchor_mail import MAX_MAIL, notes_in_mail
from assaymark.ledger.anchor_timestamp import BadTimeStampError, verified_time
from assaymark.ledger.checkpoint import InvalidCheckpointError, parse

__all__ = ["STAMP_SUFFIX", "Held", "read_held"]

STAMP_SUFFIX = ".tsr"
"""Behind the name of a head's file: its time-stamp."""
_MAX_STAMP = 2**20


class Held(Struct, frozen=True):
    """A head as it was kept."""

    note: str
    """The signed note; whether it is one is for the verifier to say."""
    time: datetime | None = None
    """When an authority saw it; None without a time-stamp that was checked."""
    unchecked: bool = False
    """Whether there is a time-stamp that nobody looked at, for want of the authority's certificate."""


def read_held(path: Path, authorities: list[Certificate] | None = None) -> tuple[Held, ...]:
    """The heads in a signed note's file, an e-mail, or a Git repository.

    Args:
        path: where.
        authorities: certificates of time-stamp authorities; a note's file then has to have a time-stamp
            beside it.

    Raises:
        UsageError: nothing there can be read as a head.
        BadTimeStampError: the time-stamp is missing or does not hold.
    """
    if path.is_dir():
        if not is_repository(path):
            raise UsageError(
                f"{path} is no Git repository.", "Name a repository, an e-mail or a signed head."
            )
        return tuple(map(Held, heads_in_repository(path)))
    data = _bytes(path, MAX_MAIL, "cannot be read as a signed head")
    note = _note(data)
    if note is None:
        return tuple(map(Held, notes_in_mail(data))) or (Held(_text(data, path)),)
    stamp = path.with_name(path.name + STAMP_SUFFIX)
    if authorities is None:
        return (Held(note, unchecked=stamp.exists()),)
    if not stamp.exists():
        raise BadTimeStampError(
            f"There is no time-stamp at {stamp}.", "`log anchor --timestamp` puts it beside the head."
        )
    token = _bytes(stamp, _MAX_STAMP, "cannot be read as a time-stamp")
    return (Held(note, verified_time(token, data, authorities)),)


def _note(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
        parse(text)
    except (UnicodeError, InvalidCheckpointError):
        return None
    return text


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeError as error:
        raise _unreadable(path, "cannot be read as a signed head") from error


def _bytes(path: Path, limit: int, problem: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise _unreadable(path, problem) from error


def _unreadable(path: Path, problem: str) -> UsageError:
    return UsageError(f"{path} {problem}.", "Give what `log head` printed or `log anchor` wrote.")

"""``assaymark log anchor``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.log.source import OpenLog, extends, open_log
from assaymark.errors import UsageError
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.command("anchor")
@click.argument("path", default=".")
@click.option("--file", "file", type=_FILE, help="Write it to this file, on a disk that others keep.")
@click.option("--mail", type=_FILE, metavar="FILE.eml", help="Write an e-mail with it; nothing is sent.")
@click.option("--to", default="", metavar="ADDRESS", help="To whom the e-mail goes.")
@click.option("--from", "sender", default="", metavar="ADDRESS", help="From whom.")
@click.option("--git", type=_FILE, metavar="REPOSITORY", help="Commit it there; nothing is pushed.")
@click.option("--timestamp", default="", metavar="URL", help="Have FILE time-stamped there (RFC 3161).")
def command(
    path: str, file: Path | None, mail: Path | None, to: str, sender: str, git: Path | None, timestamp: str
) -> None:
    """Hand the newest head to somebody who keeps it.

    A log that was cut off at its end looks whole by itself. A head that somebody
    else holds shows it: `log verify --head` takes every form written here. If an
    older head is there already and the log no longer agrees with it, nothing is
    written over it: exit code 14.
    """
    if not (file or mail or git) or (timestamp and not file):
        raise UsageError(
            "Say where the head goes.", "Give --file, --mail or --git; --timestamp needs --file."
        )
    with open_log(path) as log:
        if file:
            _to_file(log, file, timestamp)
        if mail:
            from assaymark.ledger.anchor_mail import render_mail

            write_atomically(mail, render_mail(log.note, datetime.now(UTC), sender=sender, to=to))
            _say(f"Wrote {mail}; send it to somebody who keeps it.")
        if git:
            _to_git(log, git)


def _to_file(log: OpenLog, file: Path, timestamp: str) -> None:
    from assaymark.ledger.held import STAMP_SUFFIX, read_held

    if file.exists():
        held = read_held(file)
        if not all(extends(log, one.note, str(file)) for one in held):
            raise UsageError(f"{file} is something else than a head of this log.", "Name another file.")
    stamp = file.with_name(file.name + STAMP_SUFFIX)
    token = b""
    if timestamp:
        from assaymark.ledger.anchor_timestamp import stamped

        token = stamped(timestamp, log.note.encode())
    stamp.unlink(missing_ok=True)  # the old head's would not hold for the new one
    write_atomically(file, log.note.encode())
    _say(f"Wrote the head over {log.head.size} entries to {file}.")
    if token:
        write_atomically(stamp, token)
        _say(f"Wrote its time-stamp to {stamp}.")


def _to_git(log: OpenLog, repository: Path) -> None:
    from assaymark.ledger.anchor_git import commit_head, heads_of

    for note in heads_of(repository, log.head.origin)[-1:]:
        extends(log, note, str(repository))
    name = commit_head(repository, log.note)
    _say(f"Committed {name} in {repository}; push it to where others hold it.")


def _say(text: str) -> None:
    click.echo(text, err=True)

"""``assaymark log erase``: make everything kept for a subject unreadable for good."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assaymark._cli.log.kept import FOLDER, counted, kept
from assaymark.ledger import content_log

__all__ = ["command"]


@click.command("erase")
@click.argument("subject")
@FOLDER
@click.option("--by", required=True, metavar="NAME", help="Who orders it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, without the subject's name.")
def command(subject: str, path: Path, by: str, reason: str) -> None:
    """Erase all content that is kept for a subject.

    Its key is overwritten and removed; that is recorded in the ledger before
    and after. Copies that a backup or a snapshot took are not reached; see
    docs/evidence/content.md.
    """
    with kept(path) as (store, ledger, system):
        done = content_log.erase(
            store, ledger, subject, by=by, reason=reason, system=system, now=datetime.now(UTC)
        )
    click.echo(f"Erased {counted(len(done.keys), 'key')} and {counted(len(done.contents), 'content')}.")

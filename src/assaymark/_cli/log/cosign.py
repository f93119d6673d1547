"""``assaymark log cosign``."""

from pathlib import Path

import click

from assaymark._cli.log.source import ledger_of, open_log, verifier_keys
from assaymark.errors import UsageError
from assaymark.ledger.checkpoint import InvalidCheckpointError, parse, taken_apart
from assaymark.ledger.cosignature import cosigned_at
from assaymark.ledger.note import COSIGNATURE, Signature, VerifierKey
from assaymark.ledger.published import add_signatures

__all__ = ["command"]


@click.command("cosign")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--witness", "urls", multiple=True, metavar="URL", help="Ask this witness; repeatable.")
@click.option(
    "--note",
    "notes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Take the cosignatures from what `log witness` wrote; repeatable.",
)
@click.option(
    "--witness-key",
    "keys",
    multiple=True,
    required=True,
    metavar="KEY",
    help="Key of a witness, NAME+ID+KEY, one for each --witness in the same order; others are ignored.",
)
def command(path: Path, urls: tuple[str, ...], notes: tuple[Path, ...], keys: tuple[str, ...]) -> None:
    """Add cosignatures of witnesses to the newest head.

    A witness learns the log's name, size and root, and nothing of its entries
    (C2SP tlog-witness). It refuses a log that was cut off or changed: exit code 14.
    """
    witnesses = verifier_keys(keys, COSIGNATURE)
    if (not urls and not notes) or len(urls) > len(witnesses):
        raise UsageError("Name a witness with its key.", "Give --witness URL --witness-key KEY, or --note.")
    with open_log(str(path)) as log:
        from assaymark.ledger.witness_client import submit

        added = [submit(url, key, log.tiles, log.note) for url, key in zip(urls, witnesses, strict=False)]
        for note in notes:
            added += _taken(note, log.note, witnesses)
        add_signatures(ledger_of(path), log.note, tuple(added))
    for signature in added:
        click.echo(f"Cosigned by {signature.name}: {log.head.size} entries.", err=True)


def _taken(path: Path, ours: str, witnesses: tuple[VerifierKey, ...]) -> list[Signature]:
    """Cosignatures of `witnesses` in a note over the same head."""
    from assaymark.ledger.held import read_held

    found = []
    for held in read_held(path):
        try:
            head, signatures = taken_apart(held.note)
        except InvalidCheckpointError as error:
            raise UsageError(
                f"{path} is no signed head: {error}.", "Give what `log witness` wrote."
            ) from error
        if head != parse(ours):
            raise UsageError(f"{path} is not the newest head.", "Have the witness read the log again.")
        ids = {(w.name, w.id) for w in witnesses if cosigned_at(held.note, w) is not None}
        found += [s for s in signatures if (s.name, s.key_id) in ids]
    if not found:
        raise UsageError(f"{path} bears no cosignature by a witness named.", "Check its key.")
    return found

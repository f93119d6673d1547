"""``assaymark log head``."""

from pathlib import Path

import click

from assaymark._cli.log.source import ledger_of
from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse, verifier_key
from assaymark.ledger.ledger import Ledger

__all__ = ["command"]


@click.command("head")
@click.argument("path", default=".", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Print the newest signed head, to be kept elsewhere.

    The head goes to standard output exactly as signed; the keys go to standard
    error, once as --public-key takes them and once as --vkey does. Keep it where
    nobody here can change it: `log anchor` helps.
    """
    with Ledger.open(ledger_of(path)) as ledger:
        note, signers = ledger.head(), ledger.signers()
    if not note:
        raise AssaymarkError("The ledger is empty; there is no head.", "Run `assaymark assess` first.")
    click.echo(note, nl=False)
    for signer in signers:
        click.echo(f"Signing key: {signer.hex()}", err=True)
        click.echo(f"Verifier key: {verifier_key(parse(note).origin, signer)}", err=True)

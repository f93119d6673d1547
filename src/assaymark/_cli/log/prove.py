"""``assaymark log prove``."""

from pathlib import Path

import click

from assaymark._cli.log.source import OpenLog, extends, open_log
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.prover import Prover
from assaymark.ledger.receipt import render_receipt
from assaymark.ledger.tiles import WIDTH
from assaymark.ledger.witness_protocol import Request, render_request
from assaymark.whole import write_atomically

__all__ = ["command"]

_FILE = click.Path(path_type=Path)


@click.command("prove")
@click.argument("path", default=".")
@click.option("--entry", "index", type=click.IntRange(min=0), metavar="INDEX", help="Which entry.")
@click.option("--leaf", default="", metavar="HEX", help="Which entry, by its leaf hash.")
@click.option("--consistent-with", type=_FILE, metavar="HEAD", help="An older head, kept elsewhere.")
@click.option("-o", "--output", type=_FILE, help="Where to write the proof. [default: standard output]")
def command(
    path: str, index: int | None, leaf: str, consistent_with: Path | None, output: Path | None
) -> None:
    """Prove that an entry is in the log, or that the log only grew.

    PATH is an assessed folder, a ledger, or the URL of a published log. For an
    entry the proof is a receipt (C2SP tlog-proof); with --consistent-with it
    shows that everything under that older head is still there, unchanged.
    `log check` checks both, and needs the log no more.
    """
    if (index is not None) + bool(leaf) + (consistent_with is not None) != 1:
        raise UsageError("Say what to prove.", "Give one of --entry, --leaf and --consistent-with.")
    with open_log(path) as log:
        if consistent_with is not None:
            text = _growth(log, consistent_with)
        else:
            prover = log.prover()
            proof = prover.inclusion(_found(prover, leaf) if index is None else index)
            text = render_receipt(proof, log.note)
    if output:
        write_atomically(output, text.encode())
    else:
        click.echo(text, nl=False)


def _growth(log: OpenLog, path: Path) -> str:
    from assaymark.ledger.held import read_held

    notes = [held.note for held in read_held(path) if extends(log, held.note, str(path))]
    if not notes:
        raise UsageError(f"{path} holds no head of {log.head.origin}.", "Give what `log head` printed.")
    earlier = parse(notes[-1]).size
    return render_request(Request(earlier, log.prover().consistency(earlier), log.note)).decode()


def _found(prover: Prover, leaf: str) -> int:
    """Index of the newest entry with that leaf hash; reads a tile for each 256 entries."""
    try:
        wanted = bytes.fromhex(leaf)
    except ValueError:
        wanted = b""
    if len(wanted) != 32:
        raise UsageError("A leaf hash has 64 hexadecimal digits.", "`log show --json` prints them.")
    for start in reversed(range(0, prover.size, WIDTH)):
        for index in reversed(range(start, min(start + WIDTH, prover.size))):
            if prover.leaf(index) == wanted:
                return index
    raise AssaymarkError(
        "No entry has that leaf hash.", "Entries not under a signed head yet are not found; run it again."
    )

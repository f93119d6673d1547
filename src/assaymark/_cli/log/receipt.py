"""``assaymark log receipt``."""

from pathlib import Path

import click

from assaymark._cli.log.source import open_log
from assaymark.ledger.receipt import render_receipt
from assaymark.whole import write_atomically

__all__ = ["command"]


@click.command("receipt")
@click.argument("path", default=".")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many entries.")
@click.option("--entry", "indices", multiple=True, type=click.IntRange(0), help="This one; repeatable.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for them: NUMBER.entry and NUMBER.tlog-proof.",
)
def command(path: str, last: int, indices: tuple[int, ...], output: Path) -> None:
    """Write the newest entries, each with its receipt.

    Whoever is handed both files of an entry checks them with `log check`, or
    with other software for C2SP tlog-proof, and needs the log no more.
    """
    with open_log(path) as log:
        prover = log.prover()
        for index in indices or range(max(0, log.head.size - last), log.head.size):
            data, proof = prover.data(index), prover.inclusion(index)
            write_atomically(output / f"{index:06}.entry", data)
            write_atomically(output / f"{index:06}.tlog-proof", render_receipt(proof, log.note).encode())
    count = len(indices) or min(last, log.head.size)
    click.echo(f"Wrote {count} {'entry' if count == 1 else 'entries'} with receipts to {output}.", err=True)

"""``assaymark log …``: the ledger of evidence as an open log. One file a sub-command."""

import click

from assaymark._cli.lazy import Lazy

__all__ = ["command"]

_COMMANDS = {
    "show": "Print the newest entries, oldest of them first.",
    "verify": "Check that no entry was changed, removed or reordered.",
    "head": "Print the newest signed head, to be kept elsewhere.",
    "prove": "Prove that an entry is in the log, or that the log only grew.",
    "receipt": "Write the newest entries, each with its receipt.",
    "check": "Check a receipt or proof, offline, with the log's key alone.",
    "anchor": "Hand the newest head to somebody who keeps it.",
    "cosign": "Add cosignatures of witnesses to the newest head.",
    "witness": "Be a witness: remember logs, cosign only what extends them.",
    "keep": "Keep a file, enciphered, and record a commitment to it.",
    "read": "Write the content that an entry speaks of to a file.",
    "erase": "Erase all content that is kept for a subject.",
    "replay-erasures": "Erase again what was erased and has come back.",
}
"""Name → help line, in the order in which people need them."""


@click.group("log", cls=Lazy, table=_COMMANDS, package="assaymark._cli.log")
def command() -> None:
    """Show and verify the ledger of evidence.

    PATH is an assessed folder, or a ledger; for most commands also the URL below
    which a log is published.
    """

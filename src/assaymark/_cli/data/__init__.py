"""``assaymark data …``: what is hidden in data sets, and where they came from. One file a sub-command."""

import click

from assaymark._cli.lazy import Lazy

__all__ = ["command"]

_COMMANDS = {
    "scan": "Look for poison in a data set.",
    "explain": "Say why a pattern determines a label, and answer for it.",
    "replay": "Put a found trigger into clean records and watch a model.",
    "manifest": "Record what a data set holds and where it came from.",
    "verify": "Check that a data set is what its manifest says.",
    "urls": "Say which of a data set's addresses may no longer give what they gave.",
}
"""Name → help line, in the order in which people need them."""


@click.group("data", cls=Lazy, table=_COMMANDS, package="assaymark._cli.data")
def command() -> None:
    """Find the poison in data sets, and tie them to their origin.

    Looks at the data alone: no model of yours is needed, nothing leaves this
    machine. What each engine misses stands in docs/data.
    """

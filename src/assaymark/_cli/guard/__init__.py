"""``assaymark guard …``: the prompt-injection guard. One file a sub-command, imported when asked for."""

import click

from assaymark._cli.lazy import Lazy

__all__ = ["command"]

_COMMANDS = {
    "serve": "Put the guard before a model: a gateway that blocks attacks.",
    "mcp": "Put the guard between an MCP client and its server.",
    "approvals": "Show what waits for a human, and answer it.",
    "test": "Score labelled rows the way the guard does in service.",
    "calibrate": "Set thresholds on benign traffic of your own.",
    "replay": "Run logged traffic against a new policy and say what would change.",
    "lint": "Say what is doubtful in a policy.",
}
"""Name → help line, in the order in which people need them."""


@click.group("guard", cls=Lazy, table=_COMMANDS, package="assaymark._cli.guard")
def command() -> None:
    """Guard a model against prompt injection.

    Text detection is one layer; see docs/guard for what it misses.
    """

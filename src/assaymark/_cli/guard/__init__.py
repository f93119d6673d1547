"""``assaymark guard …``: the prompt-injection guard. One file a sub-command, imported when asked for."""

import importlib

import click

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


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the sub-command's module and return its ``command``."""
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"assaymark._cli.guard.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group("guard", cls=_Lazy)
def command() -> None:
    """Guard a model against prompt injection.

    Text detection is one layer; see docs/guard for what it misses.
    """

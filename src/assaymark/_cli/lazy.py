"""A group whose commands are modules, imported when asked for, so that ``--help`` stays quick."""

import importlib
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

import click

__all__ = ["Lazy"]


class Lazy(click.Group):
    """Commands by name.

    Args:
        table: name → help line, in the order in which people need them.
        package: where the module of each name lies; the module's ``command`` is the command. The module of a
            name that is a word of Python's own ends with an underscore (`import_`).
    """

    def __init__(self, *args: Any, table: Mapping[str, str], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._table, self._package = table, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its ``command``."""
        if cmd_name not in self._table:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"{self._package}.{name}{'_' * iskeyword(name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._table.items()))

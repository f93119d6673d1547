"""``assaymark data``: the group."""

import click
import pytest

from assaymark._cli.data import _COMMANDS, command


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_command_is_described_alike_in_the_group_and_by_itself(name: str) -> None:
    """And its help fits into 80 columns."""
    one = command.get_command(click.Context(command), name)
    assert one is not None

    assert one.get_short_help_str(200).rstrip(".") == _COMMANDS[name].rstrip(".")
    with click.Context(one, info_name=f"assaymark data {name}", terminal_width=80) as context:
        assert max(map(len, one.get_help(context).splitlines())) <= 80


def test_an_unknown_command_is_none() -> None:
    """Nothing is imported for it."""
    assert command.get_command(click.Context(command), "scann") is None

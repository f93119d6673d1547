"""Options of commands that sign, or verify, with an identity instead of a key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["keyless_options", "keyless_verifier_options"]

_FILE = click.Path(path_type=Path)
_F = TypeVar("_F", bound=Callable[..., Any])


def keyless_options(command: _F) -> _F:
    """`--keyless`, `--identity-token`, `--sigstore-config`."""
    for option in (
        click.option(
            "--sigstore-config",
            type=_FILE,
            metavar="FILE",
            help="Configuration of a Sigstore instance.  [default: the public one]",
        ),
        click.option(
            "--identity-token",
            type=_FILE,
            metavar="FILE",
            help="Who you are, for --keyless.  [default: SIGSTORE_ID_TOKEN, or the CI job's]",
        ),
        click.option("--keyless", is_flag=True, help="Sign with an identity, by Sigstore, not with a key."),
    ):
        command = option(command)
    return command


def keyless_verifier_options(command: _F) -> _F:
    """`--identity`, `--issuer`, `--sigstore-bundle`, `--sigstore-root`."""
    for option in (
        click.option(
            "--sigstore-root",
            type=_FILE,
            metavar="FILE",
            help="A trusted_root.json.  [default: the package's]",
        ),
        click.option(
            "--sigstore-bundle",
            type=_FILE,
            metavar="FILE",
            help="That signature.  [default: FILE.sigstore.json]",
        ),
        click.option("--issuer", default="", metavar="URL", help="Provider that vouches for --identity."),
        click.option(
            "--identity",
            default="",
            metavar="NAME",
            help="Who has to have signed it off with Sigstore.",
        ),
    ):
        command = option(command)
    return command

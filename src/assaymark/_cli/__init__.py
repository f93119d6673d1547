"""People → everything else. One file a sub-command; the only place that exits.

Sub-commands are imported when used, so that ``assaymark --help`` stays quick.
"""

import os
import sys
from typing import Any

import click

from assaymark import __version__
from assaymark._cli.lazy import Lazy
from assaymark.errors import AssaymarkError

__all__ = ["cli", "main"]

_COMMANDS = {
    "assess": "Assess the AI project in a folder against EN 304 223.",
    "scan": "Say what loading a model would do, and load nothing.",
    "bom": "Write a bill of materials of models, data, prompts and software.",
    "vulnerabilities": "Look up known flaws in what a project depends on.",
    "data": "Find the poison in data sets, and tie them to their origin.",
    "sign": "Sign the model in a folder, or one file.",
    "verify": "Check that a model is what somebody signed.",
    "hash": "Write or check the hashes of a release.",
    "restore": "Prove that a known good state can be restored, or restore it.",
    "init": "Write a commented manifest from what discovery finds.",
    "attest": "Record what a named person states about a provision.",
    "import": "Take other tools' reports in as evidence.",
    "export": "Write an assessment in the formats of other tools and of auditors.",
    "pack": "Assess, and write one signed file that a stranger can check.",
    "sign-off": "Sign a pack in a role, as a named person.",
    "verify-pack": "Verify a supplier's pack, offline, trusting nobody.",
    "explain": "Explain a provision, principle, phase or check.",
    "guard": "Guard a model against prompt injection.",
    "log": "Show and verify the ledger of evidence.",
    "key": "Make, show and replace the keys with which persons sign.",
}
"""Name → help line, in the order in which people need them; a test compares each with its command."""


_EXIT_CODES = """Exit codes: 0 fine, 1 Assaymark itself failed, 2 usage, 3 nothing to assess,
11 a "should" is unmet, 12 a "shall" is unmet (see `assess --fail-on`), 13 dangerous content, 14 a
signature or digest does not verify, 15 a flaw is older than the policy allows, 16 not fully covered,
17 the register differs, 18 unknown names, 19 a buyer's policy is not met (see each command's help)."""


@click.group(
    cls=Lazy,
    table=_COMMANDS,
    package="assaymark._cli",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, "--version", message="assaymark %(version)s")
def cli() -> None:
    """Assess an AI system against ETSI EN 304 223, with evidence.

    A self-assessment: it certifies nothing. Nothing leaves this machine.
    """


def main(args: list[str] | None = None) -> Any:
    """Run the command line; turn errors into a message, advice and an exit code."""
    try:
        code = cli.main(args=args, prog_name="assaymark", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted; nothing half-written was left behind.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except AssaymarkError as error:
        click.echo(f"assaymark: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader went away (`| head`); Python must not complain again while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        click.echo(f"assaymark: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)

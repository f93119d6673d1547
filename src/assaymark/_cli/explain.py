"""`assaymark explain`: a provision, principle, phase, obligation or check, and how to meet it."""

import shutil
import sys

import click
import msgspec

from assaymark._cli.explanation import check_text, match_text, speaking
from assaymark.checks import all_checks
from assaymark.errors import UsageError
from assaymark.imports.registry import all_importers
from assaymark.observation import CheckInfo
from assaymark.standard.catalogue import catalogue
from assaymark.standard.find import Match, find, near
from assaymark.system.system import Profile

__all__ = ["command"]

_PIPED_WIDTH = 80
_WIDEST = 110
_NARROWEST = 40


@click.command(name="explain", short_help="Explain a provision, principle, phase or check.")
@click.argument("identifier", nargs=-1, required=True, metavar="ID")
@click.option(
    "--profile", type=click.Choice([p.value for p in Profile]), help="Show guidance for one profile."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(identifier: tuple[str, ...], profile: str | None, as_json: bool) -> None:
    """Explain a provision, principle, phase or check.

    ID is an EN or TS id (5.2.4-1.2), a Code of Practice id (8.1.2), an obligation
    (5.2.4-1.2#1), a principle (principle 8, 5.2.4), a phase (secure design) or the name of a check.
    """
    text = " ".join(identifier)
    checks = (*(c.info for c in all_checks()), *(i.info for i in all_importers()))
    chosen = Profile(profile) if profile else None
    check = next((c for c in checks if c.id == text.strip()), None)
    match = None if check else find(text)
    if check is None and match is None:
        raise _unknown(text, checks)
    if as_json:
        click.echo(_json(match, check, checks))
    elif match is not None:
        click.echo(match_text(match, checks, _width(), chosen), nl=False)
    elif check is not None:
        click.echo(check_text(check, _width()), nl=False)


def _unknown(text: str, checks: tuple[CheckInfo, ...]) -> UsageError:
    close = near(text, more=tuple(c.id for c in checks))
    advice = f"Did you mean {', '.join(close)}?" if close else "Try 5.2.4-1.2, 8.1.2, principle 8 or design."
    return UsageError(f"Nothing is known as {text[:80]!r}.", advice)


def _json(match: Match | None, check: CheckInfo | None, checks: tuple[CheckInfo, ...]) -> str:
    if match is None:
        told: dict[str, object] = {"kind": "check", "title": check.id if check else "", "checks": [check]}
    else:
        ids = {c.id: c for p in match.provisions for c in speaking(p, checks)}
        told = {
            "kind": match.kind,
            "title": match.title,
            "obligation": match.obligation,
            "also": match.also,
            "provisions": match.provisions,
            "checks": list(ids.values()),
        }
    whole = {"format": "assaymark-explain", "version": 1, "edition": catalogue().edition, **told}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def _width() -> int:
    if not sys.stdout.isatty():
        return _PIPED_WIDTH
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_PIPED_WIDTH, 24)).columns))

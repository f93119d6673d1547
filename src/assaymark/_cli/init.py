"""`assaymark init`: write a commented manifest from what discovery finds."""

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from assaymark.discover.collect import Collected, collect
from assaymark.discover.inventory import build_inventory
from assaymark.discover.suggest import suggest
from assaymark.errors import NothingToAssess, UsageError
from assaymark.pipeline import MANIFESTS
from assaymark.source.walk import shown_path
from assaymark.system.conditions import IN_WORDS
from assaymark.system.manifest import default_system
from assaymark.system.system import Profile, Role, Statement
from assaymark.system.template import Draft, manifest_text
from assaymark.whole import write_atomically

__all__ = ["command", "draft_of"]

_FILE = MANIFESTS[0]
_ROLES = (Role.DEVELOPER, Role.SYSTEM_OPERATOR, Role.DATA_CUSTODIAN)


@click.command(name="init", short_help="Write a commented manifest from what discovery finds.")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--interactive", is_flag=True, help="Ask about purpose, owner, roles and circumstances.")
@click.option("--force", is_flag=True, help="Replace a manifest that is there already.")
def command(path: Path, interactive: bool, force: bool) -> None:
    """Write a commented manifest from what discovery finds.

    Reads the folder PATH and writes PATH/assaymark.yaml. Asks nothing unless told to with
    --interactive; a manifest that is there already is replaced only with --force.
    """
    if not path.is_dir():
        raise NothingToAssess(f"{path} is not a folder.", "Name the folder that holds the AI project.")
    target = path / _FILE
    _refuse_to_replace(path, force)
    draft = draft_of(shown_path(path.resolve().name) or "system", collect(path))
    if interactive:
        draft = _asked(draft)
    write_atomically(target, manifest_text(draft).encode("utf-8"))
    proposed = f" It proposes the profile {draft.profile}: {draft.profile_reason}." if draft.profile else ""
    click.echo(f"Wrote {click.format_filename(target)}.{proposed}")
    click.echo(f"Read it through, name an owner, then run: assaymark assess {click.format_filename(path)}")


def draft_of(name: str, seen: Collected) -> Draft:
    """What discovery knows of a system called `name`."""
    inventory = build_inventory(seen.facts, seen.tree, default_system(name))
    proposal = suggest(seen.facts, inventory)
    return Draft(
        name=name,
        profile=proposal.profile,
        profile_reason=proposal.reason if proposal.profile else "",
        found=proposal.conditions,
        documents=proposal.documents,
        assets=inventory.assets,
    )


def _refuse_to_replace(path: Path, force: bool) -> None:
    for name in MANIFESTS:
        there = path / name
        if (there.exists() or there.is_symlink()) and not (force and name == _FILE):
            advice = (
                "Edit it, or replace it with --force." if name == _FILE else "Edit that one, or move it away."
            )
            raise UsageError(f"There is a manifest already: {click.format_filename(there)}.", advice)


def _asked(draft: Draft) -> Draft:
    """`draft` with a person's answers; an empty answer leaves a thing open."""
    click.echo("Press Enter to leave a question open.\n")
    name = _ask("Name of the system", draft.name)
    purpose = _ask("Purpose, one sentence")
    owner = _ask("Person who answers for the manifest")
    organisation = _ask("Organisation")
    profiles = [p.value for p in Profile]
    profile = _choose(f"Profile ({', '.join(profiles)})", profiles, draft.profile or "")
    roles = tuple(r for r in _ROLES if _yes(f"Does your organisation hold the role {r}?"))
    stated = {
        condition: said
        for condition, words in IN_WORDS.items()
        if condition not in draft.found and (said := _circumstance(words, owner))
    }
    return msgspec.structs.replace(
        draft,
        name=name,
        purpose=purpose,
        owner=owner,
        organisation=organisation,
        profile=Profile(profile) if profile else None,
        profile_reason=draft.profile_reason if profile == draft.profile else "",
        roles=roles,
        stated=stated,
    )


def _circumstance(words: str, owner: str) -> Statement | None:
    answer = _choose(f"Is it the case that {words}? (yes, no)", ["yes", "no"])
    if not answer:
        return None
    if answer == "yes":
        return Statement(holds=True)
    reason = _ask("  Why not? (without a reason it stays in scope)")
    person = owner or (_ask("  Who decided that?") if reason else "")
    return Statement(holds=False, reason=reason, by=person) if reason and person else None


def _yes(question: str) -> bool:
    return _choose(f"{question} (yes, no)", ["yes", "no"]) == "yes"


def _choose(question: str, allowed: list[str], default: str = "") -> str:
    return _ask(question, default, lambda answer: answer in ("", *allowed))


def _ask(question: str, default: str = "", accept: Callable[[str], bool] = lambda _: True) -> str:
    while True:
        answer: str = click.prompt(question, default=default, show_default=bool(default)).strip()
        if accept(answer):
            return answer
        click.echo("  That is none of the answers named; Enter leaves it open.")

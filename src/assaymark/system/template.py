"""A draft → the text of a commented manifest, valid as it stands. Pure."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from assaymark.asset import Asset, AssetKind
from assaymark.observation import Location
from assaymark.system.conditions import IN_WORDS
from assaymark.system.system import SIGNING_ROLES, Condition, Profile, Role, Statement

__all__ = ["Draft", "manifest_text", "quoted"]

_ASSETS = 40
_PLACES = 3
_WIDTH = 96
_LISTED = (AssetKind.MODEL, AssetKind.DATASET, AssetKind.PROMPT, AssetKind.SERVICE, AssetKind.TOOL)
_OWNED = "owner: Name Surname, classification: internal"
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


class Draft(Struct, frozen=True, kw_only=True):
    """What is known when a manifest is begun."""

    name: str
    purpose: str = ""
    owner: str = ""
    organisation: str = ""
    profile: Profile | None = None
    profile_reason: str = ""
    """Why that profile is proposed, without a full stop."""
    roles: tuple[Role, ...] = ()
    found: Mapping[Condition, tuple[Location, ...]] = {}
    """What discovery saw to hold."""
    stated: Mapping[Condition, Statement] = {}
    """What a person answered."""
    documents: Mapping[str, tuple[str, ...]] = {}
    """Documents that are recognised without help."""
    assets: tuple[Asset, ...] = ()
    """Assets found; offered as comments, since a register is a person's statement."""


def manifest_text(draft: Draft) -> str:
    """The manifest for `draft`, each key explained in a comment."""
    parts = (_head(draft), _kind(draft), _conditions(draft), _assets(draft), _documents(draft), _decisions())
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(draft: Draft) -> Iterator[str]:
    yield from _comment(
        "What the files cannot tell. Each line is a statement by the owner named here; what is left out "
        "stays in scope. To read about a provision: assaymark explain 5.2.4-1.2"
    )
    yield "assaymark: 1  # version of this format"
    yield f"name: {quoted(draft.name)}"
    yield _or_comment("purpose", draft.purpose, "What it is for and for whom, in one or two sentences.")
    yield from _comment("The person who answers for this file and for every exclusion in it.")
    yield _or_comment("owner", draft.owner, "Name Surname")
    yield _or_comment("organisation", draft.organisation, "Your organisation")
    yield '# version: "1.0.0"'


def _kind(draft: Draft) -> Iterator[str]:
    yield from _comment(f"The kind of system that it is most like, one of: {', '.join(Profile)}.")
    if draft.profile_reason:
        yield from _comment(f"Proposed because {draft.profile_reason}.")
    yield f"profile: {draft.profile}" if draft.profile else "# profile: chatbot"
    yield ""
    yield from _comment(
        "Roles that your organisation holds: Developer, System Operator, Data Custodian, or several. Without "
        "this line the duties of every role stay in scope."
    )
    roles = draft.roles or (Role.DEVELOPER, Role.SYSTEM_OPERATOR)
    yield f"{'' if draft.roles else '# '}roles: [{', '.join(roles)}]"
    yield "# custodians: [Name Surname]  # named Data Custodians"
    yield "# staff_roles: [engineer, analyst]  # roles that the training register has to cover"


def _conditions(draft: Draft) -> Iterator[str]:
    yield from _comment(
        "Circumstances on which provisions depend. True brings them into scope; to take them out, give a "
        "reason and a person: {holds: false, reason: why not, by: Name Surname}. What was found below "
        "cannot be excluded, only corrected in the system."
    )
    yield "conditions:"
    for condition, words in IN_WORDS.items():
        yield from _condition(condition, words, draft)


def _condition(condition: Condition, words: str, draft: Draft) -> Iterator[str]:
    places = draft.found.get(condition, ())
    if places:
        shown = ", ".join(str(p) for p in places[:_PLACES])
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        yield from _comment(f"Found that {words}: {shown}{more}", indent=2)
    else:
        yield from _comment(f"Whether {words}", indent=2)
    statement = draft.stated.get(condition)
    if statement is not None:
        yield f"  {condition}: {_statement(statement)}"
    else:
        yield f"  {'' if places else '# '}{condition}: true"


def _statement(statement: Statement) -> str:
    if statement.holds and not statement.reason:
        return "true"
    said = f"holds: {'true' if statement.holds else 'false'}, reason: {quoted(statement.reason)}"
    by = f", by: {quoted(statement.by)}" if statement.by else ""
    return f"{{{said}{by}}}"


def _assets(draft: Draft) -> Iterator[str]:
    yield from _comment(
        "Your asset register. Assessment compares it with what is found, so list what is yours, with an "
        "owner and a classification. Kinds: " + ", ".join(AssetKind) + "."
    )
    yield "assets:"
    chosen = [a for a in draft.assets if a.kind in _LISTED]
    for asset in chosen[:_ASSETS]:
        where = f", location: {quoted(asset.location)}" if asset.location else ""
        name = quoted(asset.name or asset.id)
        yield f"  # - {{kind: {asset.kind}, name: {name}{where}, {_OWNED}}}"
    if len(chosen) > _ASSETS:
        yield from _comment(f"… and {len(chosen) - _ASSETS} more were found.", indent=2)
    if not chosen:
        yield f"  # - {{kind: model, name: my-model, version: '1', {_OWNED}}}"


def _documents(draft: Draft) -> Iterator[str]:
    yield from _comment("Where documents lie whose names do not tell: kind and path, or a list of paths.")
    for kind, paths in draft.documents.items():
        yield from _comment(f"Recognised without help: {kind} ({', '.join(paths[:_PLACES])})")
    yield "documents:"
    yield "  # threat-model: docs/security/threats.md"
    yield ""
    yield from _comment(
        "Months after which a kind of document is out of date, where the default does not suit."
    )
    yield "review_months:"
    yield "  # threat-model: 12"
    yield "# attestations: [../assurance]  # answers kept once for several systems"
    yield '# exclude: ["vendor/**"]  # left out of discovery; the report says so'


def _decisions() -> Iterator[str]:
    yield from _comment(
        "Risks that a named person accepts until a date. They explain a verdict and change none."
    )
    yield "accepted_risks:"
    yield "  # - id: R-1"
    yield "  #   component: my-model"
    yield "  #   risk: what could happen"
    yield "  #   reason: why it is accepted"
    yield "  #   mitigation: what makes it smaller"
    yield "  #   owner: Name Surname"
    yield "  #   until: 2027-06-30"
    yield ""
    yield from _comment(
        "Provisions that may stay unmet for a time. The verdict stays; only the exit code yields."
    )
    yield "waivers:"
    yield "  # - {provision: 5.2.5-1, reason: why, owner: Name Surname, until: 2027-06-30}"
    yield ""
    yield from _comment(
        "Who may sign a pack, with the key that `assaymark key show` prints, and who has to. Roles: "
        f"{', '.join(SIGNING_ROLES)}."
    )
    yield "signatories:"
    yield "  # - name: Name Surname"
    yield "  #   role: Developer"
    yield f"  #   key: {'0' * 64}"
    yield "# sign_off: {roles: [Developer, Data Custodian], four_eyes: true}"


def _or_comment(key: str, value: str, example: str) -> str:
    return f"{key}: {quoted(value)}" if value else f"# {key}: {example}"


def _comment(text: str, indent: int = 0) -> Iterable[str]:
    return textwrap.wrap(
        "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text),
        _WIDTH,
        initial_indent=f"{' ' * indent}# ",
        subsequent_indent=f"{' ' * indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def quoted(text: str) -> str:
    """A YAML scalar that reads back as `text`: plain where that is safe, else in double quotes."""
    plain = text.replace(" ", "").replace("-", "").replace("_", "")
    safe = plain.isalnum() and text[0].isalpha() and text[-1] != " " and "  " not in text
    if safe and text.casefold() not in _WORDS_OF_YAML:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'

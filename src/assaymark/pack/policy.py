"""A buyer's policy: YAML text → what is asked of a pack, with every problem named at its line. Pure."""

import functools
import json
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from assaymark.errors import UsageError
from assaymark.ledger.note import COSIGNATURE, InvalidNoteError, VerifierKey, parse_verifier_key
from assaymark.ledger.rotation import Rotation, newest_key
from assaymark.signing.problems import shown
from assaymark.standard.catalogue import catalogue
from assaymark.standard.provision import Force, Provision
from assaymark.system.yaml_tree import Problem, Tree, read_tree

__all__ = ["MAX_BYTES", "Policy", "SignatoryWanted", "chosen", "following", "policy_schema", "read_policy"]

MAX_BYTES = 200_000
_ADVICE = "Correct it and run the command again; docs/formats/buyer-policy.md shows every key."
_SHOWN = 25
_PLAIN = (
    "name",
    "no_fail",
    "evidence_days",
    "evidence_days_for",
    "four_eyes",
    "max_redacted",
    "min_tool_version",
)
_LISTS = ("must_pass", "attested_by", "signers")


class SignatoryWanted(Struct, frozen=True, kw_only=True):
    """Who has to sign off."""

    role: str
    name: str = ""
    key: str = ""
    """Hexadecimal key; empty: anybody's counts, and the result says so."""


class Policy(Struct, frozen=True, kw_only=True):
    """What a buyer asks of a pack; what is left out asks nothing."""

    name: str = ""
    must_pass: tuple[str, ...] = ()
    """Provision ids or groups of them; see `chosen`."""
    no_fail: bool = False
    evidence_days: int = 0
    """How old what a pass rests on may be; 0 asks nothing."""
    evidence_days_for: dict[str, int] = {}
    """Provision id → the same, for it alone."""
    attested_by: tuple[str, ...] = ()
    signed_off_by: tuple[SignatoryWanted, ...] = ()
    four_eyes: bool = False
    signers: tuple[str, ...] = ()
    """Hexadecimal keys of which one has to have signed the pack; empty asks nothing."""
    witnesses: tuple[VerifierKey, ...] = ()
    witnesses_needed: int = 0
    max_redacted: int | None = None
    min_tool_version: str = ""


def following(policy: Policy, rotations: Sequence[Rotation]) -> Policy:
    """The policy with each key that it pins as it was handed over to in the end."""
    return replace(
        policy,
        signers=tuple(newest_key(rotations, key) for key in policy.signers),
        signed_off_by=tuple(
            replace(w, key=newest_key(rotations, w.key)) if w.key else w for w in policy.signed_off_by
        ),
    )


@functools.cache
def policy_schema() -> dict[str, Any]:
    """The published JSON Schema of the policy."""
    text = FilePath(__file__).with_name("policy.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def read_policy(data: bytes, path: str) -> Policy:
    """The policy in a file's bytes.

    Args:
        data: the whole file, UTF-8.
        path: what to call it in messages.

    Raises:
        UsageError: something in it is wrong; the message lists all problems with their lines.
    """
    try:
        tree = read_tree(data[: MAX_BYTES + 1].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, [Problem(line, "not UTF-8 text; save the file in UTF-8")]) from error
    problems = list(tree.problems)
    if tree.complete:
        problems += _shape(tree) or _meaning(tree)
    if problems:
        raise _error(path, problems)
    return _policy(tree)


def chosen(name: str, provisions: tuple[Provision, ...]) -> tuple[Provision, ...]:
    """The provisions that `name` stands for; none if it stands for nothing."""
    match name:
        case "all":
            return provisions
        case "all-shall":
            return tuple(p for p in provisions if any(o.force is Force.SHALL for o in p.obligations))
        case _:
            return tuple(p for p in provisions if name in (p.id, p.phase.value, f"principle {p.principle}"))


def _shape(tree: Tree) -> list[Problem]:
    if not isinstance(tree.value, dict):
        return [Problem(1, "the policy has to be a mapping; write at least `assaymark_policy: 1`")]
    from assaymark.system.violations import violations  # its library is slow to import

    return violations(tree.value, tree.lines, policy_schema())


def _meaning(tree: Tree) -> list[Problem]:
    """What a schema cannot say."""
    value: Any = tree.value
    known, problems = catalogue().provisions, []
    ids = {p.id for p in known}
    for index, name in enumerate(value.get("must_pass", ())):
        if not chosen(name, known):
            told = (
                "no provision, principle or phase; write an id, `principle 5`, `secure design` or `all-shall`"
            )
            problems.append(Problem(tree.lines[("must_pass", index)], f"{shown(name)!r} is {told}"))
    for name in value.get("evidence_days_for", {}):
        if name not in ids:
            line = tree.lines[("evidence_days_for", name)]
            problems.append(Problem(line, f"evidence_days_for: {shown(name)[:60]!r} is no provision id"))
    wanted = value.get("witnesses", {})
    for index, text in enumerate(wanted.get("keys", ())):
        if reason := _no_witness(text):
            problems.append(Problem(tree.lines[("witnesses", "keys", index)], f"witnesses.keys: {reason}"))
    if wanted.get("at_least", 0) > len(wanted.get("keys", ())):
        told = "witnesses.at_least: more than there are keys"
        problems.append(Problem(tree.lines[("witnesses", "at_least")], told))
    return problems


def _no_witness(text: str) -> str:
    try:
        key = parse_verifier_key(text)
    except InvalidNoteError as error:
        return str(error)
    return "" if key.kind == COSIGNATURE else "it is the key of a log, not of a witness"


def _policy(tree: Tree) -> Policy:
    value: Any = tree.value
    witnesses = value.get("witnesses", {})
    keys = tuple(map(parse_verifier_key, witnesses.get("keys", ())))
    own = {key: value[key] for key in _PLAIN if key in value}
    lists: dict[str, Any] = {key: tuple(value.get(key, ())) for key in _LISTS}
    return Policy(
        **own,
        **lists,
        signed_off_by=tuple(SignatoryWanted(**row) for row in value.get("signed_off_by", ())),
        witnesses=keys,
        witnesses_needed=witnesses.get("at_least", len(keys)),
    )


def _error(path: str, problems: list[Problem]) -> UsageError:
    ordered = sorted(set(problems))
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    listed = [f"  line {p.line}: {p.message}" for p in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        listed.append(f"  … and {len(ordered) - _SHOWN} more")
    return UsageError("\n".join([f"{shown(path)} has {count}:", *listed]), _ADVICE)

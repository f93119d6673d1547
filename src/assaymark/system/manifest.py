"""Manifest text → `System`, with every problem named at once, its line, and what to do about it. Pure."""

import functools
import hashlib
import json
from datetime import date
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from assaymark.errors import UsageError
from assaymark.system.accepts import accepts
from assaymark.system.sign_off import sign_off_problems
from assaymark.system.system import (
    AcceptedRisk,
    Condition,
    DeclaredAsset,
    Profile,
    Role,
    Signatory,
    SignOff,
    Statement,
    System,
    Waiver,
)
from assaymark.system.yaml_tree import Path, Problem, Tree, read_tree

__all__ = ["default_system", "expired", "manifest_schema", "read_manifest"]

_ADVICE = "Correct it and run the command again; the file that `assaymark init` writes shows every key."
_SHOWN = 25


def default_system(name: str) -> System:
    """The system of a folder without a manifest: nothing is stated, so everything stays in scope."""
    return System(name=name)


def expired(entry: Waiver | AcceptedRisk, today: date) -> bool:
    """Whether the end date of a waiver or an accepted risk has passed; its last day still counts."""
    return date.fromisoformat(entry.until) < today


@functools.cache
def manifest_schema() -> dict[str, Any]:
    """The published JSON Schema of the manifest."""
    text = FilePath(__file__).with_name("manifest.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def read_manifest(text: str | bytes, path: str) -> System:
    """The system that a manifest describes.

    Args:
        text: the manifest; bytes have to be UTF-8.
        path: where it lies, relative to the assessed folder; kept in the result and named in errors.

    Raises:
        UsageError: something in it is wrong; the message lists all problems with their lines.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    tree = read_tree(_decoded(data, path))
    problems = list(tree.problems)
    if tree.complete:
        problems += _shape(tree) or _meaning(tree)
    if problems:
        raise _error(path, problems)
    return _system(tree, path, hashlib.sha256(data).hexdigest())


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, [Problem(line, "not UTF-8 text; save the file in UTF-8")]) from error


def _error(path: str, problems: list[Problem]) -> UsageError:
    ordered = sorted(set(problems))
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    listed = [f"  line {p.line}: {p.message}" for p in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        listed.append(f"  … and {len(ordered) - _SHOWN} more")
    shown = path.encode("unicode_escape").decode("ascii") if not path.isprintable() else path
    return UsageError("\n".join([f"{shown} has {count}:", *listed]), _ADVICE)


def _shape(tree: Tree) -> list[Problem]:
    if tree.value is None:
        return [Problem(1, "the manifest is empty; write at least `assaymark: 1` and `name: …`")]
    if not isinstance(tree.value, dict):
        return [Problem(1, "the manifest has to be a mapping of keys to values")]
    value, schema = _without_empty(tree.value), manifest_schema()
    if accepts(value, schema, schema):
        return []
    from assaymark.system.violations import violations  # its library is slow to import

    return violations(value, tree.lines, schema)


def _without_empty(value: Any) -> Any:
    """`value` without keys that have none: a heading whose lines are all comments counts as absent."""
    if isinstance(value, dict):
        return {key: _without_empty(v) for key, v in value.items() if v is not None}
    return [_without_empty(v) for v in value] if isinstance(value, list) else value


def _meaning(tree: Tree) -> list[Problem]:
    """What a schema cannot say."""
    value: dict[str, Any] = _without_empty(tree.value)
    return [
        *_unsigned_exclusions(value, tree.lines),
        *_repeated_risks(value, tree.lines),
        *_places_outside(value, tree.lines),
        *sign_off_problems(value, tree.lines),
    ]


def _unsigned_exclusions(value: dict[str, Any], lines: dict[Path, int]) -> list[Problem]:
    return [
        Problem(
            lines[("conditions", name)],
            f"conditions.{name}: what leaves the scope needs a named person; add `by`, or `owner` at the top",
        )
        for name, said in value.get("conditions", {}).items()
        if isinstance(said, dict) and not said["holds"] and not (said.get("by") or value.get("owner"))
    ]


def _repeated_risks(value: dict[str, Any], lines: dict[Path, int]) -> list[Problem]:
    seen: dict[str, int] = {}
    problems = []
    for index, risk in enumerate(value.get("accepted_risks", ())):
        line = lines[("accepted_risks", index)]
        if risk["id"] in seen:
            first = seen[risk["id"]]
            problems.append(
                Problem(line, f"accepted risk {risk['id'][:60]!r} stands on line {first} already")
            )
        seen.setdefault(risk["id"], line)
    return problems


def _places_outside(value: dict[str, Any], lines: dict[Path, int]) -> list[Problem]:
    told = "leads out of the folder; give a path relative to it"
    return [
        Problem(lines[("documents", kind)], f"documents.{kind}: {place[:80]!r} {told}")
        for kind, places in value.get("documents", {}).items()
        for place in ([places] if isinstance(places, str) else places)
        if place.startswith(("/", "~")) or ".." in PurePosixPath(place).parts
    ]


def _system(tree: Tree, path: str, sha256: str) -> System:
    value: dict[str, Any] = _without_empty(tree.value)

    def lists(key: str) -> tuple[str, ...]:
        return tuple(value.get(key, ()))

    def entries(key: str, kind: Any) -> tuple[Any, ...]:
        rows = value.get(key, ())
        return tuple(kind(**_tuples(row), line=tree.lines[(key, n)]) for n, row in enumerate(rows))

    return System(
        **{k: value[k] for k in ("name", "purpose", "owner", "organisation", "version") if k in value},
        roles=tuple(Role(role) for role in value.get("roles", ())),
        profile=Profile(value["profile"]) if "profile" in value else None,
        conditions={Condition(k): _statement(v) for k, v in value.get("conditions", {}).items()},
        assets=entries("assets", DeclaredAsset),
        documents={
            k: (v,) if isinstance(v, str) else tuple(v) for k, v in value.get("documents", {}).items()
        },
        accepted_risks=entries("accepted_risks", AcceptedRisk),
        waivers=entries("waivers", Waiver),
        custodians=lists("custodians"),
        staff_roles=lists("staff_roles"),
        review_months=value.get("review_months", {}),
        attestations=lists("attestations"),
        exclude=lists("exclude"),
        signatories=entries("signatories", Signatory),
        sign_off=SignOff(**_tuples(value.get("sign_off", {}))),
        manifest_path=path,
        manifest_sha256=sha256,
    )


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}


def _statement(said: bool | dict[str, Any]) -> Statement:
    return Statement(**said) if isinstance(said, dict) else Statement(holds=said)

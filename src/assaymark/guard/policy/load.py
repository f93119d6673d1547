"""Policy file → `Loaded`: bounded YAML, the published schema, every mistake at once with its line."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.guard.policy.model import Policy
from assaymark.guard.policy.schema import policy_schema
from assaymark.guard.policy.sentences import mistakes
from assaymark.scan.yaml_reader import read_yaml
from assaymark.system.yaml_tree import MAX_CHARACTERS, Problem, read_tree
from assaymark.system.yaml_tree import Path as Place

__all__ = ["Loaded", "default_policy", "load", "read_policy"]

_ADVICE = "See docs/guard/policy.md for every field; `default.yaml` beside the code shows each with comments."
_SHOWN = 25


class Loaded(Struct, frozen=True):
    """A policy, and what identifies it in every decision."""

    policy: Policy
    sha256: str
    """Of the file's bytes."""
    path: str
    """As given; empty for the shipped default."""
    lines: dict[Place, int] = {}
    """Line of each key and item, for what `lint` finds."""

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing above it that is written down."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def load(path: str | Path) -> Loaded:
    """Read a policy file.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the message lists every mistake with
            its line.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(4 * MAX_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a NUL"
        raise UsageError(f"The policy {_shown(path)} cannot be read: {reason}.", _ADVICE) from error
    return read_policy(data, str(path))


def default_policy() -> Loaded:
    """The policy that counts where none is named: the shipped `default.yaml`."""
    data = Path(__file__).with_name("default.yaml").read_bytes()
    return read_policy(data, "")


def read_policy(data: bytes, path: str) -> Loaded:
    """The policy that `data` holds. Pure.

    Raises:
        UsageError: something in it is wrong; the message lists every mistake with its line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(path, [Problem(line, "not UTF-8 text; save the file in UTF-8")]) from error
    tree = read_tree(text)
    problems = list(tree.problems)
    value: Any = None
    if tree.complete and not problems:
        # The tree has the lines and refuses anchors, tags and repeated keys; the reader knows fractions.
        value = read_yaml(text).documents[0].value if text.strip() and tree.lines else {}
        value = {} if value is None else value
        problems = mistakes(value, tree.lines, policy_schema())
    if problems:
        raise _refusal(path, problems)
    policy = msgspec.convert(_without_empty(value), Policy)
    return Loaded(policy, hashlib.sha256(data).hexdigest(), path, tree.lines)


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    """A heading at the top whose lines are all comments counts as absent."""
    return {key: item for key, item in value.items() if item is not None}


def _refusal(path: str, problems: list[Problem]) -> UsageError:
    ordered = sorted(set(problems))
    shown = _shown(path) if path else "The default policy"
    count = "1 mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
    listed = [f"  {shown}:{p.line}: {p.message}" for p in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        listed.append(f"  … and {len(ordered) - _SHOWN} more")
    return UsageError("\n".join([f"{shown} has {count}:", *listed]), _ADVICE)


def _shown(path: str | Path) -> str:
    text = str(path)
    return text if text.isprintable() else text.encode("unicode_escape", "replace").decode("ascii")

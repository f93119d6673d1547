"""What a schema cannot say of signatories: whose a key is, whether anybody can sign what is asked. Pure."""

import unicodedata
from typing import Any

from assaymark.system.yaml_tree import Path, Problem

__all__ = ["same_person", "sign_off_problems"]


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: case, spaces and the way accents are encoded do not count."""
    return _plain(one) == _plain(other)


def sign_off_problems(value: dict[str, Any], lines: dict[Path, int]) -> list[Problem]:
    """Keys that two persons share, and demanded roles in which nobody named can sign."""
    signatories = value.get("signatories", ())
    return [*_shared_keys(signatories, lines), *_nobody(value.get("sign_off", {}), signatories, lines)]


def _shared_keys(signatories: Any, lines: dict[Path, int]) -> list[Problem]:
    first: dict[str, tuple[str, int]] = {}
    problems = []
    for index, row in enumerate(signatories):
        line = lines[("signatories", index)]
        name, before = first.setdefault(row["key"], (row["name"], line))
        if not same_person(name, row["name"]):
            problems.append(
                Problem(
                    line,
                    f"signatories[{index + 1}].key: it is the key of {name[:60]!r} on line {before}; "
                    "each person signs with a key of their own",
                )
            )
    return problems


def _nobody(sign_off: dict[str, Any], signatories: Any, lines: dict[Path, int]) -> list[Problem]:
    named = {row["role"] for row in signatories}
    if not named:
        return []
    problems = [
        Problem(
            lines[("sign_off", "roles", index)],
            f"sign_off.roles[{index + 1}]: nobody in `signatories` has the role {role}; name one there",
        )
        for index, role in enumerate(sign_off.get("roles") or ())
        if role not in named
    ]
    if sign_off.get("four_eyes") and len({_plain(row["name"]) for row in signatories}) < 2:
        line = lines[("sign_off", "four_eyes")]
        problems.append(Problem(line, "sign_off.four_eyes: `signatories` names one person; it takes two"))
    return problems


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

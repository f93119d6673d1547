"""A team's own word on names that are on no list: who settled them, why, and until when.

The file is YAML::

    allow:
      ourteam.models.Ranker: {reason: our own class, owner: Jo Doe, until: 2027-03-01}
      ourteam.features.*:    {reason: reviewed in issue 12, owner: Jo Doe, until: 2027-03-01}
    deny:
      oldlib.*: {reason: abandoned, owner: Jo Doe}

A policy settles what is *unknown*. It never makes something dangerous harmless, and what it allows is still
shown, as a note. An entry without reason, owner or (for `allow`) end date is an error; one whose end has
passed counts for nothing, and that is said.
"""

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.inspection import Hazard, Inspection, Level, by_level
from assaymark.scan.yaml_reader import YamlDocument, read_yaml

__all__ = ["Policy", "PolicyEntry", "apply_policy", "read_policy"]

_FIELDS = {"reason", "owner", "until"}


class PolicyEntry(Struct, frozen=True):
    """One name, or all names of a module."""

    name: str
    """Exact subject of a hazard, or a prefix that ends in `.*`."""
    reason: str
    owner: str
    until: dt.date | None = None
    """Last day on which it counts; None for a denial without end."""
    line: int = 0

    def covers(self, subject: str) -> bool:
        """Whether the entry speaks of `subject`."""
        if self.name.endswith(".*"):
            return subject.startswith(self.name[:-1])
        return subject == self.name

    def told(self) -> str:
        """Reason, owner and end, as one phrase."""
        end = f", until {self.until.isoformat()}" if self.until is not None else ""
        return f"{self.reason} ({self.owner}{end})"


class Policy(Struct, frozen=True):
    """What a policy file says."""

    path: str = ""
    allow: tuple[PolicyEntry, ...] = ()
    deny: tuple[PolicyEntry, ...] = ()
    expired: tuple[PolicyEntry, ...] = ()
    """Entries of either kind whose end has passed; they count for nothing."""


def read_policy(text: str, path: str, today: dt.date) -> Policy:
    """The policy that `text` holds.

    Raises:
        UsageError: it is not written as described; the message names file and line.
    """
    found = read_yaml(text)
    if found.problem:
        raise UsageError(f"{path}: {found.problem}", "Write the policy as YAML; see docs/scanner/pickle.md.")
    if not found.documents or found.documents[0].value is None:
        return Policy(path)
    document = found.documents[0]
    if not isinstance(document.value, dict) or not document.value.keys() <= {"allow", "deny"}:
        raise _wrong(path, 1, "a policy holds `allow` and `deny`, and nothing else")
    allow = _entries(document, "allow", path)
    deny = _entries(document, "deny", path)
    return Policy(
        path,
        tuple(e for e in allow if not _over(e, today)),
        tuple(e for e in deny if not _over(e, today)),
        tuple(e for e in (*allow, *deny) if _over(e, today)),
    )


def apply_policy(inspection: Inspection, policy: Policy) -> Inspection:
    """The inspection with unknown names settled: allowed ones as notes, denied ones as dangerous."""
    hazards = [_settled(hazard, policy) for hazard in inspection.hazards]
    told = {hazard.subject for hazard in hazards}
    hazards += [
        _denied(Hazard(rule="pickle-denied", level=Level.DANGEROUS, subject=name, message=""), entry)
        for name in _names(inspection)
        if name not in told and (entry := _first(policy.deny, name)) is not None
    ]
    return msgspec.structs.replace(inspection, hazards=by_level(hazards))


def _settled(hazard: Hazard, policy: Policy) -> Hazard:
    denied = _first(policy.deny, hazard.subject)
    if denied is not None and hazard.level is not Level.DANGEROUS:
        return _denied(hazard, denied)
    allowed = _first(policy.allow, hazard.subject)
    if allowed is None or hazard.level is not Level.UNKNOWN:
        return hazard
    message = f"{hazard.message} Allowed by {policy.path or 'the policy'}: {allowed.told()}."
    return msgspec.structs.replace(hazard, rule="pickle-allowed", level=Level.NOTE, message=message)


def _denied(hazard: Hazard, entry: PolicyEntry) -> Hazard:
    message = f"The file names {hazard.subject}, which the policy forbids: {entry.told()}. {hazard.message}"
    return msgspec.structs.replace(
        hazard, rule="pickle-denied", level=Level.DANGEROUS, message=message.strip()
    )


def _first(entries: tuple[PolicyEntry, ...], subject: str) -> PolicyEntry | None:
    return next((entry for entry in entries if subject and entry.covers(subject)), None)


def _names(inspection: Inspection) -> list[str]:
    """Names that the header lists, known safe ones among them."""
    metadata = dict(inspection.header.metadata) if inspection.header is not None else {}
    return [name for name in metadata.get("globals", "").split(",") if name]


def _over(entry: PolicyEntry, today: dt.date) -> bool:
    return entry.until is not None and entry.until < today


def _entries(document: YamlDocument, section: str, path: str) -> list[PolicyEntry]:
    told = document.value.get(section)
    if told is None:
        return []
    if not isinstance(told, dict):
        raise _wrong(path, document.line(section), f"`{section}` maps names to reason, owner and until")
    return [_entry(name, value, section, path, document.line(section, name)) for name, value in told.items()]


def _entry(name: str, told: Any, section: str, path: str, line: int) -> PolicyEntry:
    if not isinstance(told, dict) or not told.keys() <= _FIELDS:
        raise _wrong(path, line, f"{name} needs reason, owner and until, and nothing else")
    for field in ("reason", "owner"):
        if not isinstance(told.get(field), str) or not told[field].strip():
            raise _wrong(path, line, f"{name} has no {field}")
    if name in ("", "*", ".*") or "*" in name.removesuffix(".*"):
        raise _wrong(path, line, f"{name!r} is too wide: name a thing, or a module as `module.*`")
    until = told.get("until")
    if until is None and section == "deny":
        return PolicyEntry(name, told["reason"], told["owner"], line=line)
    try:
        day = dt.date.fromisoformat(str(until))
    except ValueError as wrong:
        raise _wrong(path, line, f"{name} needs `until` as YYYY-MM-DD") from wrong
    return PolicyEntry(name, told["reason"], told["owner"], day, line)


def _wrong(path: str, line: int, what: str) -> UsageError:
    return UsageError(f"{path}:{line}: {what}", "See docs/scanner/pickle.md for the form of a policy.")

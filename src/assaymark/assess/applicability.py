"""Which provisions and obligations apply, why, and who or what decided it: the ICS. Pure.

Precedence for one circumstance: what discovery found, what the owner states, what the profile implies,
and otherwise the default, which keeps it in scope. Nothing leaves the scope unsaid.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from assaymark.assess.assessment import Applicability
from assaymark.observation import Location
from assaymark.standard.provision import Obligation, Provision, When
from assaymark.system.conditions import IN_WORDS
from assaymark.system.system import Condition, Profile, Role, Statement, System

__all__ = ["PROFILE_RULES", "Found", "IcsRow", "decide", "ics_rows"]

Found = Mapping[Condition, tuple[Location, ...]]
"""Circumstances that discovery saw to hold, each with the places that show it."""

PROFILE_RULES: dict[Profile, dict[Condition, str]] = {
    Profile.BUYER: {
        Condition.DEVELOPS_AI: "a buyer's supplier does the development",
        Condition.TRAINS: "a buyer trains and tunes nothing",
        Condition.SHARES_MODEL: "a buyer hands no model components on",
        Condition.INTERNAL_STATES: "a buyer cannot see into the supplier's model",
    },
    Profile.CHATBOT: {
        Condition.SHARES_MODEL: "the model stays with its provider; the Guide leaves this out for a chatbot",
        Condition.INTERNAL_STATES: "another party runs the model; the Guide leaves this out for a chatbot",
    },
}
"""Profile → circumstances that it rules out, with the reason. A statement or a find outweighs a rule."""

_PLACES = 3


class IcsRow(Struct, frozen=True, kw_only=True):
    """A line of the implementation conformance statement."""

    id: str
    """Provision or obligation id."""
    applies: bool
    reason: str
    decided_by: str
    contradicted: str = ""
    """What was found against a declared exclusion."""


class _Ruling(Struct, frozen=True):
    """What was settled on one circumstance, or on the roles."""

    applies: bool
    reason: str
    by: str
    contradicted: str = ""


_ALWAYS = _Ruling(True, "Applies always.", "rule: the standard sets no condition")


def decide(
    provision: Provision, system: System, found: Found | None = None
) -> tuple[Applicability, dict[str, Applicability]]:
    """Whether `provision` and each of its obligations apply to `system`."""
    found = found or {}
    general = _condition(provision.condition, system, found)
    each = {o.id: _obligation(o, general, system, found) for o in provision.obligations}
    return _whole(provision, general, each), each


def ics_rows(
    provisions: Iterable[Provision], system: System, found: Found | None = None
) -> tuple[IcsRow, ...]:
    """The implementation conformance statement: a row a provision, then each obligation that differs."""
    rows: list[IcsRow] = []
    for provision in provisions:
        whole, each = decide(provision, system, found)
        rows.append(_row(provision.id, whole))
        rows += [_row(o, a) for o, a in each.items() if a.applies != whole.applies]
    return tuple(rows)


def _row(identifier: str, decided: Applicability) -> IcsRow:
    return IcsRow(
        id=identifier,
        applies=decided.applies,
        reason=decided.reason,
        decided_by=decided.decided_by,
        contradicted=decided.contradicted,
    )


def _whole(provision: Provision, general: _Ruling, each: dict[str, Applicability]) -> Applicability:
    in_scope = [a for a in each.values() if a.applies]
    if in_scope:
        left_out = len(each) - len(in_scope)
        verb = "does" if left_out == 1 else "do"
        more = f" {left_out} of its {len(each)} obligations {verb} not apply." if left_out else ""
        first = next((a for a in in_scope if a.contradicted), in_scope[0])
        return Applicability(
            applies=True,
            reason=first.reason + more,
            decided_by=first.decided_by,
            contradicted=first.contradicted,
        )
    if not general.applies:
        return _applicability(general)
    return Applicability(
        applies=False,
        reason=" ".join(dict.fromkeys(a.reason for a in each.values())),
        decided_by="; ".join(dict.fromkeys(a.decided_by for a in each.values())),
    )


def _obligation(obligation: Obligation, general: _Ruling, system: System, found: Found) -> Applicability:
    if not general.applies:
        return _applicability(general)
    own = _condition(obligation.condition, system, found)
    if not own.applies:
        return _applicability(own)
    roles = _roles(obligation.actors, system)
    if not roles.applies:
        return _applicability(roles)
    said = [r for r in (general, own) if r is not _ALWAYS] or [_ALWAYS]
    if roles.reason:
        said.append(roles)
    return Applicability(
        applies=True,
        reason=" ".join(dict.fromkeys(r.reason for r in said)),
        decided_by="; ".join(dict.fromkeys(r.by for r in said)),
        contradicted=" ".join(r.contradicted for r in said if r.contradicted),
    )


def _roles(actors: tuple[str, ...], system: System) -> _Ruling:
    if Role.ORGANISATION in actors:
        return _Ruling(True, "", "")
    if not system.roles:
        return _Ruling(
            True, "Roles are not stated, so every role's duties stay in scope.", "default: roles not stated"
        )
    held = {r.value for r in system.roles} - {Role.END_USER.value}
    if held & set(actors):
        return _Ruling(True, "", "")
    return _Ruling(
        False,
        f"Addressed to {_either(actors)}; the roles held are {_listed(system.roles)}.",
        "rule: roles held",
    )


def _condition(when: When, system: System, found: Found) -> _Ruling:
    every = [_one(Condition(c), system, found) for c in when.all_of]
    some = [_one(Condition(c), system, found) for c in when.any_of]
    if some and not any(r.applies for r in some):
        every.append(_joined(some))
    else:
        every += [r for r in some if r.applies][:1]
    excluded = [r for r in every if not r.applies]
    if excluded:
        return excluded[0]
    return _joined(every) if every else _ALWAYS


def _joined(rulings: list[_Ruling]) -> _Ruling:
    return _Ruling(
        all(r.applies for r in rulings),
        " ".join(dict.fromkeys(r.reason for r in rulings)),
        "; ".join(dict.fromkeys(r.by for r in rulings)),
        " ".join(r.contradicted for r in rulings if r.contradicted),
    )


def _one(condition: Condition, system: System, found: Found) -> _Ruling:
    places = found.get(condition, ())
    words = IN_WORDS[condition]
    statement = system.conditions.get(condition)
    if statement is not None and statement.holds:
        because = f": {_ended(statement.reason)}" if statement.reason else "."
        return _Ruling(True, f"Stated that {words}{because}", statement.by or system.owner or "manifest")
    if statement is not None:
        return _denied(words, system, statement, places)
    if places:
        return _Ruling(True, f"Found that {words} ({_where(places)}).", "rule: found in the tree")
    ruled_out = PROFILE_RULES.get(system.profile, {}).get(condition, "") if system.profile else ""
    if ruled_out:
        return _Ruling(False, f"Not the case that {words}: {ruled_out}.", f"rule: profile {system.profile}")
    return _Ruling(True, f"Nobody has stated whether {words}, so it stays in scope.", "default: not stated")


def _denied(words: str, system: System, statement: Statement, places: tuple[Location, ...]) -> _Ruling:
    person = statement.by or system.owner
    if not (statement.reason and person):
        return _Ruling(
            True,
            f"Denied without both a reason and a named person that {words}, so it stays in scope.",
            "rule: an exclusion needs a reason and a person",
        )
    if places:
        seen = f"{person} denies that {words}, yet it was found ({_where(places)})."
        return _Ruling(True, f"Stays in scope: {seen}", "rule: found in the tree", seen)
    return _Ruling(False, f"Not the case that {words}: {_ended(statement.reason)}", person)


def _applicability(ruling: _Ruling) -> Applicability:
    return Applicability(
        applies=ruling.applies,
        reason=ruling.reason,
        decided_by=ruling.by,
        contradicted=ruling.contradicted,
    )


def _where(places: tuple[Location, ...]) -> str:
    shown = ", ".join(str(p) for p in places[:_PLACES])
    more = len(places) - _PLACES
    return f"{shown} and {more} more places" if more > 0 else shown


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"the {name}" for name in names)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(str(name) for name in names) or "none"


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."

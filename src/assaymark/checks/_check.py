"""How a check is written: one function, one file, one name; it asks for facts and yields findings.

Example::

    @check("5.2.3-1", "5.2.1-2#2", supports=("5.1.2-4",))
    def weights_load_without_code(models: tuple[ModelFile, ...]) -> Iterator[Finding]:
        # its docstring: a first sentence, then three paragraphs, "Why:", "Fix:" and "Blind spots:"

A parameter's *type* says what it gets: ``tuple[SomeFact, ...]`` all facts of that type in path order,
`System`, `Inventory`, `Tree`, or ``datetime.date`` (the day of the assessment). Nothing else exists
for a check: no clock, file, network or environment.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

from msgspec import Struct

from assaymark.asset import Inventory, Tree
from assaymark.observation import Certainty, CheckInfo, Detail, Location, Method, Outcome
from assaymark.scan.facts import Fact
from assaymark.standard.catalogue import obligation_ids
from assaymark.system.system import System

__all__ = [
    "Check",
    "Finding",
    "at",
    "check",
    "met",
    "not_applicable",
    "not_met",
    "not_observable",
    "partly_met",
]

_SECTIONS = ("Why", "Fix", "Blind spots")
_SINGLES = (System, Inventory, Tree, date)


class Finding(Struct, frozen=True, kw_only=True):
    """What a check yields; the runner adds ids, versions and digests to make an `Observation`."""

    outcome: Outcome
    summary: str
    """One sentence with the figures in it."""
    details: tuple[Detail, ...] = ()
    about: tuple[str, ...] = ()
    """Obligation or provision ids, a part of those the check declares; empty means all."""
    certainty: Certainty = Certainty.FIRM
    fix: str = ""
    """A next step more exact than the check's general one."""
    method: Method = Method.EXAMINE


class Check(Struct, frozen=True, kw_only=True):
    """A check as the runner knows it."""

    info: CheckInfo
    decisive: tuple[str, ...]
    """Obligation ids for which its `met` is evidence enough."""
    supporting: tuple[str, ...]
    """Obligation ids to which it only contributes."""
    inputs: tuple[tuple[str, Any], ...]
    """Parameter name and type; for facts, the fact type itself."""
    run: Callable[..., Iterable[Finding]]


def at(message: str, place: Fact | Location | str) -> Detail:
    """A located statement: at a fact, a location, or a path."""
    match place:
        case Fact():
            return Detail(message, place.at)
        case Location():
            return Detail(message, place)
        case str():
            return Detail(message, Location(place))


def _finding(outcome: Outcome) -> Callable[..., Finding]:
    def make(
        summary: str,
        *details: Detail,
        about: Iterable[str] = (),
        tentative: bool = False,
        fix: str = "",
        method: Method = Method.EXAMINE,
    ) -> Finding:
        return Finding(
            outcome=outcome,
            summary=summary,
            details=details,
            about=tuple(about),
            certainty=Certainty.TENTATIVE if tentative else Certainty.FIRM,
            fix=fix,
            method=method,
        )

    return make


met = _finding(Outcome.MET)
"""What should hold was seen to hold."""
not_met = _finding(Outcome.NOT_MET)
"""The opposite was seen. Give ``tentative=True`` where a person has to judge."""
partly_met = _finding(Outcome.PARTLY_MET)
"""Some was seen, and nothing against the rest."""
not_observable = _finding(Outcome.NOT_OBSERVABLE)
"""Nothing in the tree can show it; say what could."""
not_applicable = _finding(Outcome.NOT_APPLICABLE)
"""The question does not arise: nothing of its kind is there."""


def check(
    *decisive: str, supports: tuple[str, ...] = (), version: int = 1
) -> Callable[[Callable[..., Iterable[Finding]]], Check]:
    """Make a check of a function.

    Args:
        decisive: provision ids (all their obligations) or obligation ids for which this check's
            `met` is evidence enough.
        supports: ids to which it only contributes: `not met` counts against them, `met` alone is
            not enough.
        version: raised whenever the answer could change for the same input.

    Raises:
        TypeError: no docstring or a section of it missing, an unknown id, a parameter without a
            usable type, or a name that is not the file's.
    """
    if not decisive and not supports:
        raise TypeError("a check names at least one provision")

    def make(function: Callable[..., Iterable[Finding]]) -> Check:
        name = function.__name__
        stem = function.__module__.rpartition(".")[2]
        if stem not in (name, "__main__") and not stem.startswith("test_"):
            raise TypeError(f"{name}: a check's file has the check's name, not {stem}")
        title, sections = _sections(name, inspect.getdoc(function) or "")
        strong = _expand(name, decisive)
        weak = tuple(i for i in _expand(name, supports) if i not in strong)
        return Check(
            info=CheckInfo(
                id=name,
                version=version,
                title=title,
                why=sections["Why"],
                fix=sections["Fix"],
                blind_spots=sections["Blind spots"],
                provisions=_provisions(strong),
                supports=tuple(p for p in _provisions(weak) if p not in _provisions(strong)),
            ),
            decisive=strong,
            supporting=weak,
            inputs=_inputs(function),
            run=function,
        )

    return make


def _sections(name: str, doc: str) -> tuple[str, dict[str, str]]:
    parts = re.split(rf"^({'|'.join(_SECTIONS)}):", doc, flags=re.MULTILINE)
    title = " ".join(parts[0].split())
    found = {parts[i]: _sentence(parts[i + 1]) for i in range(1, len(parts) - 1, 2)}
    missing = [s for s in _SECTIONS if not found.get(s)]
    if not title or missing:
        raise TypeError(f"{name}: its docstring lacks {', '.join(missing) or 'a first sentence'}")
    return title, found


def _sentence(text: str) -> str:
    """On one line, and with a capital at the beginning: readers meet it away from its `Why:`."""
    flat = " ".join(text.split())
    return flat[:1].upper() + flat[1:]


def _expand(name: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    known = obligation_ids()
    chosen: list[str] = []
    for one in ids:
        matches = [o for o in known if o == one or o.partition("#")[0] == one]
        if not matches:
            raise TypeError(f"{name}: {one} is neither a provision nor an obligation")
        chosen += [m for m in matches if m not in chosen]
    return tuple(sorted(chosen, key=known.index))


def _provisions(obligations: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(o.partition("#")[0] for o in obligations))


def _inputs(function: Callable[..., Iterable[Finding]]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(function, vars(sys.modules[function.__module__]))
    hints.pop("return", None)
    inputs: list[tuple[str, Any]] = []
    for parameter in inspect.signature(function).parameters:
        hint = hints.get(parameter)
        args = get_args(hint)
        if get_origin(hint) is tuple and len(args) == 2 and issubclass(args[0], Fact):
            inputs.append((parameter, args[0]))
        elif hint in _SINGLES:
            inputs.append((parameter, hint))
        else:
            raise TypeError(f"{function.__name__}: parameter {parameter} has no usable type ({hint})")
    if not inputs:
        raise TypeError(f"{function.__name__}: a check looks at something")
    return tuple(inputs)

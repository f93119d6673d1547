"""What `assaymark explain` prints, as text of a given width. Pure."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from assaymark.observation import CheckInfo
from assaymark.standard.find import Match
from assaymark.standard.provision import Mapping, Provision
from assaymark.system.system import Profile

__all__ = ["check_text", "match_text", "speaking"]

_OBSERVABLE = {
    "yes": "A tool can gather decisive evidence.",
    "partly": "A tool gathers part of the evidence; the rest needs a person.",
    "no": "Only a person can say.",
}
_OURS = {Profile.AGENT, Profile.BUYER}


def match_text(match: Match, checks: Sequence[CheckInfo], width: int, profile: Profile | None = None) -> str:
    """A provision in full, or a principle or phase as a list of provisions."""
    if match.kind in ("principle", "phase"):
        lines = _list(match, width)
    else:
        lines = _provision(match, checks, width, profile)
    also = _wrapped(f"Note: {match.also}", width) if match.also else ()
    return "\n".join([*lines, *(["", *also] if also else [])]) + "\n"


def check_text(check: CheckInfo, width: int) -> str:
    """A check in full, with the provisions it speaks to."""
    lines = [*_wrapped(f"{check.id}: {check.title}", width)]
    lines += _heading("Speaks to")
    if check.provisions:
        lines += _wrapped(f"Can show by itself: {', '.join(check.provisions)}", width, "  ")
    if check.supports:
        lines += _wrapped(f"Contributes to: {', '.join(check.supports)}", width, "  ")
    for title, text in (("Why", check.why), ("Fix", check.fix), ("Blind spots", check.blind_spots)):
        lines += _heading(title)
        lines += _wrapped(text, width, "  ")
    return "\n".join(lines) + "\n"


def speaking(provision: Provision, checks: Iterable[CheckInfo]) -> tuple[CheckInfo, ...]:
    """The checks that speak to `provision`, those that can show it by themselves first."""
    both = [c for c in checks if provision.id in (*c.provisions, *c.supports)]
    return tuple(sorted(both, key=lambda c: provision.id not in c.provisions))


def _list(match: Match, width: int) -> Iterator[str]:
    yield from _wrapped(f"{match.title} ({len(match.provisions)} provisions)", width)
    for provision in match.provisions:
        yield ""
        yield f"{provision.id}  (CoP {provision.cop_id}, {provision.force})"
        yield from _wrapped(provision.summary, width, "  ")
    yield ""
    yield from _wrapped(f"More on one of them: assaymark explain {match.provisions[0].id}", width)


def _provision(
    match: Match, checks: Sequence[CheckInfo], width: int, profile: Profile | None
) -> Iterator[str]:
    (it,) = match.provisions
    yield from _wrapped(f"EN 304 223 provision {it.id}  (TS 104 223 {it.ts_id}, CoP {it.cop_id})", width)
    yield from _wrapped(f"Principle {it.principle}: {it.principle_title} ({it.phase})", width)
    if it.parent:
        yield f"Details provision {it.parent}"
    yield ""
    yield from _wrapped(it.summary, width)
    yield ""
    yield from _term("Force", it.force.replace("+", " and "), width)
    yield from _term("Who", ", ".join(it.actors), width)
    yield from _term("Applies", it.applies_when, width)
    yield from _term("Answered", f"per {it.level}", width)
    yield from _term("Evidence", _OBSERVABLE[it.observable], width)
    yield from _obligations(match, width)
    yield from _guidance(it, width, profile)
    yield from _heading("What an assessor accepts (our proposal)")
    for line in it.evidence:
        yield from _item(line, width)
    yield from _wrapped(f"A person's statement counts for {it.validity_days} days (ours).", width, "  ")
    yield from _checks(speaking(it, checks), it, width)
    yield from _mappings(it, width)
    if it.notes:
        yield from _heading("Note on the source")
        yield from _wrapped(it.notes, width, "  ")


def _obligations(match: Match, width: int) -> Iterator[str]:
    (it,) = match.provisions
    yield from _heading("Obligations")
    for obligation in it.obligations:
        asked = "  <- asked for" if obligation.id == match.obligation else ""
        yield f"  {obligation.id}{asked}"
        yield from _wrapped(f"{obligation.force}: {obligation.text}", width, "    ")
        yield from _wrapped(f"who: {' or '.join(obligation.actors)}", width, "    ")


def _guidance(provision: Provision, width: int, profile: Profile | None) -> Iterator[str]:
    yield from _heading("What such a system would do")
    for name, text in provision.guidance.items():
        if profile in (None, name):
            ours = " (ours)" if name in _OURS else ""
            yield f"  {name}{ours}"
            yield from _wrapped(text, width, "    ")


def _checks(checks: Sequence[CheckInfo], provision: Provision, width: int) -> Iterator[str]:
    yield from _heading("Checks that speak to it")
    if not checks:
        yield from _wrapped("None; a person's attestation is the evidence.", width, "  ")
    for check in checks:
        weight = "can show it" if provision.id in check.provisions else "contributes"
        yield from _wrapped(f"{check.id} ({weight})", width, "  ")
        yield from _wrapped(check.title, width, "    ")
        yield from _wrapped(f"Why: {check.why}", width, "    ")
        yield from _wrapped(f"Fix: {check.fix}", width, "    ")
        yield from _wrapped(f"Blind spots: {check.blind_spots}", width, "    ")


def _mappings(provision: Provision, width: int) -> Iterator[str]:
    for basis, title in (("found", "Mappings found in the sources"), ("inferred", "Mappings we inferred")):
        rows = [m for m in provision.mappings if m.basis == basis]
        if rows:
            yield from _heading(title)
        for row in rows:
            yield from _mapping(row, width)


def _mapping(row: Mapping, width: int) -> Iterator[str]:
    yield from _item(f"{row.document}: {'; '.join(row.references)} [{row.source}]", width)


def _heading(title: str) -> list[str]:
    return ["", title]


def _term(name: str, text: str, width: int) -> list[str]:
    return _filled(text, width, f"{name + ':':<10}", " " * 10)


def _item(text: str, width: int) -> list[str]:
    return _filled(text, width, "  - ", "    ")


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return _filled(text, width, indent, indent)


def _filled(text: str, width: int, first: str, rest: str) -> list[str]:
    # Breaking at a hyphen would tear ids such as 5.2.4-1.2 apart.
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)

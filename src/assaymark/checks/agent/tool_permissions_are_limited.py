"""What a tool is allowed to do is bounded by more than the model's good will."""

import re
from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import Effect, Setting, ToolDefinition

_OPEN = frozenset({Effect.EXECUTE, Effect.QUERY})
_STRONG = frozenset({Effect.WRITE, Effect.DELETE, Effect.SEND, Effect.PAY, Effect.FETCH})
_GRANTS = re.compile(r"permission|allow|scope|grant|tools?$|auto.?approve|access", re.IGNORECASE)
_ANYTHING = re.compile(r"^\W*(\*|all|any|bypassPermissions)\W*$|\(\*\)|dangerously|Bash\(\*", re.IGNORECASE)


@check("5.1.2-6#1")
def tool_permissions_are_limited(
    tools: tuple[ToolDefinition, ...], settings: tuple[Setting, ...]
) -> Iterator[Finding]:
    """Each tool's reach is bounded: no raw shell or query, no wildcard grant, checked arguments.

    Why: The model chooses a tool's arguments, and whoever writes what the model reads can choose
    them too. A tool that runs any command or query, or a grant of `*`, gives the model everything
    that the process may do.

    Fix: Replace free-form commands and queries by tools for single tasks; bound each argument with
    an enumeration, pattern, range or allow-list; give the tool its own credentials with the least
    rights (a read-only database role); name tools one by one instead of `*`.

    Blind spots: Rights granted outside the tree (cloud roles, database grants, OAuth scopes) are
    not seen, and whether a bound is tight enough needs a person.
    """
    own = in_product(tools)
    wild = [s for s in in_product(settings) if s.category in ("tool", "mcp-server", "auth") and _wild(s)]
    if not own and not wild:
        yield not_applicable("No tool that a model may call, and no grant to one, was found.")
        return
    raw = [t for t in own if _OPEN & set(t.effects) and t.constrained is False and t.approval is not True]
    loose = [
        t
        for t in own
        if t not in raw and _STRONG & set(t.effects) and t.constrained is False and t.approval is not True
    ]
    details: list[Detail] = [
        *(at(_free(t), t) for t in raw),
        *(at(f"`{s.key}` grants everything ({s.value}).", s) for s in wild),
        *(at(f"`{t.name}` ({_effects(t)}) checks no argument beyond its type.", t) for t in loose),
    ]
    if details:
        yield not_met(
            _summary(len(raw), len(loose), len(wild), len(own)),
            *capped(details),
            tentative=not any(Effect.EXECUTE in t.effects and t.body_read for t in raw),
        )
    else:
        yield from _sound(own)


def _summary(raw: int, loose: int, wild: int, own: int) -> str:
    parts = [
        f"{raw} of {counted(own, 'tool')} {'takes' if raw == 1 else 'take'} free commands or queries"
        * bool(raw),
        f"{loose} of {counted(own, 'tool')} {'leaves' if loose == 1 else 'leave'} strong arguments unchecked"
        * bool(loose),
        f"{counted(wild, 'setting')} {'grants' if wild == 1 else 'grant'} everything" * bool(wild),
    ]
    return "; ".join(part for part in parts if part) + "."


def _sound(own: list[ToolDefinition]) -> Iterator[Finding]:
    known = [
        t for t in own if t.approval is not None or t.effects or (t.body_read and t.constrained is not None)
    ]
    if len(known) == len(own):
        kept = [at(f"`{t.name}`: {_effects(t)}.", t) for t in own]
        yield met(f"Reach is bounded for {len(own)} of {counted(len(own), 'tool')}.", *capped(kept))
    elif known:
        yield partly_met(
            f"Reach is bounded for {len(known)} of {counted(len(own), 'tool')}; the rest is unknown."
        )
    else:
        yield not_observable(f"What {counted(len(own), 'tool')} may do is not written in the tree.")


def _free(tool: ToolDefinition) -> str:
    if tool.body_read:
        return f"`{tool.name}` runs or queries whatever its arguments say."
    return f"`{tool.name}` says of itself that it runs code; what limits it is elsewhere."


def _wild(setting: Setting) -> bool:
    return _GRANTS.search(setting.key) is not None and _ANYTHING.search(setting.value) is not None


def _effects(tool: ToolDefinition) -> str:
    return ", ".join(e.value for e in tool.effects) or "no effect seen"

"""What one file's facts say of another's: calls, dependencies, routers and arguments followed across files.

Pure. Summaries of functions are merged along their calls in a few rounds, so a cycle ends by itself and the
cost grows with the number of calls; then each endpoint, tool, fetch and safeguard is completed from them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from assaymark.discover._names import Functions
from assaymark.discover.routers import Routers
from assaymark.scan.facts import (
    CodeFile,
    DynamicExecution,
    Effect,
    Endpoint,
    Fact,
    FailOpen,
    FunctionSummary,
    Mount,
    Origin,
    OutboundFetch,
    SafeguardDefinition,
    SafeguardUse,
    ToolDefinition,
)

__all__ = ["linked"]

_ROUNDS = 3
"""Files between an endpoint and what it reaches at last."""
_TOOL_ROUNDS = 1
"""A tool's effects are those of what it calls and what that calls: further on lie logs and caches."""
_ACTING = frozenset({Effect.WRITE, Effect.DELETE, Effect.PAY, Effect.SEND, Effect.EXECUTE})
_PASSED_ON = frozenset({"llm", "model", "tool", "database", "shell"})
"""What an endpoint is said to reach through other files; a file or an address read on the way is no news."""
_WORSE = {
    Origin.MODEL_OUTPUT: 4,
    Origin.TOOL_ARGUMENT: 3,
    Origin.REQUEST: 2,
    Origin.RETRIEVED: 1,
    Origin.PARAMETER: 0,
}


@dataclass(slots=True, eq=False)
class _Node:
    """A function and what it turns out to do."""

    summary: FunctionSummary
    reaches: frozenset[str]
    effects: frozenset[Effect]
    touches: tuple[str, ...]
    authenticates: bool
    limits: bool
    owns: bool
    asks: bool
    callees: "list[_Node]" = field(default_factory=list)
    passed: dict[str, Origin] = field(default_factory=dict)
    """Parameter → the least trustworthy thing that another file gives for it."""


class _Graph:
    """Functions of the project, joined by their calls across files."""

    def __init__(self, summaries: Sequence[FunctionSummary]) -> None:
        self._functions = Functions(summaries)
        self._nodes = {id(s): _node(s) for s in summaries}
        self.by_place = {(s.at.path, s.function): self._nodes[id(s)] for s in summaries}
        for node in self._nodes.values():
            node.callees = self.named(node.summary.calls, node.summary.at.path)

    @property
    def nodes(self) -> Iterable[_Node]:
        """Every function."""
        return self._nodes.values()

    def find(self, name: str, caller: str) -> _Node | None:
        """The function that a name means in the file `caller`."""
        found = self._functions.find(name, caller)
        return None if found is None else self._nodes[id(found)]

    def named(self, names: Iterable[str], caller: str) -> list[_Node]:
        """Those of the named functions that lie in the project."""
        return [node for name in names if (node := self.find(name, caller)) is not None]

    def spread(self) -> None:
        """Give each function what the functions that it calls do, a few files deep."""
        callers = [node for node in self._nodes.values() if node.callees]
        # What a function two files away refuses is seldom what this one is asked for.
        protected = [(node, *_protected(node)) for node in callers]
        for node, *found in protected:
            node.authenticates, node.limits, node.owns, node.asks = found
        for step in range(_ROUNDS):
            merged = [(node, *_merged(node, step < _TOOL_ROUNDS)) for node in callers]
            for node, reaches, effects, touches in merged:
                node.reaches, node.effects, node.touches = reaches, effects, touches

    def pass_arguments(self) -> None:
        """Follow arguments that somebody outside chose into parameters of other files' functions."""
        given = [
            (self._nodes[id(s)], target, one)
            for s in (n.summary for n in self._nodes.values())
            for one in s.passes
            if (target := self.find(one.callee, s.at.path)) is not None
        ]
        for _ in range(_ROUNDS):
            for node, target, one in given:
                name = one.keyword or _at(target.summary.parameters, one.position)
                origin = node.passed.get(one.parameter, one.origin) if one.parameter else one.origin
                if name and _WORSE.get(origin, 0) > _WORSE.get(target.passed.get(name, Origin.PARAMETER), 0):
                    target.passed[name] = origin


def _node(summary: FunctionSummary) -> _Node:
    return _Node(
        summary,
        frozenset(summary.reaches),
        frozenset(summary.effects),
        summary.touches,
        summary.authenticates,
        summary.limits,
        summary.checks_ownership,
        summary.asks,
    )


def _protected(node: _Node) -> tuple[bool, bool, bool, bool]:
    every = (node, *node.callees)
    return (
        any(n.authenticates for n in every),
        any(n.limits for n in every),
        any(n.owns for n in every),
        any(n.asks for n in every),
    )


def _merged(node: _Node, near: bool) -> tuple[frozenset[str], frozenset[Effect], tuple[str, ...]]:
    reaches = node.reaches.union(*(c.reaches & _PASSED_ON for c in node.callees))
    if not near:
        return reaches, node.effects, node.touches
    effects = node.effects.union(*(c.effects for c in node.callees))
    touches = dict.fromkeys((*node.touches, *(t for c in node.callees for t in c.touches)))
    return reaches, effects, tuple(touches)[:20]


def _at(names: tuple[str, ...], position: int) -> str:
    return names[position] if 0 <= position < len(names) else ""


def linked(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, completed by what other files show.

    Endpoints: who checks identity, ownership and rate, what is reached. Tools: their effects and whether a
    person is asked. Fetches and executions: where a parameter comes from. Safeguards: whether another file
    uses them, and which of them let through when they break. A name that two files could explain is left.
    """
    every = tuple(facts)
    graph = _Graph([f for f in every if isinstance(f, FunctionSummary)])
    graph.spread()
    graph.pass_arguments()
    routers = Routers(
        [f for f in every if isinstance(f, Mount)],
        lambda names, at: any(n.authenticates for n in graph.named(names, at)),
    )
    tests = {f.at.path for f in every if isinstance(f, CodeFile) and f.is_test}
    # A safeguard that only its own test calls protects nobody.
    used = {f.name for f in every if isinstance(f, SafeguardUse) and f.at.path not in tests}
    opened = _opened(graph, {(f.at.path, f.function) for f in every if isinstance(f, FailOpen)})
    return (*(_completed(f, graph, routers, used) for f in every), *opened)


def _completed(fact: Fact, graph: _Graph, routers: Routers, used: set[str]) -> Fact:
    match fact:
        case Endpoint():
            return _endpoint(fact, graph, routers)
        case ToolDefinition() if fact.calls:
            return _tool(fact, graph)
        case OutboundFetch() | DynamicExecution() if fact.parameter:
            return _chosen(fact, graph)
        case SafeguardDefinition(used=False) if fact.name in used:
            return msgspec.structs.replace(fact, used=True)
    return fact


def _endpoint(endpoint: Endpoint, graph: _Graph, routers: Routers) -> Endpoint:
    path = endpoint.at.path
    called = graph.named(endpoint.calls, path)
    before = graph.named(endpoint.dependencies, path)
    cover = routers.cover(path, endpoint.router)
    reaches = set(endpoint.reaches).union(*(c.reaches & _PASSED_ON for c in (*called, *before)))
    known = len(before) == len(endpoint.dependencies)
    settled = known and (cover.settled if endpoint.router else bool(before))
    return msgspec.structs.replace(
        endpoint,
        authenticated=_either(
            endpoint.authenticated,
            any(n.authenticates for n in (*called, *before)) or cover.authenticated,
            settled=settled,
        ),
        rate_limited=_either(
            endpoint.rate_limited,
            any(n.limits for n in (*called, *before)) or cover.rate_limited,
            settled=settled,
        ),
        checks_ownership=_either(
            endpoint.checks_ownership, any(n.owns for n in (*called, *before)), settled=False
        )
        if endpoint.checks_ownership is not None
        else None,
        bounded_input=_bounded(endpoint, graph),
        reaches=tuple(sorted(reaches)),
        mutates=endpoint.mutates or (endpoint.method not in ("GET", "HEAD") and _acts(called)),
    )


def _either(own: bool | None, elsewhere: bool, *, settled: bool) -> bool | None:
    """True as soon as one file shows it; False where nothing is left that could."""
    if own or elsewhere:
        return True
    return False if settled else own


def _acts(called: list[_Node]) -> bool:
    return any(_ACTING & node.effects for node in called)


def _bounded(endpoint: Endpoint, graph: _Graph) -> bool | None:
    if endpoint.bounded_input is not None or not endpoint.accepts:
        return endpoint.bounded_input
    found = graph.named(endpoint.accepts, endpoint.at.path)
    if any(node.summary.bounds for node in found):
        return True
    told = [node for node in found if node.summary.bounds is False]
    return False if len(told) == len(endpoint.accepts) else None


def _tool(tool: ToolDefinition, graph: _Graph) -> ToolDefinition:
    called = graph.named(tool.calls, tool.at.path)
    effects = set(tool.effects).union(*(c.effects for c in called))
    touches = dict.fromkeys((*tool.touches, *(t for c in called for t in c.touches)))
    return msgspec.structs.replace(
        tool,
        effects=tuple(sorted(effects)),
        touches=tuple(touches)[:20],
        approval=True if any(c.asks for c in called) else tool.approval,
    )


def _chosen(fact: OutboundFetch | DynamicExecution, graph: _Graph) -> OutboundFetch | DynamicExecution:
    node = graph.by_place.get((fact.at.path, fact.function))
    origin = node.passed.get(fact.parameter) if node is not None else None
    if origin is None or _WORSE[origin] <= _WORSE.get(fact.origin, 0):
        return fact
    return msgspec.structs.replace(fact, origin=origin)


def _opened(graph: _Graph, known: set[tuple[str, str]]) -> list[FailOpen]:
    """Functions that no name marks as safeguards, but on whose answer another file refuses."""
    found = {
        (node.summary.at.path, node.summary.function): node.summary
        for caller in graph.nodes
        for node in graph.named(caller.summary.decides, caller.summary.at.path)
        if node.summary.opens
    }
    return [
        FailOpen(
            at=msgspec.structs.replace(s.at, line=s.opens_line or s.at.line),
            function=s.function,
            safeguard=s.function,
            how=s.opens,
        )
        for place, s in sorted(found.items())
        if place not in known
    ]

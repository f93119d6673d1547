"""What exported functions do, for endpoints and tools in other files: see `assaymark.discover.link`."""

import re
from collections.abc import Iterator

from assaymark.observation import Location
from assaymark.scan.facts import FunctionSummary
from assaymark.scan.javascript.effects import calls_within, effects_of, reaches_of, touches_of
from assaymark.scan.javascript.linking import AUTH_TEXT, AUTHENTICATES, foreign_calls
from assaymark.scan.javascript.module import Function, line_of, text
from assaymark.scan.javascript.values import Values

__all__ = ["function_summaries"]

_DENIES = re.compile(r"\b40[13]\b|unauthori[sz]ed|forbidden", re.IGNORECASE)
_GUARDS = re.compile(r"auth|guard|limit|throttle|require|verify|check|ensure", re.IGNORECASE)


def function_summaries(values: Values) -> Iterator[FunctionSummary]:
    """One for each exported function that reaches something, checks something or calls another file."""
    module = values.module
    default = module.exports.get("default")
    for function in module.functions:
        if function.node is None or not (function.exported or function.name in module.exports):
            continue
        line = line_of(function.node)
        names = {function.name or "default"} | ({"default"} if line == default else set())
        for name in sorted(names):
            summary = _summary(values, function, name, line)
            if summary is not None:
                yield summary


def _summary(values: Values, function: Function, name: str, line: int) -> FunctionSummary | None:
    calls = tuple(calls_within(values, function))
    reaches = reaches_of(values, calls)
    elsewhere = foreign_calls(values, calls)
    authenticates = _authenticates(values, function, name)
    if not (reaches or elsewhere or authenticates or _GUARDS.search(name)):
        return None
    return FunctionSummary(
        at=Location(values.module.path, line),
        function=name,
        reaches=reaches,
        effects=effects_of(values, calls),
        touches=touches_of(values, calls),
        authenticates=authenticates,
        limits=re.search(r"rate_?limit|throttle", name, re.IGNORECASE) is not None,
        calls=elsewhere,
    )


def _authenticates(values: Values, function: Function, name: str) -> bool:
    """Whether it looks at who is asking and can refuse."""
    body = text(function.node, 6_000)
    if not _DENIES.search(body) and "throw" not in body and "redirect(" not in body:
        return False
    called = (values.call_name(c).rpartition("::")[2] for c in function.calls)
    return bool(
        AUTH_TEXT.search(body)
        or AUTHENTICATES.search(f".{name}")
        or any(AUTHENTICATES.search(f".{c}") for c in called)
    )

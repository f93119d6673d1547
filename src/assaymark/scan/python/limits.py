"""Bounds that the code sets, and whether anything holds to them."""

import ast
import re
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, Limit, SafeguardUse
from assaymark.scan.python._module import Call, Module, Scope

__all__ = ["limits"]

_NAMED = re.compile(
    r"^_{0,2}(MAX|LIMIT|MIN)_\w+$|^_{0,2}\w+_(LIMIT|TIMEOUT|BUDGET|QUOTA|MAX|CAP|TTL_LIMIT)(_(SECONDS|MS|BYTES|MB|TOKENS|USD|PER_\w+))?$|^_{0,2}(TIMEOUT|RATE_LIMIT|BUDGET)\w*$"
)
_DJANGO = re.compile(r"^(DATA_UPLOAD|FILE_UPLOAD|CONN|SESSION|EMAIL|PASSWORD_RESET|CSRF|CACHE)_\w+$")
"""Settings that Django itself reads."""
_KINDS = (
    ("timeout", re.compile(r"timeout|deadline", re.IGNORECASE)),
    ("tokens", re.compile(r"token|num_predict|output_length", re.IGNORECASE)),
    (
        "iterations",
        re.compile(r"iteration|recursion|steps?|turns?|round|depth|loops?|tool_calls", re.IGNORECASE),
    ),
    ("rate", re.compile(r"rate|per_(minute|second|hour|day)|rpm|requests?_per|qps", re.IGNORECASE)),
    ("budget", re.compile(r"budget|cost|spend|usd|price", re.IGNORECASE)),
    ("retries", re.compile(r"retr(y|ies)|attempt", re.IGNORECASE)),
    ("concurrency", re.compile(r"concurren|worker|parallel|semaphore", re.IGNORECASE)),
    ("rows", re.compile(r"rows?|results?|records|items|documents|docs|top_k", re.IGNORECASE)),
    (
        "size",
        re.compile(r"size|length|bytes|chars|len|upload|mb|file|input|prompt|message|image", re.IGNORECASE),
    ),
)
_KEYWORDS = {
    "timeout": "timeout",
    "request_timeout": "timeout",
    "max_tokens": "tokens",
    "max_completion_tokens": "tokens",
    "max_output_tokens": "tokens",
    "max_new_tokens": "tokens",
    "max_iterations": "iterations",
    "max_steps": "iterations",
    "max_turns": "iterations",
    "recursion_limit": "iterations",
    "max_execution_time": "timeout",
    "max_iter": "iterations",
    "max_consecutive_auto_reply": "iterations",
    "max_retries": "retries",
    "max_concurrency": "concurrency",
    "max_length": "size",
    "max_chars": "size",
    "max_budget": "budget",
    "usage_limits": "tokens",
    "max_rpm": "rate",
    "max_rows": "rows",
    "max_size": "size",
    "max_round": "iterations",
}


_WORDS_ONLY = frozenset({"format", "format_map", "dict", "debug", "info", "warning", "error", "log", "print"})
"""Callees that put a number into words; nothing is bounded by that."""


def limits(module: Module) -> Iterable[Fact]:
    """Named constants that bound something, and bounds given to calls."""
    for scope in (module.root, *module.classes):
        for name, values in scope.assigns.items():
            if _NAMED.match(name) and (kind := _kind(name)):
                yield _constant(name, kind, values[0], scope, module)
    yield from _read_elsewhere(module)
    for call in module.calls:
        if call.node.keywords:
            yield from _keywords(call, module)
    for scope in module.functions:
        yield from _decorated(scope, module)


def _read_elsewhere(module: Module) -> Iterator[SafeguardUse]:
    """Reads of limits that another file defines (`settings.MAX_UPLOAD_BYTES`)."""
    own = {name for scope in (module.root, *module.classes) for name in scope.assigns}
    for name, count in module.references.items():
        if count > 0 and name not in own and _NAMED.match(name):
            line = module.import_lines.get(module.imports.get(name, ""), 0)
            yield SafeguardUse(at=module.at(line), name=name)


def _kind(name: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "")


def _constant(name: str, kind: str, value: ast.expr, scope: Scope, module: Module) -> Limit:
    number = module.constant(value, scope)
    # A public constant may be read by another file; only a use here can be told from one file.
    uses = module.references[name] - len(scope.assigns[name])
    return Limit(
        at=module.at(value),
        kind=kind,
        name=name,
        value=_short(number),
        enforced=True if uses > 0 or _read_by_name(name, module) else False if name.startswith("_") else None,
    )


def _read_by_name(name: str, module: Module) -> bool:
    """Whether Django, or one of the apps that a settings file installs, reads the setting by its name."""
    installed = module.root.assigns.get("INSTALLED_APPS")
    if not installed:
        return False
    apps = " ".join(
        n.value
        for v in installed[:4]
        for n in ast.walk(v)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )
    return _DJANGO.match(name) is not None or name.partition("_")[0].lower() in re.split(
        r"[\W_]+", apps.lower()
    )


def _short(value: object) -> str:
    return str(value)[:40] if isinstance(value, int | float | str) and not isinstance(value, bool) else ""


def _keywords(call: Call, module: Module) -> Iterator[Limit]:
    if call.last in _WORDS_ONLY:
        return
    for keyword in call.node.keywords:
        kind = _KEYWORDS.get(keyword.arg or "")
        if kind and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None):
            yield Limit(
                at=module.at(keyword.value),
                kind=kind,
                name=f"{call.last}({keyword.arg})",
                value=_short(module.constant(keyword.value, call.scope)),
                enforced=True,
            )


def _decorated(scope: Scope, module: Module) -> Iterator[Limit]:
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = module.dotted(target, module.root)
        if re.search(r"(limiter\.limit|rate_?limit|ratelimit|throttle|limits)$", name, re.IGNORECASE):
            first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            yield Limit(
                at=module.at(decorator),
                kind="rate",
                name=name,
                value=_short(module.constant(first, module.root)),
                enforced=True,
            )

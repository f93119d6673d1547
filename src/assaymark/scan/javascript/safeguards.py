"""Safeguards: functions that say they protect, where they let through, limits, and known mechanisms."""

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assaymark.observation import Location
from assaymark.scan.facts import Fact, FailOpen, Limit, Mechanism, SafeguardDefinition, SafeguardUse
from assaymark.scan.javascript.module import Attempt, Call, Function, line_of, text
from assaymark.scan.javascript.tools import APPROVAL
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["safeguard_facts", "safeguard_kind"]

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("rate-limit", re.compile(r"rate_?limit|throttle", re.IGNORECASE)),
    (
        "authentication",
        re.compile(
            r"(require|verify|check|ensure|validate)_?(auth|session|token|jwt|api_?key|login"
            r"|signature)|^authenticate",
            re.IGNORECASE,
        ),
    ),
    (
        "authorisation",
        re.compile(
            r"(require|check|assert|ensure)_?(permission|role|admin|owner\w*|access)"
            r"|^authorize"
            r"|^can_?access",
            re.IGNORECASE,
        ),
    ),
    (
        "approval",
        re.compile(
            r"(require|request|ask|await|get)_?(approval|confirmation|consent)"
            r"|^confirm_?(action|tool)",
            re.IGNORECASE,
        ),
    ),
    ("read-only", re.compile(r"(assert|ensure|enforce|is|check)_?(read_?only|select_?only)", re.IGNORECASE)),
    ("sandbox", re.compile(r"(run|exec\w*)_?in_?sandbox", re.IGNORECASE)),
    (
        "redaction",
        re.compile(
            r"(redact|scrub|anonymi[sz]e|mask_?(pii|secret|personal|sensitive|e?mail|phone|name|credential|key|card|user))_?\w*",
            re.IGNORECASE,
        ),
    ),
    (
        "moderation",
        re.compile(
            r"moderat|(detect|check|is|block)_?(prompt_?)?(injection|jailbreak|toxic\w*"
            r"|harmful)"
            r"|guardrail|content_?filter",
            re.IGNORECASE,
        ),
    ),
    ("integrity", re.compile(r"(verify|check)_?(checksum|hash|digest|integrity)", re.IGNORECASE)),
    (
        "validation",
        re.compile(
            r"^(?i:validate|sanitize|sanitise|assert_?(safe|valid)|is_?(safe|allowed"
            r"|valid))_?[A-Z_]\w*"
        ),
    ),
    ("limit", re.compile(r"(enforce|check|within)_?(budget|quota|limit|spend)", re.IGNORECASE)),
)
_ALLOWS = re.compile(
    r"\breturn\s+(true|next\(\)|null|\{[^{}]{0,80}\b(allowed|ok|safe|valid|success"
    r"|passed)\s*:\s*true)|^\s*\{\s*next\(\)"
    r"|\breturn\s+(NextResponse\.next\(\)|await next\(\))|;\s*next\(\);?\s*\}$",
    re.MULTILINE,
)
_REFUSES = re.compile(
    r"\b(throw|reject|abort)\b|return\s+(false|null|new Response|NextResponse\.json"
    r"|Response\.json|res\.|reply\.|c\.json"
    r"|\{[^{}]{0,80}(error|allowed\s*:\s*false|ok\s*:\s*false|isError|blocked\s*:\s*true))"
    r"|\.status\(\s*[45]\d\d|process\.exit"
)
_LIMIT_KEYS = {
    "timeout": ("timeout", "timeoutMs", "requestTimeout", "timeout_ms"),
    "tokens": ("max_tokens", "maxTokens", "maxOutputTokens", "max_output_tokens", "max_completion_tokens"),
    "iterations": (
        "maxSteps",
        "maxIterations",
        "recursionLimit",
        "maxTurns",
        "max_turns",
        "maxToolRoundtrips",
        "maxRounds",
    ),
    "retries": ("maxRetries", "retries"),
    "budget": ("maxBudget", "maxCost", "budget", "maxBudgetUsd"),
    "size": ("bodyLimit", "fileSize", "maxFileSize", "sizeLimit", "maxBodyLength"),
}
_KEY_KIND = {key: kind for kind, keys in _LIMIT_KEYS.items() for key in keys}
_MECHANISMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("human-approval", APPROVAL),
    ("moderation", re.compile(r"moderations\.create$|(^|\.)moderate\w*$", re.IGNORECASE)),
    (
        "guardrail",
        re.compile(
            r"guardrails?\b.*::|(^|[.:])(\w*guardrail\w*|detect\w*Injection|lakera\w*|arcjet)$", re.IGNORECASE
        ),
    ),
    (
        "output-filter",
        re.compile(
            r"(^|[.:])(filter|check|validate|scan)(Model|LLM|Ai)?"
            r"(Output|Response|Answer)\w*$",
            re.IGNORECASE,
        ),
    ),
    (
        "input-validation",
        re.compile(
            r"\.(safeParse|parseAsync|safeParseAsync)$|^zod::.*\.parse$|Schema\.parse$"
            r"|zValidator$|validationResult$"
        ),
    ),
    (
        "sanitisation",
        re.compile(r"(dompurify|sanitize-html|xss|validator)::|DOMPurify\.sanitize$", re.IGNORECASE),
    ),
    ("retry", re.compile(r"^(p-retry|async-retry)::|\.withRetry$")),
    ("fallback", re.compile(r"\.withFallbacks$|(^|\.)fallback[A-Z]\w*$|createFallback$")),
    ("circuit-breaker", re.compile(r"^opossum::|circuitBreaker", re.IGNORECASE)),
    (
        "kill-switch",
        re.compile(
            r"(kill_?switch|emergency_?stop|halt_?agent|stop_?agent|(is|are)_?(ai|agents?)_?"
            r"(enabled|disabled|paused))",
            re.IGNORECASE,
        ),
    ),
    ("evaluation", re.compile(r"^(evalite|autoevals|promptfoo|vitest-evals)::")),
    ("metric", re.compile(r"^prom-client::|\.(startTimer|recordMetric)$|^((?![Oo]bserver).)*\.observe$")),
    ("alert", re.compile(r"(pagerduty|opsgenie)|(^|\.)(sendAlert|raiseAlert|notifyOnCall)$", re.IGNORECASE)),
    ("audit-log", re.compile(r"(^|\.)(audit|auditLog|logAudit|writeAudit)\w*(\.\w+)?$")),
    ("digest-check", re.compile(r"(^|\.)(verify(Checksum|Hash|Digest|Integrity))$")),
    ("signature-check", re.compile(r"^(node:)?crypto::(verify|createVerify)$|^sigstore::verify$")),
    ("encryption", re.compile(r"^(node:)?crypto::createCipheriv$")),
    (
        "rollback",
        re.compile(
            r"(^|\.)(rollback(To|Model|Prompt|Version)?\w*|restore(Version|Snapshot"
            r"|Previous)\w*)$"
        ),
    ),
    (
        "feedback-training",
        re.compile(r"(fineTuning|fine_tuning)\.jobs\.create$|(^|\.)(trainOnFeedback|retrain\w*)$"),
    ),
    ("erasure", re.compile(r"(^|\.)(eraseUser|purge|deleteUserData|forgetUser)\w*$")),
    ("canary", re.compile(r"canary(Token)?\w*$", re.IGNORECASE)),
)


@functools.lru_cache(maxsize=4_096)
def safeguard_kind(name: str) -> str:
    """Kind of safeguard that a function's name announces; empty if none."""
    return next((kind for kind, shape in _KINDS if shape.search(name)), "") if len(name) < 100 else ""


def safeguard_facts(values: Values) -> Iterator[Fact]:
    """Definitions, uses, fail-open handlers, limits and mechanisms of the module."""
    yield from _definitions(values)
    yield from _uses(values)
    for attempt in values.module.attempts:
        yield from _fail_open(values, attempt)
    for call in values.module.calls:
        yield from _caught_open(values, call)
    yield from _limits(values)
    for call in values.module.calls:
        yield from _mechanism(values, call)


def _definitions(values: Values) -> Iterator[Fact]:
    module = values.module
    for function in module.functions:
        kind = safeguard_kind(function.name)
        if kind and function.node is not None:
            declared = (
                1 if function.node.type == "arrow_function" or "declaration" in function.node.type else 0
            )
            hook = function.name in ("middleware", "proxy") or re.search(
                r"(^|/)hooks\.server\.[jt]s$", module.path
            )
            yield SafeguardDefinition(
                at=Location(module.path, line_of(function.node)),
                name=function.name,
                kind=kind,
                used=module.names.get(function.name, 0) > declared or bool(hook),
                trivial=_trivial(function),
            )


def _trivial(function: Function) -> bool:
    """The body is empty, or one statement that returns true or passes on."""
    body = function.node.child_by_field_name("body") if function.node is not None else None
    if body is None:
        return False
    if body.type != "statement_block":
        return body.type == "true"
    statements = [s for s in body.named_children if s.type != "comment"]
    plain = [s for s in statements if not text(s, 40).startswith(("console.", "logger.", "log."))]
    return not plain or (
        len(plain) == 1
        and re.fullmatch(r"(return\s+(true|next\(\)|await next\(\))|next\(\)|return);?", text(plain[0], 60))
        is not None
    )


def _uses(values: Values) -> Iterator[Fact]:
    module = values.module
    defined = {f.name for f in module.functions}
    for name in sorted(module.names):
        if safeguard_kind(name) and (name not in defined or module.names[name] > 1):
            yield SafeguardUse(at=Location(module.path, 1), name=name)


def _fail_open(values: Values, attempt: Attempt) -> Iterator[Fact]:
    handler = attempt.node.child_by_field_name("handler")
    body = attempt.node.child_by_field_name("body")
    if handler is None or body is None:
        return
    caught = text(handler.child_by_field_name("body"), 4_000)
    guarded = _guarded_within(values, attempt, body)
    enclosing = safeguard_kind(attempt.function.name)
    if not (guarded or enclosing) or _REFUSES.search(caught):
        return
    allows = _ALLOWS.search(caught)
    if allows is None and (not guarded or re.search(r"\breturn\b", caught)):
        return
    if allows is None and _decided_later(attempt, body):
        return
    yield FailOpen(
        at=Location(values.module.path, line_of(handler)),
        function=attempt.function.qualified,
        safeguard=guarded or attempt.function.name,
        how="returns True" if allows and "true" in allows.group(0) else "continues without it",
    )


def _caught_open(values: Values, call: Call) -> Iterator[Fact]:
    """`isAllowed(text).catch(() => true)`."""
    if call.target.type != "member_expression" or len(call.arguments) != 1:
        return
    if text(call.target.child_by_field_name("property"), 20) != "catch":
        return
    asked = values.call_of(call.target.child_by_field_name("object"))
    name = values.call_name(asked).rpartition("::")[2].rpartition(".")[2] if asked is not None else ""
    allows = _YES.fullmatch(text(call.arguments[0], 200)) is not None
    if allows and safeguard_kind(name) not in ("", "redaction") and not _BLOCKS.search(name):
        yield FailOpen(
            at=Location(values.module.path, call.line),
            function=call.function.qualified,
            safeguard=name,
            how="returns True",
        )


_YES = re.compile(
    r"(async\s+)?\(?\w*\)?\s*=>\s*"
    r"(true|\{\s*return true;?\s*\}|\(\{\s*(allowed|ok|safe|valid)\s*:\s*true\s*\}\))"
)
_BLOCKS = re.compile(r"detect|block|inject|jailbreak|toxic|harm|unsafe|flag", re.IGNORECASE)


def _guarded_within(values: Values, attempt: Attempt, body: "Node") -> str:
    """The safeguard called for its refusal in the try block: as a statement or a condition."""
    for call in attempt.function.calls:
        if body.start_byte <= call.node.start_byte < body.end_byte and not call.new:
            name = values.call_name(call).rpartition("::")[2].rpartition(".")[2]
            if safeguard_kind(name) and safeguard_kind(name) != "redaction":
                return name
    return ""


def _decided_later(attempt: Attempt, body: "Node") -> bool:
    """The try block returns, so what follows it is not the unguarded path; it answers the failure."""
    return any(c.type == "return_statement" for c in body.named_children)


def _limits(values: Values) -> Iterator[Fact]:
    module = values.module
    for node, _, _ in module.objects:
        for child in node.named_children[:60]:
            key = text(child.child_by_field_name("key"), 40).strip("'\"") if child.type == "pair" else ""
            kind = _KEY_KIND.get(key)
            if kind:
                value = child.child_by_field_name("value")
                yield Limit(
                    at=Location(module.path, line_of(child)),
                    kind=kind,
                    name=key,
                    value=text(value, 40),
                    enforced=True,
                )
    for call in module.calls:
        yield from _limit_call(values, call)


def _limit_call(values: Values, call: Call) -> Iterator[Fact]:
    name = values.call_name(call)
    place = Location(values.module.path, call.line)
    shown = text(call.arguments[0], 40) if call.arguments else ""
    if re.search(r"(stepCountIs|isStepCount)$", name):
        yield Limit(at=place, kind="iterations", name="stepCountIs", value=shown, enforced=True)
    elif name == "AbortSignal.timeout":
        yield Limit(at=place, kind="timeout", name=name, value=shown, enforced=True)
    elif re.search(
        r"^(express-rate-limit|@upstash/ratelimit|rate-limiter-flexible|hono-rate-limiter"
        r"|@fastify/rate-limit"
        r"|koa-ratelimit)::(?!.*\)\.)",
        name,
    ):
        options = values.properties(call.arguments[0], call.function) if call.arguments else {}
        value = text(options.get("max") or options.get("limit") or options.get("points"), 40)
        yield Limit(
            at=place, kind="rate", name=name.replace("::", ".").rstrip("."), value=value, enforced=True
        )
    elif name.startswith("p-limit::"):
        yield Limit(at=place, kind="concurrency", name="p-limit", value=shown, enforced=True)


def _mechanism(values: Values, call: Call) -> Iterator[Fact]:
    name = values.call_name(call)
    if not name or name.startswith(("console.", "Math.", "JSON.")):
        return
    kind = _mechanism_kind(name)
    if kind:
        yield Mechanism(
            at=Location(values.module.path, call.line),
            kind=kind,
            name=name.replace("::", ".").rstrip(".")[:80],
            function=call.function.qualified,
        )


@functools.lru_cache(maxsize=4_096)
def _mechanism_kind(name: str) -> str:
    """Most files call the same few names, so each is looked up once."""
    return next((kind for kind, shape in _MECHANISMS if shape.search(name)), "")

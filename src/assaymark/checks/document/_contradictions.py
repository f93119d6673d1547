"""A claim in a document against what the code shows: one small rule a subject."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from assaymark.checks._check import at
from assaymark.observation import Detail
from assaymark.scan.facts import (
    ActionUse,
    CiJob,
    Claim,
    ContainerBuild,
    Dependency,
    DynamicExecution,
    Effect,
    Endpoint,
    Fact,
    HubReference,
    Limit,
    LlmCall,
    Lockfile,
    LogSite,
    Mechanism,
    ModelFile,
    Origin,
    SafeguardUse,
    ToolDefinition,
    TraceExport,
)
from assaymark.scan.paths import is_example_path, is_test_path

__all__ = ["Reality", "contradictions"]

_ACTING = {Effect.PAY, Effect.SEND, Effect.DELETE, Effect.EXECUTE}
_WRITING = {Effect.WRITE, Effect.DELETE}
_FOREIGN = {Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.REQUEST, Origin.RETRIEVED}
_REMOTE = {
    "openai",
    "anthropic",
    "cohere",
    "mistralai",
    "google-genai",
    "google-generativeai",
    "groq",
    "together",
}
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal", "ollama")  # noqa: S104 - names to compare
_OPEN_ROUTES = (
    "health",
    "ready",
    "live",
    "ping",
    "metrics",
    "docs",
    "openapi",
    "login",
    "static",
    "favicon",
    "version",
)

F = TypeVar("F", bound=Fact)

_EVERY = {"api", "http", "rest", "public", "single", "exposed", "incoming", "network", "of", "the", "other"}
"""Words before "endpoint" that still mean all of them; any other word narrows the claim to such routes."""

Verdict = list[Detail] | None
"""Details that contradict the claim, an empty list if the code agrees, None if nothing can be compared."""


class Reality(Struct, frozen=True, kw_only=True):
    """What the code shows, tests and examples left out."""

    actions: tuple[ActionUse, ...] = ()
    jobs: tuple[CiJob, ...] = ()
    containers: tuple[ContainerBuild, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    locks: tuple[Lockfile, ...] = ()
    executions: tuple[DynamicExecution, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    references: tuple[HubReference, ...] = ()
    limits: tuple[Limit, ...] = ()
    calls: tuple[LlmCall, ...] = ()
    logs: tuple[LogSite, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    models: tuple[ModelFile, ...] = ()
    safeguards: tuple[SafeguardUse, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    traces: tuple[TraceExport, ...] = ()


def contradictions(claim: Claim, reality: Reality) -> Verdict:
    """What speaks against `claim`; see `Verdict`."""
    rule = _RULES.get(claim.subject)
    return rule(claim, reality) if rule else None


def _product(facts: Sequence[F]) -> list[F]:
    return [f for f in facts if not is_test_path(f.at.path) and not is_example_path(f.at.path)]


def _told(facts: Sequence[F], bad: Callable[[F], bool], text: Callable[[F], str]) -> Verdict:
    """The `bad` among the product's facts; None if there are no facts."""
    kept = _product(facts)
    return [at(text(f), f) for f in kept if bad(f)] if kept else None


def _guarded_route(endpoint: Endpoint) -> bool:
    route = endpoint.route.strip("/").lower()
    return bool(route) and not any(word in route for word in _OPEN_ROUTES)


def _rate_limit(claim: Claim, reality: Reality) -> Verdict:
    rates = [limit for limit in _product(reality.limits) if limit.kind == "rate"]
    served = [e for e in _product(reality.endpoints) if _guarded_route(e)]
    if rates:
        numbers = {digits for limit in rates for digits in _numbers(limit.value)}
        known = claim.value and numbers and all(limit.value for limit in rates)
        if known and claim.value not in numbers:
            return [at(f"The code limits to {r.value}, not to {claim.value}.", r) for r in rates]
        unused = [at(f"{r.name} is set but limits nothing.", r) for r in rates if r.enforced is False]
        return unused if len(unused) == len(rates) else []
    if not served or any(e.rate_limited is not False for e in served):
        return [] if any(e.rate_limited for e in served) else None
    return [at(f"{e.method} {e.route} has no rate limit.", e) for e in served]


def _numbers(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


def _authentication(claim: Claim, reality: Reality) -> Verdict:
    subject = "" if claim.value in _EVERY else claim.value
    served = [e for e in reality.endpoints if _guarded_route(e) and subject in e.route.lower()]
    return _told(
        served, lambda e: e.authenticated is False, lambda e: f"{e.method} {e.route} checks no identity."
    )


def _no_logging(claim: Claim, reality: Reality) -> Verdict:
    logs = _told(reality.logs, lambda f: f.content, lambda f: f"Content goes to {f.sink} here.")
    traces = _told(
        reality.traces, lambda f: f.content is True, lambda f: f"Content goes to {f.destination} here."
    )
    return None if logs is None and traces is None else [*(logs or []), *(traces or [])]


def _sandbox(claim: Claim, reality: Reality) -> Verdict:
    return _told(
        [e for e in reality.executions if e.effect is Effect.EXECUTE and e.origin in _FOREIGN],
        lambda e: e.sandboxed is False,
        lambda e: f"{e.callee} runs {e.origin} outside any sandbox.",
    )


def _read_only(claim: Claim, reality: Reality) -> Verdict:
    if not any(word in claim.text.lower() for word in ("tool", "agent", "assistant", "model", "llm")):
        return None
    return _told(
        reality.tools,
        lambda t: bool(_WRITING & set(t.effects)),
        lambda t: f"Tool {t.name} can {' and '.join(e.value for e in t.effects)}.",
    )


def _pinned(claim: Claim, reality: Reality) -> Verdict:
    if claim.value.startswith("dependenc"):
        loose = _told(
            reality.dependencies, lambda d: not d.pinned, lambda d: f"{d.name} {d.spec or 'any version'}."
        )
        return [] if _product(reality.locks) else loose
    if claim.value.startswith("action"):
        return _told(reality.actions, lambda a: not a.pinned, lambda a: f"{a.name}@{a.version} can move.")
    if claim.value.startswith("image"):
        return _told(
            reality.containers, lambda c: not c.pinned, lambda c: f"Base {', '.join(c.bases)[:120]} can move."
        )
    return _told(
        [r for r in reality.references if r.name and not r.local and r.kind in ("model", "tokenizer")],
        lambda r: not r.pinned and not r.revision_passed,
        lambda r: f"{r.name} is loaded at {r.revision or 'its newest revision'}.",
    )


def _safe_format(claim: Claim, reality: Reality) -> Verdict:
    return _told(
        reality.models,
        lambda m: m.runs_code is True,
        lambda m: f"A {m.format} file, whose loader can run code.",
    )


def _human_approval(claim: Claim, reality: Reality) -> Verdict:
    return _told(
        [t for t in reality.tools if _ACTING & set(t.effects)],
        lambda t: t.approval is False,
        lambda t: f"Tool {t.name} can {' and '.join(e.value for e in t.effects)} without asking.",
    )


def _local_only(claim: Claim, reality: Reality) -> Verdict:
    calls = _told(
        reality.calls,
        lambda c: c.client in _REMOTE and not any(host in c.base_url for host in _LOCAL_HOSTS),
        lambda c: f"{c.client} is called at {c.base_url or 'its public address'}.",
    )
    traces = _told(reality.traces, lambda t: t.content is True, lambda t: f"Content goes to {t.destination}.")
    return None if calls is None and traces is None else [*(calls or []), *(traces or [])]


def _no_telemetry(claim: Claim, reality: Reality) -> Verdict:
    return _told(
        reality.traces,
        lambda t: t.on_by_default is True,
        lambda t: f"{t.destination} is on by default.",
    )


def _bounded(
    kind: str, unbounded: Callable[[LlmCall], bool], text: str
) -> Callable[[Claim, Reality], Verdict]:
    def rule(claim: Claim, reality: Reality) -> Verdict:
        if any(limit.kind == kind for limit in _product(reality.limits)):
            return []
        calls = _product(reality.calls)
        if not calls:
            return None
        loose = [c for c in calls if unbounded(c)]
        return (
            [at(f"The call of {c.client} sets no {text}.", c) for c in loose]
            if len(loose) == len(calls)
            else []
        )

    return rule


def _max_upload(claim: Claim, reality: Reality) -> Verdict:
    if any(limit.kind == "size" and limit.enforced is not False for limit in _product(reality.limits)):
        return []
    accepting = [e for e in reality.endpoints if e.method in ("POST", "PUT", "PATCH") and _uploads(e)]
    return _told(
        accepting,
        lambda e: e.bounded_input is False,
        lambda e: f"{e.method} {e.route} accepts any size.",
    )


def _uploads(endpoint: Endpoint) -> bool:
    return any(
        word in f"{endpoint.route} {endpoint.handler}".lower()
        for word in ("upload", "file", "document", "ingest")
    )


def _validated(claim: Claim, reality: Reality) -> Verdict:
    changing = [e for e in reality.endpoints if e.method in ("POST", "PUT", "PATCH")]
    return _told(
        changing, lambda e: e.validated is False, lambda e: f"{e.method} {e.route} validates nothing."
    )


def _moderation(claim: Claim, reality: Reality) -> Verdict:
    calls = _product(reality.calls)
    guards = [
        m for m in _product(reality.mechanisms) if m.kind in ("guardrail", "moderation", "output-filter")
    ]
    if not calls:
        return None
    if guards or len(_product(reality.safeguards)) > 0:
        return []
    return [at(f"{c.client} is called here; no moderation was found anywhere in the code.", c) for c in calls]


def _signed(claim: Claim, reality: Reality) -> Verdict:
    releasing = [j for j in reality.jobs if j.releases]
    if any(j.signs for j in reality.jobs):
        return []
    return _told(releasing, lambda j: True, lambda j: f"Job {j.name} releases without signing.")


def _tested(claim: Claim, reality: Reality) -> Verdict:
    releasing = [j for j in reality.jobs if j.releases or j.deploys]
    return _told(
        releasing, lambda j: j.gated is False, lambda j: f"Job {j.name} releases without waiting for tests."
    )


_RULES: dict[str, Callable[[Claim, Reality], Verdict]] = {
    "rate-limit": _rate_limit,
    "authentication": _authentication,
    "no-logging": _no_logging,
    "sandbox": _sandbox,
    "read-only": _read_only,
    "pinned": _pinned,
    "safe-format": _safe_format,
    "human-approval": _human_approval,
    "local-only": _local_only,
    "no-telemetry": _no_telemetry,
    "timeout": _bounded("timeout", lambda c: c.timeout is False, "time-out"),
    "token-limit": _bounded("tokens", lambda c: c.token_limit is False, "limit of tokens"),
    "max-upload": _max_upload,
    "input-validation": _validated,
    "moderation": _moderation,
    "signed": _signed,
    "tested": _tested,
}

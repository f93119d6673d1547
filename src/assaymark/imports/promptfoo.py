"""promptfoo's results, as `promptfoo eval -o results.json` and `promptfoo redteam` write them.

Field names as `promptfoo/promptfoo` writes them (`src/types/index.ts`; output of 0.121.20 compared):
`evalId`, `metadata` with `promptfooVersion` and `evaluationCreatedAt`, `results` with `version` (2 or 3),
`timestamp` and `results[]`: `success`, `failureReason` (0 none, 1 an assertion, 2 an error), `error`,
`provider` with `id`, `metadata` or `testCase.metadata` with `pluginId` and `strategyId`,
`gradingResult.componentResults[]` with `assertion.type`.

Only tests with a red-team plugin are attacks; others test how good the answers are. A test that did not
succeed is an attack that did. What a plugin seeks is told by its name. Assertions on the text itself
(`not-contains`, `regex` …) measure; those of red-team plugins ask a model. Each provider is told apart and
binds what is said of it; an address, a script and `echo` name no model.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from assaymark.errors import UsageError
from assaymark.imports.attacks import Aim, Run, Trial, attack_info, attack_statements, model_of
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_object, listed, mapping, number, words
from assaymark.imports.report import ImportedReport, Statement, Tested

__all__ = ["IMPORTER"]

_PROVIDERS = 20
"""Providers of one report that are told apart."""
_AIMS = (
    (Aim.UNEXPECTED, re.compile(r"ascii-smuggling|special-token-injection|reasoning-dos")),
    (
        Aim.EXTRACT,
        re.compile(
            r"pii|prompt-extraction|cross-session-leak|exfil|disclosure|leak|divergent-repetition|harmful:privacy|"
            r"model-identification|tool-discovery|secret-"
        ),
    ),
    (
        Aim.INFLUENCE,
        re.compile(
            r"agentic|bfla|bola|coding-agent|debug-access|excessive-agency|mcp|rag-poisoning|rbac|shell-injection|"
            r"sql-injection|ssrf"
        ),
    ),
)
_NO_ATTACK = re.compile(
    r"(?:.*:)?hallucination\Z|(?:competitors|contracts|imitation|off-topic|overreliance|politics|religion|"
    r"unverifiable-claims|wordplay|xstest)\Z|.*:calculation-error\Z"
)
_MEASURED = re.compile(
    r"(?:not-)?(?:contains(?:-all|-any|-json)?|icontains(?:-all|-any)?|equals|is-json|regex|starts-with)\Z"
)
_APPLICATION = re.compile(r"(?:browser|https?|mcp|webhook|websocket|wss?)(?::|\Z)", re.IGNORECASE)
_SCRIPT = re.compile(r"(?:exec|file|golang|javascript|python|ruby)(?::|\Z)", re.IGNORECASE)
_ERROR = 2


class _Result(Struct, frozen=True):
    provider: str
    attack: str
    aim: Aim | None
    """None for what is no attack."""
    hit: bool | None
    """None without a verdict."""
    measured: bool


def _recognise(head: bytes, _: str) -> bool:
    return all(re.search(p, head) for p in (rb'(?<!\\)"evalId"\s*:', rb'(?<!\\)"results"\s*:\s*\{'))


def _read(data: bytes, name: str) -> ImportedReport:
    report = json_object(data, name)
    inner = mapping(report.get("results"))
    if not isinstance(inner.get("results"), list):
        raise UsageError(
            f"{name} has no list of results.", "Give what `promptfoo eval -o results.json` wrote."
        )
    results = [_result(mapping(r)) for r in listed(inner.get("results"))]
    providers = list(Counter(r.provider for r in results))
    alone = len(providers) == 1
    facts = mapping(report.get("metadata"))
    found = [s for p in providers[:_PROVIDERS] for s in _statements(p, results, alone=alone)]
    made_at = words(facts.get("evaluationCreatedAt"), 40) or words(inner.get("timestamp"), 40)
    return ImportedReport(
        importer=INFO.id,
        tool="promptfoo",
        tool_version=words(facts.get("promptfooVersion"), 60),
        made_at=made_at,
        tested=_model(providers[0]) if alone else (),
        statements=tuple(found) or attack_statements(Run(trials=(), target="nothing")),
        problems=(f"{name} names {len(providers):,} providers; the first {_PROVIDERS} were read.",)
        if len(providers) > _PROVIDERS
        else (),
    )


def _statements(provider: str, results: list[_Result], *, alone: bool) -> Iterator[Statement]:
    own = [r for r in results if r.provider == provider]
    attacks = [r for r in own if r.aim is not None]
    void = "it is about promptfoo's own echo, not about a model" if provider == "echo" else ""
    if not attacks and not void:
        void = f"none of its tests of {provider} is an attack by a red-team plugin"
    run = Run(
        trials=tuple(_trials(attacks)),
        target=provider,
        application=_APPLICATION.match(provider) is not None,
        unjudged=sum(r.hit is None for r in attacks),
        others=len(own) - len(attacks),
        void=void,
    )
    for statement in attack_statements(run):
        yield statement if alone else replace(statement, tested=_model(provider))


def _trials(attacks: list[_Result]) -> Iterator[Trial]:
    judged = [r for r in attacks if r.hit is not None and r.aim is not None]
    tried = Counter((r.attack, r.aim, r.measured) for r in judged)
    hits = Counter((r.attack, r.aim, r.measured) for r in judged if r.hit)
    for key, count in tried.items():
        attack, aim, measured = key
        yield Trial(attack=attack, aim=aim or Aim.RESIST, tried=count, hits=hits[key], measured=measured)


def _result(result: dict[str, Any]) -> _Result:
    raw = result.get("provider")
    provider = words(raw, 200) or words(mapping(raw).get("id"), 200) or "an unnamed provider"
    test = mapping(mapping(result.get("testCase")).get("metadata"))
    facts = {**test, **mapping(result.get("metadata"))}
    components = [mapping(c) for c in listed(mapping(result.get("gradingResult")).get("componentResults"))]
    kinds = [words(mapping(c.get("assertion")).get("type"), 200) for c in components]
    plugin = words(facts.get("pluginId"), 100) or _plugin(kinds)
    strategy = words(facts.get("strategyId"), 100)
    return _Result(
        provider=provider,
        attack=f"{plugin} by {strategy}" if strategy else plugin,
        aim=_aim(plugin),
        hit=_hit(result),
        measured=bool(kinds) and all(_MEASURED.match(kind) for kind in kinds),
    )


def _plugin(kinds: list[str]) -> str:
    prefix = "promptfoo:redteam:"
    return next((k.removeprefix(prefix) for k in kinds if k.startswith(prefix)), "")


def _aim(plugin: str) -> Aim | None:
    if not plugin or _NO_ATTACK.match(plugin):
        return None
    return next((aim for aim, pattern in _AIMS if pattern.search(plugin)), Aim.RESIST)


def _hit(result: dict[str, Any]) -> bool | None:
    success = result.get("success")
    failed = number(result.get("failureReason")) == _ERROR
    if not isinstance(success, bool) or failed or (not success and not mapping(result.get("gradingResult"))):
        return None
    return not success


def _model(provider: str) -> tuple[Tested, ...]:
    bare = (
        _APPLICATION.match(provider) or _SCRIPT.match(provider) or provider in ("echo", "an unnamed provider")
    )
    return () if bare else model_of(provider)


INFO = attack_info(
    "import_promptfoo",
    "promptfoo",
    "Tests without a red-team plugin are not weighed, whatever they test.",
)

IMPORTER = Importer(
    format="promptfoo",
    reads="promptfoo 0.60 to 0.121, `-o results.json`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

"""Reports of attacks as their tools write them, each made here from the documented shape."""

import io
import json
import zipfile
from typing import Any

__all__ = [
    "ASR",
    "archive",
    "attack",
    "evaluation",
    "garak",
    "inspect",
    "promptfoo",
    "pyrit",
    "scenario",
    "tried",
]

ASR = {"name": "attack_success_rate", "value": 0.25, "params": {}}
"""A metric of Inspect that says what it is."""


def evaluation(passed: int = 9, total: int = 10, **more: Any) -> dict[str, Any]:
    """One evaluation of garak: `passed` of `total` outputs held."""
    return {
        "entry_type": "eval",
        "probe": "promptinject.HijackHateHumans",
        "detector": "promptinject.AttackRogueString",
        "passed": passed,
        "fails": total - passed,
        "nones": 0,
        "total_evaluated": total,
        "total_processed": total,
        **more,
    }


def garak(
    *entries: dict[str, Any], target: str = "openai.OpenAIGenerator", name: str = "gpt-4o-2024-08-06"
) -> bytes:
    """A whole report with these evaluations, as garak 0.17.1 writes it."""
    lines = [
        {
            "entry_type": "start_run setup",
            "_config.version": "0.17.1",
            "plugins.target_type": target,
            "plugins.target_name": name,
        },
        {"entry_type": "init", "garak_version": "0.17.1", "start_time": "2026-11-20T10:00:00.1", "run": "r"},
        {"entry_type": "attempt", "uuid": "u", "status": 2, "probe_classname": "x.Y", "outputs": []},
        *(entries or (evaluation(),)),
        {"entry_type": "completion", "end_time": "2026-11-20T10:05:00.1", "run": "r"},
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def tried(
    plugin: str = "hijacking",
    *,
    success: bool = True,
    kind: str = "promptfoo:redteam:hijacking",
    provider: Any = "openai:gpt-4o-2024-08-06",
    **more: Any,
) -> dict[str, Any]:
    """One result of promptfoo; `success` means that the attack failed."""
    component = {"pass": success, "score": int(success), "reason": "r", "assertion": {"type": kind}}
    return {
        "provider": {"id": provider, "label": ""} if isinstance(provider, str) else provider,
        "success": success,
        "score": int(success),
        "failureReason": 0 if success else 1,
        "gradingResult": {"pass": success, "componentResults": [component]},
        "testCase": {"vars": {}, "metadata": {"pluginId": plugin} if plugin else {}},
        "metadata": {"strategyId": "basic"},
        **more,
    }


def promptfoo(*results: dict[str, Any]) -> dict[str, Any]:
    """What `promptfoo eval -o results.json` writes."""
    return {
        "evalId": "eval-Wy5-2026-11-20T10:00:00",
        "results": {
            "version": 3,
            "timestamp": "2026-11-20T10:00:00.000Z",
            "prompts": [],
            "results": list(results or (tried(), tried(success=False))),
            "stats": {"successes": 1, "failures": 1, "errors": 0},
        },
        "config": {},
        "metadata": {"promptfooVersion": "0.121.20", "evaluationCreatedAt": "2026-11-20T10:00:00.446Z"},
    }


def _identifier(name: str, **more: Any) -> dict[str, Any]:
    return {"class_name": name, "class_module": "pyrit", "hash": "0" * 64, "pyrit_version": "1.1.0", **more}


def attack(
    outcome: str = "success",
    *,
    scorer: str = "SelfAskTrueFalseScorer",
    target: str = "OpenAIChatTarget",
    model: str = "gpt-4o-2024-08-06",
    harms: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """One AttackResult of PyRIT 1.1.0."""
    reached = _identifier(target, endpoint="https://example.org", **({"model_name": model} if model else {}))
    strategy = _identifier("PromptSendingAttack", children={"objective_target": reached})
    technique = _identifier("AttackTechnique", children={"attack": strategy})
    score = {
        "score_value": "True",
        "score_type": "true_false",
        "status": "complete",
        "scorer_class_identifier": _identifier(scorer),
    }
    return {
        "conversation_id": "c",
        "objective": "o",
        "attack_result_id": "a",
        "atomic_attack_identifier": _identifier("AtomicAttack", children={"attack_technique": technique}),
        "last_response": None,
        "last_score": score,
        "outcome": outcome,
        "timestamp": "2026-11-20T10:00:00.1Z",
        "targeted_harm_categories": list(harms),
        **more,
    }


def scenario(*attacks: dict[str, Any]) -> dict[str, Any]:
    """A ScenarioResult of PyRIT 1.1.0."""
    return {
        "id": "s",
        "scenario_identifier": _identifier("ContentHarms", version=1),
        "attack_results": {"first": list(attacks or (attack(), attack("failure")))},
        "scenario_run_state": "COMPLETED",
        "completion_time": "2026-11-20T10:05:00Z",
    }


def pyrit(*scores: dict[str, Any], role: str = "assistant") -> list[dict[str, Any]]:
    """An export of PyRIT's memory as version 0.9 writes it: one message with these scores."""
    base = {
        "score_type": "true_false",
        "score_value": "True",
        "score_category": "hate",
        "scorer_class_identifier": {"__type__": "SelfAskTrueFalseScorer", "__module__": "pyrit.score"},
    }
    return [
        {
            "role": role,
            "conversation_id": "c",
            "timestamp": "2026-11-20T10:00:00",
            "prompt_target_identifier": {"__type__": "HTTPTarget", "__module__": "pyrit.prompt_target"},
            "orchestrator_identifier": {"__type__": "RedTeamingOrchestrator"},
            "converted_value_data_type": "text",
            "converted_value": "x",
            "response_error": "none",
            "scores": [{**base, **score} for score in scores],
        }
    ]


def inspect(
    metrics: dict[str, Any] | None = None,
    *,
    task: str = "agentdojo",
    model: str = "openai/gpt-4o-2024-08-06",
    revision: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A log of Inspect without its samples."""
    found = {"attack_success_rate": ASR} if metrics is None else metrics
    spec = {
        "created": "2026-11-20T10:00:00+00:00",
        "task": task,
        "model": model,
        "tags": [],
        "metadata": {},
        "packages": {"inspect_ai": "0.3.285"},
        **({"revision": revision} if revision else {}),
    }
    score = {"name": "s", "scorer": "s", "scored_samples": 40, "unscored_samples": 0, "metrics": found}
    return {
        "version": 2,
        "status": "success",
        "eval": {**spec, **more.pop("eval", {})},
        "results": {"total_samples": 40, "completed_samples": 40, "scores": [score]},
        "stats": {"started_at": "2026-11-20T10:00:00+00:00", "completed_at": "2026-11-20T10:05:00+00:00"},
        **more,
    }


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An `.eval` file with these members, by the standard library."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, content in members:
            written.writestr(name, content)
    return file.getvalue()

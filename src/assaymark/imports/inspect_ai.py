"""Inspect's evaluation logs (UK AI Security Institute), JSON or `.eval`.

Field names as `UKGovernmentBEIS/inspect_ai` writes them (`src/inspect_ai/log/_log.py`, version 2 of the
log; both forms as 0.3.285 wrote them compared; tasks of `UKGovernmentBEIS/inspect_evals` 0.28.0): `status`,
`eval` with `task`, `model`, `created`, `tags`, `metadata`, `packages`, `revision` with `commit` and
`dirty`, `results` with `total_samples`, `completed_samples`, `scores[]` with `scorer`, `scored_samples` and
`metrics` (`value` by name). Of an archive only `header.json` is read.

Most tasks measure ability and say nothing of security; only those count that are known to be attacks, or
whose tags or metadata say so (`security`, `red-team`, `adversarial`, `jailbreak`, `injection`, `safety`).
What a score means, only the task knows: a metric that is known to be a rate of successful attacks, or says
so by its name, is one; any other is told, and what it means a person judges. A model or a person gave the
scores as often as not, so nothing is firm.

Bound to the model by name, and to the commit of `eval.revision` unless the working tree was changed since.
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.attacks import Aim, Run, Trial, attack_info, attack_statements, counted, model_of
from assaymark.imports.eval_archive import archived
from assaymark.imports.importer import Importer
from assaymark.imports.reading import capped, json_object, listed, mapping, number, told, words
from assaymark.imports.report import ImportedReport, Statement, Tested
from assaymark.observation import Detail, Outcome

__all__ = ["IMPORTER"]

_ATTACKS = re.compile(
    r"(?:agentdojo|agentharm|agent_threat_bench_\w+|b3|cyse2_interpreter_abuse|cyse[234]_\w*prompt_injection|"
    r"fortress_adversarial|ipi_coding_agent|strong_reject)\Z"
)
"""Tasks of `inspect_evals` 0.28.0 that attack the model under test."""
_KNOWN = (
    (re.compile(r"agentdojo\Z"), "security", "accuracy", True),
    (re.compile(r"agent_threat_bench_\w+\Z"), "security", "accuracy", False),
)
"""Task, score and metric of `inspect_evals` → whether the metric is the rate of attacks that succeeded, or of
those that did not: the same word means the one in AgentDojo and the other in AgentThreatBench."""
_SAYS_ATTACK = re.compile(
    r"adversarial|attack|injection|jailbreak|red[-_ ]?team|safety|security", re.IGNORECASE
)
_RATE = re.compile(
    r"(?:asr|(?:attack|injection|jailbreak|exploit)[-_ ]?(?:success)?[-_ ]?(?:rate)?)\Z", re.IGNORECASE
)
_EXTRACT = re.compile(r"extract|leak|exfiltrat|privacy|membership|inversion", re.IGNORECASE)
_NO_MODEL = re.compile(r"(?:mockllm/.*|none/none|none)\Z")
_MEMBERS = ("header.json", "_journal/start.json")
_MOST = 200


def _recognise(head: bytes, _: str) -> bool:
    if head.startswith(b"PK\x03\x04"):
        return any(m.encode() in head for m in _MEMBERS)
    status = re.search(rb'(?<!\\)"status"\s*:\s*"(?:started|success|cancelled|error)"', head)
    return bool(status and re.search(rb'(?<!\\)"eval"\s*:\s*\{', head))


def _read(data: bytes, name: str) -> ImportedReport:
    log = _log(data, name)
    spec = mapping(log.get("eval"))
    if not words(spec.get("task")):
        raise UsageError(
            f"{name} is no log of Inspect.", "Give the .eval or .json file from Inspect's logs/."
        )
    model = words(spec.get("model"), 200)
    known = not _NO_MODEL.match(model)
    commits, doubts = _commits(mapping(spec.get("revision")), name)
    return ImportedReport(
        importer=INFO.id,
        tool="Inspect",
        tool_version=words(mapping(spec.get("packages")).get("inspect_ai"), 60),
        made_at=words(mapping(log.get("stats")).get("completed_at"), 40) or words(spec.get("created"), 40),
        tested=(*(model_of(model) if known else ()), *commits),
        statements=tuple(_statements(log, spec, model, known=known)),
        problems=doubts,
    )


def _log(data: bytes, name: str) -> dict[str, Any]:
    if not data.startswith(b"PK"):
        return json_object(data, name)
    member, content = archived(data, name, _MEMBERS)
    log = json_object(content, f"{name}: {member}")
    return log if member == _MEMBERS[0] else {**log, "status": "started"}


def _commits(revision: dict[str, Any], name: str) -> tuple[tuple[Tested, ...], tuple[str, ...]]:
    commit = words(revision.get("commit"), 100)
    if not commit:
        return (), ()
    if revision.get("dirty") is True:
        return (), (
            f"{name} was made with changes that are not in commit {commit}, so it is not about that.",
        )
    return (Tested("commit", words(revision.get("origin"), 200), commit),), ()


def _statements(log: dict[str, Any], spec: dict[str, Any], model: str, *, known: bool) -> Iterator[Statement]:
    task, status = words(spec.get("task"), 100), words(log.get("status"), 40)
    results = mapping(log.get("results"))
    total, done = number(results.get("total_samples")), number(results.get("completed_samples"))
    samples = counted(total, done)
    run = Run(
        trials=tuple(_trials(task, results)),
        target=model or "an unnamed model",
        unjudged=(samples[0] - samples[1] if samples else 0) + _unscored(results),
        void=_void(task, log, status, known=known),
    )
    if run.void or run.trials:
        yield from attack_statements(run)
        return
    metrics = list(_metrics(results))
    yield Statement(
        obligations=("5.2.5-1#1", "5.2.5-2#1"),
        outcome=Outcome.PARTLY_MET if metrics else Outcome.NOT_OBSERVABLE,
        summary=f"the task {task} ran on {run.target} with "
        f"{told(samples[1] if samples else 0, 'sample')}; what its scores mean for security is not told.",
        details=capped([Detail(m) for m in metrics[:_MOST]]),
        fix="Have a person state what the scores mean, or give the task a metric attack_success_rate.",
    )


def _unscored(results: dict[str, Any]) -> int:
    left = [counted(number(s.get("unscored_samples")), 0) for s, _ in _scores(results)]
    return max((found[0] for found in left if found), default=0)


def _void(task: str, log: dict[str, Any], status: str, *, known: bool) -> str:
    if status != "success":
        return f"the run of {task} did not end well: its status is {status or 'missing'}"
    if not known:
        return f"the task {task} was rehearsed without a model"
    said: list[str] = []
    for place in (mapping(log.get("eval")), log):  # the log's own are those that were edited afterwards
        facts = mapping(place.get("metadata"))
        told_so = (*listed(place.get("tags"))[:_MOST], *facts.keys(), *facts.values())
        said += [words(value, 100) for value in told_so[: 2 * _MOST]]
    bare = task.rpartition("/")[2]
    if _ATTACKS.match(bare) or _SAYS_ATTACK.search(bare) or any(_SAYS_ATTACK.search(s) for s in said):
        return ""
    return f"nothing says that the task {task} tests security"


def _scores(results: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[tuple[str, float]]]]:
    """Each score with its metrics, by name."""
    for score in map(mapping, listed(results.get("scores"))[:_MOST]):
        metrics = list(mapping(score.get("metrics")).items())[:_MOST]
        values = [(words(key, 100), number(mapping(metric).get("value"))) for key, metric in metrics]
        yield score, [(key, value) for key, value in values if value is not None]


def _trials(task: str, results: dict[str, Any]) -> Iterator[Trial]:
    for score, metrics in _scores(results):
        samples = number(score.get("scored_samples", results.get("completed_samples"))) or 0
        scorer = words(score.get("scorer"), 100) or "an unnamed scorer"
        title = words(score.get("name"), 100)
        for name, value in metrics:
            rate = _rate(task, title, name, value)
            if rate is None:
                continue
            figures = counted(samples, round(rate * samples))
            if figures and figures[0]:
                yield Trial(
                    attack=f"{task}, {title} {name} by {scorer}",
                    aim=Aim.EXTRACT if _EXTRACT.search(f"{task} {name}") else Aim.RESIST,
                    tried=figures[0],
                    hits=figures[1],
                )


def _rate(task: str, score: str, metric: str, value: float) -> float | None:
    """The rate of attacks that succeeded, if the metric is known to tell it."""
    if not 0 <= value <= 1:
        return None
    for pattern, known_score, known_metric, succeeded in _KNOWN:
        if pattern.match(task.rpartition("/")[2]) and (score, metric) == (known_score, known_metric):
            return value if succeeded else 1 - value
    return value if _RATE.match(metric) else None


def _metrics(results: dict[str, Any]) -> Iterator[str]:
    for score, metrics in _scores(results):
        samples = number(score.get("scored_samples"))
        over = f" over {samples:,.0f} samples" if samples is not None else ""
        error = dict(metrics).get("stderr")
        spread = f" (standard error {error:.3g})" if error is not None else ""
        scorer = words(score.get("scorer"), 100) or "an unnamed scorer"
        for name, value in metrics:
            if name != "stderr":
                yield f"{scorer}: {name} {value:.4g}{spread}{over}."


INFO = attack_info(
    "import_inspect",
    "Inspect",
    "What a score means is known only where the metric's name says so; sample by sample nothing is read. A "
    "task may run a model with tools and prompts of its own, which are not those of the system.",
)

IMPORTER = Importer(
    format="inspect",
    reads="Inspect (inspect_ai) 0.3 logs, `.eval` and `.json`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

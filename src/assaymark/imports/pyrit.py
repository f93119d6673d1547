"""PyRIT's results: scenario results, attack results, scores, and its memory's export, as JSON or JSON lines.

Field names as `microsoft/PyRIT` writes them (1.1.0: `ScenarioResult.model_dump_json()` with
`attack_results` by name, `AttackResult` with `outcome`, `atomic_attack_identifier`, `last_score`,
`targeted_harm_categories`, output of it compared; 0.4 to 0.11: `memory.export_conversations` with `role`,
`scores[]` and `prompt_target_identifier` in each piece, `Score.to_dict()` with `score_type`, `score_value`,
`scorer_class_identifier`). Since 1.0 the memory's export holds no scores: then there is no verdict, and the
attack results are needed.

An attack's outcome is its verdict; `undetermined` and `error` are none. A score of type `true_false` on an
answer is one too, the other way round for a scorer of refusals; a score on a scale is none, since where it
begins to be bad the report does not say. Scorers of substrings and patterns measure; the others ask a model
or count words. Bound to the target's `model_name`; HTTP, browser and WebSocket targets are applications,
which name no version.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.imports.attacks import Aim, Run, Trial, attack_info, attack_statements, model_of
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_lines, json_value, listed, mapping, words
from assaymark.imports.report import ImportedReport

__all__ = ["IMPORTER"]

_MEASURED = re.compile(
    r"(?:Decoding|PackageHallucination|Regex|StaticPromptInjection|SubString|\w+Output|MarkdownInjection)Scorer\Z"
)
_APPLICATION = re.compile(r"(?:Crucible|Gandalf|HTTP|HTTPXAPI|Playwright\w*|WebSocket\w*|Websocket)Target\Z")
_REHEARSAL = re.compile(r"(?:AzureBlobStorage|Text)Target\Z")
_EXTRACT = re.compile(r"privacy|leak|\bpii\b|exfiltrat|extract|plagiar|copyright", re.IGNORECASE)
_INFLUENCE = re.compile(
    r"InsecureCode|PackageHallucination|\w+OutputScorer|MarkdownInjection|\bmalware\b", re.IGNORECASE
)
_VERDICTS = {"success": True, "failure": False}
_NO_SCORES = "it holds messages without scores, so no verdict"
_ADVICE = "Give the JSON of a ScenarioResult, of AttackResults or of scores, or an export of PyRIT's memory."


class _Judged(Struct, frozen=True):
    attack: str
    aim: Aim
    hit: bool | None
    """None without a verdict."""
    measured: bool
    target: str
    """Class of the target."""
    model: str


def _recognise(head: bytes, _: str) -> bool:
    keys = (rb"scorer_class_identifier", rb"converted_value_data_type", rb"atomic_attack_identifier")
    found = any(re.search(rb'(?<!\\)"' + key + rb'"\s*:', head) for key in keys)
    scenario = re.search(rb'(?<!\\)"scenario_(?:identifier|run_state)"\s*:', head)
    return bool(found or (scenario and re.search(rb'(?<!\\)"attack_results"\s*:', head)))


def _read(data: bytes, name: str) -> ImportedReport:
    records, problems = _records(data, name)
    kinds = {_kind(r) for r in records}
    if not kinds - {""}:
        raise UsageError(f"{name} holds no result of PyRIT.", _ADVICE)
    judged = [j for r in records for j in _judged(r)]
    targets = sorted({(j.target, j.model) for j in judged if j.target or j.model})
    models = sorted({model for _, model in targets if model})
    classes = {target for target, _ in targets}
    application = bool(classes) and all(_APPLICATION.match(c) for c in classes)
    void = _NO_SCORES if not judged and "piece" in kinds else ""
    if classes and all(_REHEARSAL.match(c) for c in classes):
        void = f"its target {', '.join(sorted(classes))} sends prompts to nobody"
    run = Run(
        trials=tuple(_trials(judged)),
        target=", ".join(f"{c} {m}".strip() for c, m in targets)[:300] or "an unnamed target",
        application=application,
        unjudged=sum(j.hit is None for j in judged),
        void=void,
    )
    return ImportedReport(
        importer=INFO.id,
        tool="PyRIT",
        tool_version=_version(records),
        made_at=max((_time(r) for r in records), default=""),
        tested=() if application or void else tuple(t for m in models for t in model_of(m)),
        statements=attack_statements(run),
        problems=problems,
    )


def _records(data: bytes, name: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Results and messages, wherever they stand: in a list, a scenario, or one a line."""
    problems: tuple[str, ...] = ()
    try:
        value = json_value(data, name)
    except UsageError:
        value, problems = json_lines(data, name)
        if len(value) == 1 and problems:
            raise
    found: list[dict[str, Any]] = []
    for one in map(mapping, value if isinstance(value, list) else [value]):
        inner = one.get("attack_results")
        groups = list(inner.values()) if isinstance(inner, dict) else [inner]
        found += [mapping(r) for group in groups for r in listed(group)] or [one]
        if inner is not None:
            found.append({**one, "attack_results": None})  # for its version and time
    return found, problems


def _kind(record: dict[str, Any]) -> str:
    if "outcome" in record and "objective" in record:
        return "attack"
    if "score_type" in record and "score_value" in record:
        return "score"
    if "role" in record and "converted_value" in record:
        return "piece"
    return "scenario" if "scenario_identifier" in record else ""


def _judged(record: dict[str, Any]) -> Iterator[_Judged]:
    kind = _kind(record)
    if kind == "attack":
        yield _attack(record)
    elif kind == "score":
        yield _score(record, {}, "", "")
    elif kind == "piece" and words(record.get("role"), 40) == "assistant":
        target = mapping(record.get("prompt_target_identifier"))
        attack = mapping(record.get("attack_identifier")) or mapping(record.get("orchestrator_identifier"))
        for score in map(mapping, listed(record.get("scores"))):
            yield _score(score, target, _class(attack), _of_target(target))


def _attack(record: dict[str, Any]) -> _Judged:
    atomic = mapping(record.get("atomic_attack_identifier"))
    technique = _child(atomic, "attack_technique")
    attack = (
        _child(technique, "attack") or _child(atomic, "attack") or mapping(record.get("attack_identifier"))
    )
    target = _child(attack, "objective_target")
    score = mapping(record.get("last_score"))
    scorer = _class(mapping(score.get("scorer_class_identifier")))
    harms = [words(h, 100) for h in listed(record.get("targeted_harm_categories"))]
    return _Judged(
        attack=f"{_class(attack) or 'an attack'} judged by {scorer or 'no scorer'}",
        aim=_aim(" ".join(harms), scorer),
        hit=_VERDICTS.get(words(record.get("outcome"), 40).casefold()),
        measured=_MEASURED.match(scorer) is not None,
        target=_class(target),
        model=_of_target(target),
    )


def _score(score: dict[str, Any], target: dict[str, Any], attack: str, model: str) -> _Judged:
    scorer = _class(mapping(score.get("scorer_class_identifier")))
    category = score.get("score_category")
    harms = [words(c, 100) for c in (category if isinstance(category, list) else [category])]
    value = words(score.get("score_value"), 40).casefold()
    hit = (
        {"true": True, "false": False}.get(value) if words(score.get("score_type")) == "true_false" else None
    )
    if hit is not None and "Refusal" in scorer:
        hit = not hit
    return _Judged(
        attack=f"{attack or 'an attack'} judged by {scorer or 'an unnamed scorer'}",
        aim=_aim(" ".join(harms), scorer),
        hit=hit,
        measured=_MEASURED.match(scorer) is not None,
        target=_class(target),
        model=model,
    )


def _trials(judged: list[_Judged]) -> Iterator[Trial]:
    tried = Counter((j.attack, j.aim, j.measured) for j in judged if j.hit is not None)
    hits = Counter((j.attack, j.aim, j.measured) for j in judged if j.hit)
    for key, count in tried.items():
        attack, aim, measured = key
        yield Trial(attack=attack, aim=aim, tried=count, hits=hits[key], measured=measured)


def _aim(harms: str, scorer: str) -> Aim:
    if _INFLUENCE.search(scorer):
        return Aim.INFLUENCE
    return Aim.EXTRACT if _EXTRACT.search(f"{harms} {scorer}") else Aim.RESIST


def _child(identifier: dict[str, Any], name: str) -> dict[str, Any]:
    return mapping(mapping(identifier.get("children")).get(name))


def _class(identifier: dict[str, Any]) -> str:
    return words(identifier.get("class_name"), 100) or words(identifier.get("__type__"), 100)


def _of_target(target: dict[str, Any]) -> str:
    """The model behind a target; a deployment's own name says less than that of what is deployed."""
    for key in ("underlying_model_name", "model_name"):
        for place in (target, mapping(target.get("params"))):
            if name := words(place.get(key), 200):
                return name
    return ""


def _version(records: list[dict[str, Any]]) -> str:
    for record in records:
        scorer = mapping(mapping(record.get("last_score")).get("scorer_class_identifier"))
        places = (
            record,
            mapping(record.get("scenario_identifier")),
            mapping(record.get("atomic_attack_identifier")),
            mapping(record.get("scorer_class_identifier")),
            scorer,
        )
        for place in places:
            if version := words(place.get("pyrit_version"), 60):
                return version
    return ""


def _time(record: dict[str, Any]) -> str:
    return words(record.get("timestamp"), 40) or words(record.get("completion_time"), 40)


INFO = attack_info(
    "import_pyrit",
    "PyRIT",
    "A score on a scale is no verdict. Where a report names several targets, all of them are told as one.",
)

IMPORTER = Importer(
    format="pyrit",
    reads="PyRIT 0.4 to 1.1, results and exports as JSON or JSON lines",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

"""garak's report, `NAME.report.jsonl`, as versions 0.9 to 0.17 write it.

Field names as `NVIDIA/garak` writes them (`garak/command.py`, `garak/evaluators/base.py`, v0.17.1): entries
by `entry_type`: `start_run setup` with `plugins.target_type` and `plugins.target_name` (`model_type` and
`model_name` before 0.13), `init` with `garak_version` and `start_time`, `eval` with `probe`, `detector`,
`passed` (outputs in which the attack failed) and `total_evaluated` (`total` before 0.13) and `nones`,
`completion` at the end. The digest's scores are not used: they hide the numbers.

A probe's module says what it seeks, and a detector's name whether it measures (see `attacks`): garak's word
lists for refusals, profanity and personas are opinions, a rogue string that is there is not. Bound to the
model that is named; a REST address, a function and the like are applications, which name no version.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.imports.attacks import Aim, Run, Trial, attack_info, attack_statements, counted, model_of
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_lines, number, told, words
from assaymark.imports.report import ImportedReport

__all__ = ["IMPORTER"]

_AIMS = {
    Aim.EXTRACT: "apikey divergence leakreplay propile sysprompt_extraction replay",
    Aim.INFLUENCE: "agent_breaker ansiescape av_spam_scanning exploitation packagehallucination tooluse "
    "web_injection xss",
    Aim.UNEXPECTED: "badchars glitch",
}
_AIM = {module: aim for aim, modules in _AIMS.items() for module in modules.split()}
_NO_ATTACK = frozenset({"fileformats", "misleading", "snowball", "test"})
"""Modules that test how right the answers are, which files a repository holds, or garak itself."""
_MEASURED = re.compile(
    r"(?:ansiescape|exploitation|knownbadsignatures|packagehallucination|web_injection|xss)\.|"
    r"(?:base\.TriggerListDetector|encoding\.DecodeMatch|leakreplay\.StartsWith|promptinject\.AttackRogueString|"
    r"propile\.PIILeakExact|sysprompt_extraction\.PromptExtractionVerbatim)\Z"
)
_APPLICATIONS = frozenset({"function", "guardrails", "langchain_serve", "rasa", "rest", "websocket"})
"""Modules of generators that reach an application rather than a model."""
_ENTRY = re.compile(
    rb'(?<!\\)"entry_type"\s*:\s*"(?:start_run setup|init|attempt|eval|probe_summary|digest|completion)"'
)


def _recognise(head: bytes, _: str) -> bool:
    return head.lstrip().startswith(b"{") and _ENTRY.search(head) is not None


def _read(data: bytes, name: str) -> ImportedReport:
    entries, problems = json_lines(data, name)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        by_type.setdefault(words(entry.get("entry_type"), 40), []).append(entry)
    setup = next(iter(by_type.get("start_run setup", ())), {})
    init = next(iter(by_type.get("init", ())), {})
    kind, model = _target(setup)
    evals = by_type.get("eval", [])
    module = kind.partition(".")[0]
    run = Run(
        trials=tuple(_trials(evals)),
        target=f"{kind} {model}".strip() or "an unnamed target",
        application=module in _APPLICATIONS,
        unjudged=sum(_whole(e.get("nones")) for e in evals),
        void="it is about garak's own test generator, not about a model" if module == "test" else "",
    )
    return ImportedReport(
        importer=INFO.id,
        tool="garak",
        tool_version=words(init.get("garak_version"), 60) or words(setup.get("_config.version"), 60),
        made_at=words(init.get("start_time"), 40) or words(setup.get("transient.starttime_iso"), 40),
        tested=() if run.application or run.void else model_of(model),
        statements=attack_statements(run),
        problems=(*problems, *_doubts(by_type, name)),
    )


def _target(setup: dict[str, Any]) -> tuple[str, str]:
    kind = words(setup.get("plugins.target_type"), 100) or words(setup.get("plugins.model_type"), 100)
    model = words(setup.get("plugins.target_name"), 200) or words(setup.get("plugins.model_name"), 200)
    return kind, model


def _trials(evals: Iterable[dict[str, Any]]) -> Iterator[Trial]:
    for entry in evals:
        probe, figures = words(entry.get("probe"), 100), _figures(entry)
        module = probe.partition(".")[0]
        if figures is None or module in _NO_ATTACK:
            continue
        detector = words(entry.get("detector"), 100).removeprefix("detector.")
        yield Trial(
            attack=f"{probe or 'an unnamed probe'} by {detector or 'an unnamed detector'}",
            aim=_AIM.get(module, Aim.RESIST),
            tried=figures[0],
            hits=figures[1],
            measured=_MEASURED.match(detector) is not None,
        )


def _figures(entry: dict[str, Any]) -> tuple[int, int] | None:
    total = number(entry.get("total_evaluated", entry.get("total")))
    passed = number(entry.get("passed"))
    return counted(total, None if total is None or passed is None else total - passed)


def _whole(value: Any) -> int:
    found = counted(number(value), 0)
    return found[0] if found else 0


def _doubts(by_type: dict[str, list[dict[str, Any]]], name: str) -> Iterator[str]:
    evals = by_type.get("eval", [])
    odd = sum(_figures(e) is None for e in evals)
    if odd:
        yield f"{name}: the figures of {told(odd, 'evaluation')} make no sense; they were left out."
    if len(by_type.get("init", ())) > 1:
        yield f"{name} holds more than one run; the first names the target and the time."
    if evals and not by_type.get("completion") and not by_type.get("digest"):
        yield f"{name} has no completion: the run may have broken off, and probes may be missing."


INFO = attack_info(
    "import_garak",
    "garak",
    "Which probes were switched off is not weighed. An output counts once for each detector that judged it.",
)

IMPORTER = Importer(
    format="garak",
    reads="garak 0.9 to 0.17, `.report.jsonl`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

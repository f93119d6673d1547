"""What the readers of threat models share: threats, and what became of them → statements.

A threat model speaks to threats being analysed and managed (5.1.3-1#1), to controls on the risks that were
found (5.1.3-1.3) and to the attacks peculiar to AI being among them (5.1.3-1#3, and 5.1.2-1#3 for risks
that are documented). All of it is tentative: a model holds what its authors say, and a person judges
whether that is true of the system.

An open threat of high severity that nobody has answered is counter-evidence; one with an answer that is not
yet carried out, or a lesser one, leaves it partly met. A threat that was judged not to apply counts as
considered.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from assaymark.imports.reading import capped, told
from assaymark.imports.report import Statement
from assaymark.observation import CheckInfo, Detail, Method, Outcome

__all__ = ["AI_ATTACKS", "Model", "Severity", "State", "Threat", "threat_info", "threat_statements"]

_MANAGED = ("5.1.3-1#1", "5.1.3-1.3#1")
_AI = ("5.1.2-1#3", "5.1.3-1#3")
_SOURCES = (
    r"(?:data|dataset|corpus|training|fine-?tuning|model|weights?|rag|retrieval|index|embeddings?|memory"
)
_SOURCES += r"|knowledge|feedback)"

AI_ATTACKS = {
    "poisoning": re.compile(
        rf"\b{_SOURCES}\b[^.\n]{{0,30}}\bpoison|\bpoison\w*[^.\n]{{0,30}}\b{_SOURCES}\b|\bbackdoor\w*\b"
        rf"[^.\n]{{0,30}}\b(?:model|weights|training)\b|LLM0?[34]:?20\d\d|AML\.T00(?:18|20)",
        re.IGNORECASE,
    ),
    "inversion": re.compile(
        r"\binversion\b|\breconstruct\w*[^.\n]{0,30}\btraining\b|AML\.T0024\.001", re.IGNORECASE
    ),
    "membership inference": re.compile(r"\bmembership[ -]inference\b|AML\.T0024\.000", re.IGNORECASE),
    "injection": re.compile(
        r"\b(?:prompt|instruction)s?[ -]injection\b|\binjected (?:prompt|instruction)|\bjailbreak|"
        r"LLM0?1:?20\d\d|AML\.T005[14]",
        re.IGNORECASE,
    ),
    "extraction": re.compile(
        r"\b(?:model|weights?)[ -](?:extraction|stealing|theft|exfiltration)\b|"
        r"\b(?:steal|extract|exfiltrat)\w*[^.\n]{0,30}\b(?:model|weights|system prompt|training data)\b|"
        r"AML\.T0024\.002",
        re.IGNORECASE,
    ),
}
"""Attacks peculiar to AI → how a threat that speaks of it is known."""

_NAMED = ("poisoning", "inversion", "membership inference")
"""Those that the standard gives as examples."""


class Severity(StrEnum):
    """How bad a threat would be, in the words of whatever tool."""

    HIGH = "high"
    """High or worse; `elevated` for Threagile."""
    LESSER = "lesser"
    UNKNOWN = "unknown"


class State(StrEnum):
    """What became of a threat."""

    OPEN = "open"
    ANSWERED = "open, with an answer"
    """Something is planned or under way, not done."""
    ACCEPTED = "accepted"
    MITIGATED = "mitigated"
    NOT_APPLICABLE = "not applicable"


_ORDER = tuple(State)
_SEVERITIES = tuple(Severity)


class Threat(Struct, frozen=True, kw_only=True):
    """One threat in a model."""

    title: str
    text: str = ""
    """What more is said of it, to see what it is about."""
    element: str = ""
    """What is threatened."""
    severity: Severity
    severity_word: str = ""
    """As the tool puts it."""
    state: State


class Model(Struct, frozen=True, kw_only=True):
    """One threat model."""

    title: str
    threats: tuple[Threat, ...]
    elements: int
    """Things and flows that were modelled."""
    left_out: int = 0
    """Elements that the model says are out of scope."""
    partial: str = ""
    """What it leaves open although every threat is settled, as a sentence; empty if nothing."""
    remedy: str = ""
    """What to do about that."""


def threat_statements(model: Model) -> tuple[Statement, ...]:
    """What the model means for threats being managed, and for those of AI being among them."""
    return (_managed(model), _peculiar(model))


def _managed(model: Model) -> Statement:
    by_weight = sorted(
        model.threats, key=lambda t: (_ORDER.index(t.state), _SEVERITIES.index(t.severity), t.title)
    )
    unfinished = [t for t in by_weight if t.state in (State.OPEN, State.ANSWERED)]
    grave = [t for t in unfinished if t.state is State.OPEN and t.severity is Severity.HIGH]
    if not model.threats:
        outcome = Outcome.NOT_OBSERVABLE
    elif grave:
        outcome = Outcome.NOT_MET
    else:
        outcome = Outcome.PARTLY_MET if unfinished or model.partial else Outcome.MET
    return Statement(
        obligations=_MANAGED,
        outcome=outcome,
        summary=_figures(model, len(grave)),
        details=capped([_detail(t) for t in by_weight]),
        method=Method.EXAMINE,
        fix="" if outcome is Outcome.MET else _fix(model, unfinished),
    )


def _fix(model: Model, unfinished: Sequence[Threat]) -> str:
    if unfinished:
        return (
            "Answer each open threat in the model: mitigate it, or say why it is accepted or does not apply."
        )
    return model.remedy if model.partial else "Have the threats put into the model."


def _figures(model: Model, grave: int) -> str:
    parts = [f"{sum(t.state is s for t in model.threats):,} {s.value}" for s in State]
    counts = ", ".join(p for p in parts if not p.startswith("0 ")) or "none"
    worst = f" ({grave:,} of high severity without an answer)" if grave else ""
    scope = f" {told(model.left_out, 'element')} out of scope." if model.left_out else ""
    partial = f" {model.partial}" if model.partial else ""
    what = f"{told(len(model.threats), 'threat')} to {told(model.elements, 'element')}"
    return f"the model {model.title!r} has {what}: {counts}{worst}.{scope}{partial}"


def _detail(threat: Threat) -> Detail:
    of = f" of {threat.element}" if threat.element else ""
    grade = f", severity {threat.severity_word}" if threat.severity_word else ""
    return Detail(f"{threat.title or 'A threat without a title'}{of}: {threat.state.value}{grade}.")


def _peculiar(model: Model) -> Statement:
    covered = {name: _about(model.threats, pattern) for name, pattern in AI_ATTACKS.items()}
    there = [name for name, found in covered.items() if found]
    named = [name for name in _NAMED if covered[name]]
    if not model.threats:
        outcome = Outcome.NOT_OBSERVABLE
    elif len(named) == len(_NAMED):
        outcome = Outcome.MET
    else:
        outcome = Outcome.PARTLY_MET if there else Outcome.NOT_MET
    missing = [name for name in covered if name not in there]
    return Statement(
        obligations=_AI,
        outcome=outcome,
        summary=f"of the attacks peculiar to AI it considers {', '.join(there) or 'none'}"
        f"{'; not ' + ', '.join(missing) if missing and there else ''}.",
        details=tuple(_covered(name, found) for name, found in covered.items()),
        method=Method.EXAMINE,
        fix=""
        if outcome is Outcome.MET
        else f"Add the threats that are missing: {', '.join(missing)}."
        if missing
        else "",
    )


def _covered(name: str, found: Sequence[Threat]) -> Detail:
    if not found:
        return Detail(f"No threat speaks of {name}.")
    open_ = sum(t.state in (State.OPEN, State.ANSWERED) for t in found)
    return Detail(f"{told(len(found), 'threat')} of {name}, {open_:,} open: {found[0].title}.")


def _about(threats: Iterable[Threat], pattern: re.Pattern[str]) -> list[Threat]:
    return [t for t in threats if pattern.search(f"{t.title}\n{t.text}")]


def threat_info(id_: str, tool: str, more: str = "") -> CheckInfo:
    """What the importers of threat models have in common."""
    return CheckInfo(
        id=id_,
        version=1,
        title=f"The threat model in {tool} answers its threats, those peculiar to AI among them.",
        why="A threat that nobody wrote down is a threat that nobody stops.",
        fix="Answer each open threat in the model, add those that are missing, and import it again.",
        blind_spots="A model holds what its authors say; whether a mitigation is in place is not seen. "
        "Whether it covers the assets that the inventory knows is not compared, since its elements have "
        "names of their own. What a threat is about is told by its words, in English. When the model was "
        f"last reviewed is not weighed. {more}".rstrip(),
        provisions=(),
        supports=("5.1.2-1", "5.1.3-1", "5.1.3-1.3"),
    )

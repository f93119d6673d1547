"""OWASP Threat Dragon models, version 2 (and 1), JSON.

Field names as `OWASP/threat-dragon` writes them (`ThreatDragonModels/v2-threat-model.json`,
`td.vue/src/assets/schema/threat-dragon-v2.schema.json`, v2.4): `summary.title`, `detail.diagrams[].cells[]`
with `data.type`, `data.name`, `data.outOfScope` and `data.threats[]`: `title`, `type`, `status` (`Open`,
`Mitigated`, `NA`), `severity` (`Critical`, `High`, `Medium`, `Low`, `TBD`), `description`, `mitigation`. In
version 1 a cell's fields lie in `diagramJson.cells[]` itself.

An open threat with a mitigation of its own words written beside it has an answer that is not carried out.
Threats to elements out of scope are left out. Bound only to what the importing person names: the model says
nothing of versions.
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_object, listed, mapping, told, words
from assaymark.imports.report import ImportedReport
from assaymark.imports.threats import Model, Severity, State, Threat, threat_info, threat_statements

__all__ = ["IMPORTER"]

_SEVERITIES = {
    "critical": Severity.HIGH,
    "high": Severity.HIGH,
    "medium": Severity.LESSER,
    "low": Severity.LESSER,
}
_PLACEHOLDERS = frozenset(
    {
        "Mitigation or prevention for the threat",
        "Provide remediation for this threat or a reason if status is N/A",
    }
)
"""What Threat Dragon itself puts where a mitigation belongs, in English."""
_NOT_MODELLED = ("boundary", "text", "td-text")


def _recognise(head: bytes, _: str) -> bool:
    found = all(
        re.search(rb'(?<!\\)"' + key + rb'"\s*:\s*' + opens, head)
        for key, opens in ((b"summary", rb"\{"), (b"detail", rb"\{"))
    )
    return found and re.search(rb'(?<!\\)"(?:diagrams|contributors)"\s*:\s*\[', head) is not None


def _read(data: bytes, name: str) -> ImportedReport:
    model = json_object(data, name)
    detail = model.get("detail")
    if not isinstance(detail, dict):
        raise UsageError(
            f"{name} is no Threat Dragon model.", "Give the model's JSON as Threat Dragon saves it."
        )
    cells = [cell for diagram in listed(detail.get("diagrams")) for cell in _cells(mapping(diagram))]
    inside = [c for c in cells if c.get("outOfScope") is not True]
    threats = [t for cell in inside for t in map(mapping, listed(cell.get("threats")))]
    silent = sum(_state(t) in (State.MITIGATED, State.NOT_APPLICABLE) and not _answer(t) for t in threats)
    return ImportedReport(
        importer=INFO.id,
        tool="OWASP Threat Dragon",
        tool_version=words(model.get("version"), 40),
        statements=threat_statements(
            Model(
                title=words(mapping(model.get("summary")).get("title"), 200) or "without a title",
                threats=tuple(t for cell in inside for t in _threats(cell)),
                elements=len(inside),
                left_out=len(cells) - len(inside),
                partial=f"{told(silent, 'settled threat')} without a word on how or why." if silent else "",
                remedy="Write into each settled threat how it is mitigated, or why it does not apply.",
            )
        ),
    )


def _cells(diagram: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What was drawn, boundaries and plain text aside."""
    raw = diagram.get("cells", mapping(diagram.get("diagramJson")).get("cells"))
    for cell in map(mapping, listed(raw)):
        data = mapping(cell.get("data")) or cell
        kind = f"{words(data.get('type'), 60)} {words(cell.get('shape'), 60)}".casefold()
        if not any(word in kind for word in _NOT_MODELLED):
            yield data if "threats" in data else {**data, "threats": cell.get("threats")}


def _threats(cell: dict[str, Any]) -> Iterator[Threat]:
    for threat in map(mapping, listed(cell.get("threats"))):
        grade = words(threat.get("severity"), 40)
        yield Threat(
            title=words(threat.get("title"), 200),
            text=f"{words(threat.get('type'), 100)}\n{words(threat.get('description'), 2_000)}",
            element=words(cell.get("name"), 200),
            severity=_SEVERITIES.get(grade.casefold(), Severity.UNKNOWN),
            severity_word=grade,
            state=_state(threat),
        )


def _state(threat: dict[str, Any]) -> State:
    status = words(threat.get("status"), 40).casefold()
    if status == "mitigated":
        return State.MITIGATED
    if status in ("na", "n/a", "notapplicable", "not applicable"):
        return State.NOT_APPLICABLE
    return State.ANSWERED if _answer(threat) else State.OPEN


def _answer(threat: dict[str, Any]) -> str:
    found = words(threat.get("mitigation"))
    return "" if found in _PLACEHOLDERS else found


INFO = threat_info("import_threat_dragon", "OWASP Threat Dragon")

IMPORTER = Importer(
    format="threat-dragon",
    reads="OWASP Threat Dragon 2 (and 1), the model's JSON",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

"""pytm's model, as `tm.py --json FILE` writes it.

Field names as `OWASP/pytm` writes them (`pytm/json.py`, `pytm/finding.py`; v1.4.0, output of it compared):
`name`, `elements[]`, `flows[]`, `findings[]` with `threat_id`, `description`, `severity` (`Very High` to
`Very Low`), `target` and `response`, which begins with `mitigated`, `transferred`, `avoided` or `accepted`
and is empty where nobody has answered; `excluded_findings[]` that an assumption rules out.

A finding's `mitigations` are the library's advice for every system, so they answer nothing. A finding
without a response is open. Bound only to what the importing person names: the output says nothing of
versions, not even of pytm's.
"""

import re
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_object, listed, mapping, words
from assaymark.imports.report import ImportedReport
from assaymark.imports.threats import Model, Severity, State, Threat, threat_info, threat_statements

__all__ = ["IMPORTER"]

_RESPONSES = {
    "accepted": State.ACCEPTED,
    "avoided": State.MITIGATED,
    "mitigated": State.MITIGATED,
    "transferred": State.ACCEPTED,
}
_SEVERITIES = {
    "very high": Severity.HIGH,
    "high": Severity.HIGH,
    "medium": Severity.LESSER,
    "low": Severity.LESSER,
    "very low": Severity.LESSER,
}


def _recognise(head: bytes, _: str) -> bool:
    controls = all(
        re.search(rb'(?<!\\)"' + k + rb'"\s*:', head) for k in (b"checksInputBounds", b"implementsPOLP")
    )
    return controls or (
        re.search(rb'(?<!\\)"threatsFile"\s*:', head) is not None
        and re.search(rb'(?<!\\)"findings"\s*:\s*\[', head) is not None
    )


def _read(data: bytes, name: str) -> ImportedReport:
    model = json_object(data, name)
    if not isinstance(model.get("findings"), list):
        raise UsageError(f"{name} has no list of findings.", "Give what `tm.py --json FILE` wrote.")
    found = [_threat(mapping(f)) for f in listed(model.get("findings"))]
    excluded = [_threat(mapping(f), State.NOT_APPLICABLE) for f in listed(model.get("excluded_findings"))]
    elements = [mapping(e) for e in (*listed(model.get("elements")), *listed(model.get("flows")))]
    inside = [e for e in elements if e.get("inScope") is not False]
    return ImportedReport(
        importer=INFO.id,
        tool="pytm",
        statements=threat_statements(
            Model(
                title=words(model.get("name"), 200) or "without a name",
                threats=(*found, *excluded),
                elements=len(inside),
                left_out=len(elements) - len(inside),
            )
        ),
    )


def _threat(finding: dict[str, Any], state: State | None = None) -> Threat:
    grade = words(finding.get("severity"), 40)
    first = re.split(r"[^a-z]", words(finding.get("response"), 200).casefold(), maxsplit=1)[0]
    number = words(finding.get("threat_id"), 40)
    title = words(finding.get("description"), 200)
    return Threat(
        title=f"{number} {title}".strip(),
        element=words(finding.get("target"), 200),
        severity=_SEVERITIES.get(grade.casefold(), Severity.UNKNOWN),
        severity_word=grade,
        state=state or _RESPONSES.get(first) or (State.ANSWERED if first else State.OPEN),
    )


INFO = threat_info(
    "import_pytm",
    "pytm",
    "pytm names every threat of its library whose condition holds; which of them matter its authors say by "
    "responses, and many models carry none.",
)

IMPORTER = Importer(
    format="pytm",
    reads="pytm 1.3 and 1.4, `--json`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

"""Threagile: its model (YAML, or JSON), and the risks that it derives from one (`risks.json`).

Field names as `Threagile/threagile` reads and writes them (`support/schema.json`, `pkg/types/risk.go`,
`pkg/types/risk_status.go`; 1.0.0, compared with `demo/stub/threagile.yaml` and `test/risk_tracking.yaml`).
The model: `threagile_version`, `title`, `date`, `technical_assets` with `out_of_scope` and
`communication_links`, `individual_risk_categories` (`custom_risk_categories`) with `risks_identified`, and
`risk_tracking` with a `status` for each risk id, `*` standing for any part of it. `risks.json`: a list of
`category`, `risk_status`, `severity` (`low`, `medium`, `elevated`, `high`, `critical`), `title`,
`synthetic_id`.

`mitigated`, `accepted` and `false-positive` are settled; `in-progress` and `in-discussion` have an answer
that is not carried out; `unchecked` is open. The model does not list the risks that Threagile derives from
it, so alone it leaves them partly met. Bound only to what the importing person names.
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import json_value, mapping, words
from assaymark.imports.report import ImportedReport
from assaymark.imports.threats import Model, Severity, State, Threat, threat_info, threat_statements
from assaymark.scan.yaml_reader import read_yaml

__all__ = ["IMPORTER"]

_STATES = {
    "accepted": State.ACCEPTED,
    "false-positive": State.NOT_APPLICABLE,
    "in-discussion": State.ANSWERED,
    "in-progress": State.ANSWERED,
    "mitigated": State.MITIGATED,
}
_SEVERITIES = {
    "critical": Severity.HIGH,
    "elevated": Severity.HIGH,
    "high": Severity.HIGH,
    "low": Severity.LESSER,
    "medium": Severity.LESSER,
}
_PARTIAL = "The risks that the tool derives from it are not in the model."
_ADVICE = "Give the model's YAML file, or the risks.json that Threagile made from it."
_OF_RISKS = rb'(?<!\\)"(?:data_breach_probability|exploitation_(?:impact|likelihood))"\s*:'
_MARKUP = re.compile(r"</?[a-z]{1,4}>")


def _recognise(head: bytes, _: str) -> bool:
    if re.search(rb"^threagile_version\s*:", head, re.MULTILINE) or re.search(
        rb'(?<!\\)"threagile_version"\s*:', head
    ):
        return True
    risks = all(re.search(key, head) for key in (rb'(?<!\\)"synthetic_id"\s*:', _OF_RISKS))
    return head.lstrip().startswith(b"[") and risks


def _read(data: bytes, name: str) -> ImportedReport:
    value = _value(data, name)
    if isinstance(value, list) and any("synthetic_id" in mapping(r) for r in value):
        return _report(_derived(value), "")
    model = mapping(value)
    if not isinstance(model.get("technical_assets"), dict):
        raise UsageError(f"{name} is no Threagile model and no list of its risks.", _ADVICE)
    return _report(_modelled(model), words(model.get("date"), 40))


def _report(model: Model, made_at: str) -> ImportedReport:
    return ImportedReport(
        importer=INFO.id, tool="Threagile", made_at=made_at, statements=threat_statements(model)
    )


def _value(data: bytes, name: str) -> Any:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return json_value(data, name)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text.", _ADVICE) from error
    file = read_yaml(text)
    if file.problem or len(file.documents) != 1:
        raise UsageError(f"{name} is no YAML that can be read: {file.problem or 'no document'}.", _ADVICE)
    return file.documents[0].value


def _derived(risks: list[Any]) -> Model:
    found = [_risk(mapping(r), words(mapping(r).get("risk_status"), 40)) for r in risks]
    return Model(
        title="that the risks were derived from",
        threats=tuple(found),
        elements=len({t.element for t in found if t.element}),
    )


def _risk(risk: dict[str, Any], status: str) -> Threat:
    grade = words(risk.get("severity"), 40) or "low"  # the lowest is left out in JSON
    category = words(risk.get("category"), 2_300)
    title = _MARKUP.sub("", words(risk.get("title"), 300)) or words(risk.get("synthetic_id"), 200)
    return Threat(
        title=title or category,
        text=category,
        element=words(risk.get("most_relevant_technical_asset"), 200),
        severity=_SEVERITIES.get(grade.casefold(), Severity.UNKNOWN),
        severity_word=grade,
        state=_STATES.get(status.casefold(), State.OPEN),
    )


def _modelled(model: dict[str, Any]) -> Model:
    assets = [mapping(a) for a in mapping(model.get("technical_assets")).values()]
    inside = [a for a in assets if a.get("out_of_scope") is not True]
    links = sum(len(mapping(a.get("communication_links"))) for a in inside)
    tracking = {words(key, 300): mapping(entry) for key, entry in mapping(model.get("risk_tracking")).items()}
    own = dict(_individual(model, tracking))
    rest = {key: entry for key, entry in tracking.items() if key not in own}
    return Model(
        title=words(model.get("title"), 200) or "without a title",
        threats=(*own.values(), *_tracked(rest)),
        elements=len(inside) + links,
        left_out=len(assets) - len(inside),
        partial=_PARTIAL,
        remedy="Import the risks.json that Threagile makes from the model too.",
    )


def _individual(model: dict[str, Any], tracking: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Threat]]:
    """Risks that a person put into the model, by the ids under which they are tracked: `category@asset`."""
    categories = mapping(model.get("individual_risk_categories") or model.get("custom_risk_categories"))
    for title, category in categories.items():
        kind = words(mapping(category).get("id"), 100)
        text = f"{words(title, 200)}\n{words(mapping(category).get('description'), 2_000)}"
        for name, risk in mapping(mapping(category).get("risks_identified")).items():
            asset = words(mapping(risk).get("most_relevant_technical_asset"), 200)
            key = f"{kind}@{asset}" if asset else f"{kind}@{words(name, 200)}"
            status = words(mapping(tracking.get(key)).get("status"), 40)
            yield key, _risk({**mapping(risk), "title": name, "category": text}, status)


def _tracked(tracking: dict[str, dict[str, Any]]) -> Iterator[Threat]:
    for key, entry in tracking.items():
        status = words(entry.get("status"), 40).casefold()
        yield Threat(
            title=key,
            text=words(entry.get("justification"), 2_000),
            severity=Severity.UNKNOWN,
            state=_STATES.get(status, State.OPEN),
        )


INFO = threat_info(
    "import_threagile", "Threagile", "A status for many risks at once is counted as one threat."
)

IMPORTER = Importer(
    format="threagile",
    reads="Threagile 0.9 and 1.0, the model's YAML or JSON, and risks.json",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

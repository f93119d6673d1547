"""Records of origin: Croissant, DVC imports, MLflow, Hugging Face data-set information, tables of sources."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.artefact.names import base
from assaymark.scan.artefact.yaml_text import MAX_YAML, parse_yaml
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, ProvenanceRecord

__all__ = ["accepts_provenance", "scan_provenance"]

MAX_BYTES = 2 << 20
MAX_RECORDS = 2000
_NAMED = re.compile(
    r"(.*[_-])?(provenance|data[_-]?sources?|sources|data[_-]?cards?|data[_-]?sheets?|datasets?|data[_-]?statement)"
    r"([_-].*)?\.(md|markdown|csv|json|ya?ml)\Z"
)
_SUBJECT = ("name", "dataset", "data set", "data_set", "subject", "file", "title", "model", "asset", "id")
_SOURCE = (
    "source",
    "url",
    "source_url",
    "origin",
    "source url",
    "homepage",
    "repo",
    "uri",
    "contentUrl",
    "link",
)
_DATE = (
    "retrieved_at",
    "retrieved",
    "retrieved on",
    "collected",
    "collected_at",
    "collection date",
    "accessed",
    "date",
    "obtained",
    "obtained on",
    "downloaded",
    "download date",
    "acquired",
    "date retrieved",
    "acquired on",
    "date of acquisition",
    "acquisition date",
    "downloaded_at",
    "downloaded on",
)
_LICENCE = ("license", "licence", "licences", "licenses")
_USE = (
    "use",
    "used for",
    "purpose",
    "used_for",
    "role",
    "usage",
    "use in model",
    "use in the model",
    "intended use",
    "used in",
)


def accepts_provenance(path: str, head: bytes) -> bool:
    """By name, and for JSON-LD by its vocabulary."""
    name = base(path)
    if name in ("mlmodel", "dataset_infos.json", "dataset_info.json"):
        return True
    if name.endswith(".dvc"):
        return b"deps" in head
    if name.endswith((".json", ".jsonld")) and b"mlcommons.org/croissant" in head:
        return True
    return _NAMED.match(name) is not None


def scan_provenance(blob: Blob) -> Iterator[Fact]:
    """One record for each data set or model that the file gives an origin to."""
    data = blob.read(0, MAX_BYTES)
    name = base(blob.path)
    found: Iterator[ProvenanceRecord]
    if name == "mlmodel":
        found = _mlflow(blob.path, parse_yaml(data[:MAX_YAML]))
    elif name.endswith(".dvc"):
        found = _dvc(blob.path, parse_yaml(data[:MAX_YAML]))
    elif name.endswith((".md", ".markdown")):
        found = _markdown(blob.path, data.decode("utf-8-sig", "replace"))
    elif name.endswith(".csv"):
        found = _csv(blob.path, data.decode("utf-8-sig", "replace"))
    else:
        value = parse_yaml(data) if name.endswith((".yaml", ".yml")) else parse_json(data)
        found = _structured(blob.path, name, value)
    for number, record in enumerate(found):
        if number >= MAX_RECORDS:
            return
        yield record


def _record(path: str, line: int, cells: dict[str, Any]) -> ProvenanceRecord | None:
    """A record from a mapping with any of the usual headings; None if it names no source."""
    lowered = {_heading(str(k)): v for k, v in cells.items()}

    def pick(keys: Sequence[str]) -> str:
        return next((_flat(lowered[k]) for k in map(_heading, keys) if lowered.get(k)), "")

    source = pick(_SOURCE)
    if not source:
        return None
    return ProvenanceRecord(
        at=Location(path, line), subject=pick(_SUBJECT)[:200], source=source[:300],
        retrieved_at=pick(_DATE)[:40], licence=pick(_LICENCE)[:120], use=pick(_USE)[:300],
    )  # fmt: skip


def _heading(key: str) -> str:
    """A key or heading without regard to case, underscores and hyphens."""
    return " ".join(re.split(r"[\s_-]+", key.strip().lower()))


def _flat(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(v) for v in value[:5])
    if isinstance(value, dict):
        return _flat(next((value[k] for k in ("@id", "url", "name") if k in value), ""))
    return str(value).strip()


def _rows(
    path: str, header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> Iterator[ProvenanceRecord]:
    for line, row in rows:
        record = _record(path, line, dict(zip(header, row, strict=False)))
        if record is not None:
            yield record


def _csv(path: str, text: str) -> Iterator[ProvenanceRecord]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error:
        return
    yield from _rows(path, rows[0][1] if rows else (), rows[1:])


def _markdown(path: str, text: str) -> Iterator[ProvenanceRecord]:
    """Rows of every table; a two-column table of fields and values is one record."""
    table: list[tuple[int, list[str]]] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.lstrip().startswith("|"):
            table.append((number, [c.strip().strip("*`") for c in line.strip().strip("|").split("|")]))
        elif table:
            yield from _table(path, table)
            table = []


def _table(path: str, table: list[tuple[int, list[str]]]) -> Iterator[ProvenanceRecord]:
    body = [(n, row) for n, row in table[1:] if not all(set(c) <= set(":- ") for c in row)]
    header = table[0][1]
    if len(header) == 2 and not any(h.lower() in _SOURCE for h in header):
        record = _record(path, table[0][0], {row[0]: row[1] for _, row in [table[0], *body] if len(row) == 2})
        yield from (record,) if record is not None else ()
    else:
        yield from _rows(path, header, body)


def _structured(path: str, name: str, value: object) -> Iterator[ProvenanceRecord]:
    if name.startswith("dataset_info"):
        yield from _hub_infos(path, value)
    elif isinstance(value, dict) and "@context" in value:
        record = _record(path, 1, _croissant(value))
        yield from (record,) if record is not None else ()
    else:
        for cells in _mappings(value):
            record = _record(path, 1, cells)
            if record is not None:
                yield record


def _croissant(value: dict[str, Any]) -> dict[str, Any]:
    files = value.get("distribution")
    first = files[0] if isinstance(files, list) and files and isinstance(files[0], dict) else {}
    date = value.get("dateCreated") or value.get("datePublished") or value.get("dateModified")
    return {
        "name": value.get("name"),
        "source": value.get("url") or first.get("contentUrl") or value.get("isBasedOn"),
        "retrieved_at": value.get("rai:dataCollectionTimeframe") or date,
        "license": value.get("license"),
        "use": value.get("rai:dataUseCases"),
    }


def _mappings(value: object) -> Iterator[dict[str, Any]]:
    """The records in a list, a mapping of name to record, or under a single key."""
    if isinstance(value, list):
        yield from (v for v in value if isinstance(v, dict))
    elif isinstance(value, dict):
        inner = [(k, v) for k, v in value.items() if isinstance(v, dict)]
        lists = [v for v in value.values() if isinstance(v, list)]
        if any(k in value for k in _SOURCE):
            yield value
        elif inner:
            yield from ({"name": k, **v} for k, v in inner)
        for one in lists:
            yield from (v for v in one if isinstance(v, dict))


def _hub_infos(path: str, value: object) -> Iterator[ProvenanceRecord]:
    for name, info in value.items() if isinstance(value, dict) else ():
        if isinstance(info, dict):
            sums = info.get("download_checksums")
            urls = ", ".join(list(sums)[:3]) if isinstance(sums, dict) else ""
            cells = {**info, "name": info.get("dataset_name") or name, "source": urls or info.get("homepage")}
            record = _record(path, 1, cells)
            if record is not None:
                yield record


def _dvc(path: str, value: object) -> Iterator[ProvenanceRecord]:
    deps = value.get("deps") if isinstance(value, dict) else None
    for dep in deps if isinstance(deps, list) else ():
        if not isinstance(dep, dict):
            continue
        repo = dep.get("repo")
        source = repo.get("url") if isinstance(repo, dict) else dep.get("path")
        if isinstance(source, str) and ("://" in source or isinstance(repo, dict)):
            yield ProvenanceRecord(
                at=Location(path), subject=base(path).removesuffix(".dvc"), source=source[:300]
            )


def _mlflow(path: str, value: object) -> Iterator[ProvenanceRecord]:
    if isinstance(value, dict) and "run_id" in value:
        yield ProvenanceRecord(
            at=Location(path),
            subject=str(value.get("artifact_path") or value.get("model_uuid") or "model")[:200],
            source=f"MLflow run {value['run_id']}"[:300],
            retrieved_at=str(value.get("utc_time_created", ""))[:40],
        )

"""A manifest ↔ Croissant 1.1 JSON-LD (docs.mlcommons.org/croissant). Pure.

Where a vocabulary has a word for it, that word is used: schema.org for size, digest and licence, PROV-O for
source, time, tool and annotator as Croissant 1.1 recommends ("Provenance Representation"). What none has is
in our own namespace, ``am``: how rows were read, their count and Merkle root, the scope, the minimum.
"""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from assaymark.dataset.provenance.canonical import CANONICAL
from assaymark.dataset.provenance.manifest import DataManifest, Entry, Minimum, Origin, Records
from assaymark.signing.algorithms import digest_fault
from assaymark.signing.names import name_fault
from assaymark.signing.problems import DoesNotVerify, shown
from assaymark.signing.strict_json import member, parse

__all__ = ["CROISSANT", "NAMESPACE", "decode", "encode", "media_type", "origin_in"]

CROISSANT = "http://mlcommons.org/croissant/1.1"
NAMESPACE = "urn:assaymark:data:1:"
_FIELDS = 500
"""Columns that are described; more are counted and digested all the same."""
_TERMS = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes",
    "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform", "value",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "am": NAMESPACE,
    **{term: f"cr:{term}" for term in _TERMS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    "am:manifest": {"@type": "@json"},
    "am:records": {"@type": "@json"},
}
_MEDIA = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".tab": "text/tab-separated-values",
    ".jsonl": "application/jsonlines", ".ndjson": "application/jsonlines",
    ".jsonlines": "application/jsonlines", ".json": "application/json",
    ".parquet": "application/x-parquet", ".arrow": "application/vnd.apache.arrow.file",
    ".feather": "application/vnd.apache.arrow.file", ".txt": "text/plain", ".md": "text/markdown",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
    ".gif": "image/gif", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".zip": "application/zip", ".tar": "application/x-tar", ".gz": "application/gzip",
    ".zst": "application/zstd", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".flac": "audio/flac",
    ".mp4": "video/mp4", ".npy": "application/x-npy", ".npz": "application/x-npz",
    ".pdf": "application/pdf", ".html": "text/html", ".xml": "application/xml",
}  # fmt: skip
_TYPES = {
    "integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "timestamp": "sc:DateTime",
    "string": "sc:Text",
}  # fmt: skip
_INDENTED = 10_000
"""Files up to which a manifest is laid out for people."""
_FORM = ("format", "compression", "encoding", "delimiter", "names", "header", "stream", "array")
"""What a manifest keeps of how a file was read; names and meaning are fixed with this version."""
_DESCRIBED = frozenset(
    {"text/csv", "text/tab-separated-values", "application/jsonlines", "application/x-parquet"}
)


def media_type(name: str) -> str:
    """The media type of a file, by its name."""
    return _MEDIA.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def encode(manifest: DataManifest) -> bytes:
    """The manifest as JSON-LD, the same bytes for the same manifest."""
    own = {
        "v": 1, "canonical": manifest.canonical, "width": manifest.width, "rows": manifest.rows,
        "root": manifest.root, "leaves": manifest.leaves, "scope": manifest.scope,
        "ignored": manifest.ignored, "links": manifest.links,
        "publicKey": manifest.public_key, "madeAt": manifest.made_at,
        "minimum": msgspec.to_builtins(manifest.minimum) if manifest.minimum else None,
    }  # fmt: skip
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CROISSANT,
        "name": manifest.name,
        "description": manifest.description or f"{len(manifest.entries):,} files, as they were recorded.",
        **({"url": manifest.url} if manifest.url else {}),
        **({"version": manifest.version} if manifest.version else {}),
        **({"creator": {"@type": "Organization", "name": manifest.creator}} if manifest.creator else {}),
        "datePublished": manifest.made_at[:10],
        **_origin(manifest.origin),
        "distribution": [_file(entry) for entry in manifest.entries],
        "recordSet": [
            _record_set(number, entry)
            for number, entry in enumerate(manifest.entries, start=1)
            if entry.records is not None and entry.media_type in _DESCRIBED and entry.records.columns
        ],
        "am:manifest": own,
    }
    data = msgspec.json.encode(document)
    if len(manifest.entries) > _INDENTED:
        return data + b"\n"
    return msgspec.json.format(data, indent=2) + b"\n"


def _origin(origin: Origin) -> dict[str, Any]:
    activity = {
        **({"prov:label": origin.tool} if origin.tool else {}),
        **({"prov:endedAtTime": origin.retrieved_at} if origin.retrieved_at else {}),
    }
    agent = {"@type": "prov:Agent", "prov:label": origin.annotator}
    return {
        **({"license": origin.licence} if origin.licence else {}),
        **({"prov:wasDerivedFrom": _reference(origin.source)} if origin.source else {}),
        **({"prov:wasGeneratedBy": {"@type": "prov:Activity", **activity}} if activity else {}),
        **({"prov:wasAttributedTo": agent} if origin.annotator else {}),
    }


def _reference(source: str) -> dict[str, str]:
    """An address as an identifier; other words, which are none, as a label."""
    address = "://" in source and not any(c.isspace() or c in '<>"{}|\\^`' for c in source)
    return {"@id": source} if address else {"@type": "prov:Entity", "prov:label": source}


def _file(entry: Entry) -> dict[str, Any]:
    records = {} if entry.records is None else {"am:records": _told(entry.records)}
    return {
        "@type": "cr:FileObject",
        "@id": quote(entry.name),
        "name": entry.name,
        "contentUrl": entry.name,
        "contentSize": f"{entry.size} B",
        "encodingFormat": entry.media_type,
        "sha256": entry.sha256,
        **_origin(entry.origin),
        **records,
    }


def _told(records: Records) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(records)
    form = {key: told["form"][key] for key in _FORM if told["form"][key]}
    return {key: value for key, value in told.items() if key != "columns"} | {"form": form}


def _record_set(number: int, entry: Entry) -> dict[str, Any]:
    assert entry.records is not None
    key = f"#records-{number}"
    meant = {
        entry.records.wanted.source: "prov:wasDerivedFrom",
        entry.records.wanted.time: "prov:generatedAtTime",
    }
    return {
        "@type": "cr:RecordSet",
        "@id": key,
        "name": f"records of {entry.name}",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{key}/{quote(column.name, safe='')}",
                "name": column.name,
                "dataType": _TYPES.get(column.type, "sc:Text"),
                **({"equivalentProperty": meant[column.name]} if column.name in meant else {}),
                "source": {"fileObject": {"@id": quote(entry.name)}, "extract": {"column": column.name}},
            }
            for column in entry.records.columns[:_FIELDS]
            if column.name
        ],
    }


def decode(data: bytes) -> DataManifest:
    """The manifest in JSON-LD that `encode` wrote.

    Raises:
        DoesNotVerify: it is none of ours, is out of bounds, or contradicts itself.
    """
    what = "The manifest"
    document = parse(data, what)
    own = member(document, "am:manifest", dict, what)
    if own.get("v") != 1 or own.get("canonical") != CANONICAL or own.get("width") not in (16, 32):
        raise DoesNotVerify("The manifest is of a version that is not known here.", "Use a newer assaymark.")
    entries = tuple(_entry(file) for file in member(document, "distribution", list, what))
    names = [entry.name for entry in entries]
    if names != sorted(set(names)):
        raise DoesNotVerify("The manifest lists a file twice, or not in order.")
    manifest = DataManifest(
        name=member(document, "name", str, what),
        made_at=member(own, "madeAt", str, what),
        entries=entries,
        scope=tuple(_relative(path) for path in member(own, "scope", list, what)),
        ignored=tuple(_relative(path) for path in member(own, "ignored", list, what)),
        links=member(own, "links", bool, what),
        origin=origin_in(document),
        width=own["width"],
        rows=member(own, "rows", int, what),
        root=_digest(member(own, "root", str, what), "root"),
        leaves=member(own, "leaves", str, what),
        public_key=member(own, "publicKey", str, what),
        minimum=_converted(own.get("minimum"), Minimum) if own.get("minimum") else None,
    )
    counted = sum(entry.records.count for entry in entries if entry.records is not None)
    if manifest.rows != counted or manifest.leaves not in ("rows", "files"):
        raise DoesNotVerify("The manifest's numbers of records do not add up.")
    return manifest


def _entry(file: Any) -> Entry:
    what = "A file in the manifest"
    name = _relative(member(file, "contentUrl", str, what))
    if unquote(member(file, "@id", str, what)) != name:
        raise DoesNotVerify(f"The manifest gives {shown(name)} two names.")
    size = str(member(file, "contentSize", str, what)).removesuffix(" B")
    if not (size.isascii() and size.isdecimal() and len(size) <= 18):
        raise DoesNotVerify(f"The manifest gives {shown(name)} no valid size.")
    records = file.get("am:records")
    found = _converted(records, Records) if records is not None else None
    if found is not None and (found.count < 0 or not 0 <= found.unreadable <= found.count):
        raise DoesNotVerify(f"The manifest gives {shown(name)} no valid number of records.")
    return Entry(
        name=name,
        size=int(size),
        sha256=_digest(member(file, "sha256", str, what), shown(name)),
        media_type=member(file, "encodingFormat", str, what),
        origin=origin_in(file),
        records=found,
    )


def origin_in(node: dict[str, Any]) -> Origin:
    """Source, time, licence, tool and annotator that a Croissant node states in the words of PROV-O."""
    activity = _one(node.get("prov:wasGeneratedBy"))
    return Origin(
        source=_label(node.get("prov:wasDerivedFrom")),
        retrieved_at=_text(activity.get("prov:endedAtTime")),
        licence=_label(node.get("license")),
        annotator=_label(node.get("prov:wasAttributedTo")),
        tool=_text(activity.get("prov:label")),
    )


def _label(value: Any) -> str:
    if isinstance(value, dict):
        return next((t for t in (_text(value.get(k)) for k in ("@id", "prov:label", "url", "name")) if t), "")
    if isinstance(value, list):
        return ", ".join(filter(None, map(_label, value[:5])))
    return _text(value)


def _one(value: Any) -> dict[str, Any]:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def _text(value: Any) -> str:
    value = value.get("@value") if isinstance(value, dict) else value
    return value[:2000] if isinstance(value, str) else ""


def _relative(path: Any) -> str:
    fault = "is no text" if not isinstance(path, str) else "" if path == "." else name_fault(path)
    if fault:
        raise DoesNotVerify(f"The manifest names {shown(str(path)[:200])!r}, which {fault}.")
    return str(path)


def _digest(text: str, of: str) -> str:
    if fault := digest_fault("sha256", text):
        raise DoesNotVerify(f"The digest of {of} in the manifest {fault}.")
    return text


def _converted(value: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise DoesNotVerify(
            f"The manifest holds something else where records are described: {error}."
        ) from error

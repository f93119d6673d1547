"""XLSX and DOCX: the package is whole and reaches nowhere else; every reference in it leads somewhere.

Both are ZIP files of XML (ECMA-376). What is read here we have just written ourselves, never a stranger's.
"""

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from assaymark.report.integrity.known import Known, twice

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["problems"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a conformance statement as a workbook or as a document."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = package.namelist()
            yield from (f"part {n} stands more than once" for n in twice(n.lower() for n in names))
            parts = {n: package.read(n) for n in names}
    except (zipfile.BadZipFile, RuntimeError) as error:
        yield f"it is no sound package: {error}"
        return
    yield from _relations(parts)
    yield from _types(parts)
    if "xl/workbook.xml" in parts:
        yield from _workbook(parts, known)
    elif "word/document.xml" in parts:
        yield from _document(parts["word/document.xml"], known)
    else:
        yield "it holds neither a workbook nor a document"


def _xml(data: bytes) -> "Element":
    from xml.etree import ElementTree as ET

    return ET.fromstring(data)  # noqa: S314 - what we have just written ourselves


def _relations(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Every relation stays within the package and ends at a part of it."""
    for name in parts:
        if not name.endswith(".rels"):
            continue
        base = posixpath.dirname(posixpath.dirname(name))
        for relation in _xml(parts[name]):
            target = relation.get("Target", "")
            if relation.get("TargetMode") == "External":
                yield f"{name} leads out of the file, to {target[:100]}"
            elif posixpath.normpath(posixpath.join("/", base, target))[1:] not in parts:
                yield f"{name} leads to {target}, which is no part of the file"


def _types(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Every part has a type, and no type is that of a part that is not there."""
    types = list(_xml(parts["[Content_Types].xml"]))
    endings = {t.get("Extension", "").lower() for t in types if t.get("Extension")}
    named = {t.get("PartName", "")[1:] for t in types if t.get("PartName")}
    yield from (f"part {n}, which has a type, is not there" for n in sorted(named) if n not in parts)
    for name in parts:
        if name not in named and name.rpartition(".")[2].lower() not in endings and name[0] != "[":
            yield f"part {name} has no type"


def _workbook(parts: Mapping[str, bytes], known: Known) -> Iterator[str]:
    shared = ["".join(s.itertext()) for s in _xml(parts["xl/sharedStrings.xml"])]
    targets = {r.get("Id"): r.get("Target", "") for r in _xml(parts["xl/_rels/workbook.xml.rels"])}
    sheets = {
        s.get("name"): f"xl/{targets[s.get(f'{_R}id')]}"
        for s in _xml(parts["xl/workbook.xml"]).iter(f"{_S}sheet")
    }
    rows = list(_rows(_xml(parts[sheets["Conformance"]]), shared))
    ids = [row["A"] for row in rows[1:]]
    yield from (f"row {i} stands more than once" for i in twice(ids))
    yield from (f"row {i} is missing" for i in sorted({*known.verdicts, *known.obligations} - set(ids)))
    entries = {row["A"]: row["B"] for row in list(_rows(_xml(parts[sheets["Evidence"]]), shared))[1:]}
    leaves = {f"#{i}": leaf for i, leaf in known.leaves.items()}
    yield from (
        f"entry {i} has another leaf than the ledger" for i, x in entries.items() if leaves.get(i) != x
    )
    for row in rows[1:]:
        if known.verdicts.get(row["A"], row["G"]) != row["G"]:
            yield f"row {row['A']} has another verdict than the assessment"
        for line in (*row.get("J", "").splitlines(), *row.get("K", "").splitlines()):
            if line.startswith("#") and line.partition(" ")[0] not in entries:
                yield f"row {row['A']} refers to entry {line.partition(' ')[0]}, which is on no sheet"


def _rows(sheet: "Element", shared: list[str]) -> Iterator[dict[str, str]]:
    """Cells by column; a formula is none of ours and shows as an error."""
    for row in sheet.iter(f"{_S}row"):
        cells = {}
        for cell in row:
            if cell.find(f"{_S}f") is not None:
                raise ValueError(f"a formula in {cell.get('r')}")
            value = cell.findtext(f"{_S}v") or ""
            text = shared[int(value)] if cell.get("t") == "s" else value
            cells[cell.get("r", "").rstrip("0123456789")] = text
        yield cells


def _document(data: bytes, known: Known) -> Iterator[str]:
    body = _xml(data)
    marks = [m.get(f"{_W}name", "") for m in body.iter(f"{_W}bookmarkStart")]
    yield from (f"bookmark {m} stands more than once" for m in twice(marks))
    for link in body.iter(f"{_W}hyperlink"):
        anchor = link.get(f"{_W}anchor")
        if anchor not in marks:
            yield f"a link leads to {anchor}, which is no bookmark"
    words = {w for p in body.iter(f"{_W}p") for w in "".join(t.text or "" for t in p.iter(f"{_W}t")).split()}
    told = {w.rstrip(":,.") for w in words}
    yield from (f"{i} is not in the document" for i in sorted({*known.verdicts, *known.obligations} - told))

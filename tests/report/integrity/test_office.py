"""XLSX and DOCX: a broken twin for each rule; openpyxl and python-docx open most of them without a word."""

import re
import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO

import docx
import openpyxl
import pytest

from assaymark.report.integrity.check import problems_of
from tests.report.exports import exported
from tests.report.integrity.twins import FAILED, KNOWN, PASSED

Parts = dict[str, bytes]
Break = Callable[[Parts], object]

STRINGS, SHEET = "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml"
RELATIONS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
BODY, LINKS = "word/document.xml", "word/_rels/document.xml.rels"


def packed(parts: Parts) -> bytes:
    """The parts as a package."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def swap(name: str, before: str, after: str) -> Break:
    """Replace the first occurrence of a pattern in a part; it has to be there."""

    def damage(parts: Parts) -> None:
        text, times = re.subn(before, after, parts[name].decode(), count=1)
        assert times == 1, before
        parts[name] = text.encode()

    return damage


def twin(form: str, damage: Break) -> bytes:
    """The sample's export with the damage done."""
    with zipfile.ZipFile(BytesIO(exported(form))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    damage(parts)
    return packed(parts)


ENTRY = r"(<t[^>]*>)#0 (weights_load)"
FORMULA = r'(<c r="D3"[^>]*>)'

XLSX: dict[str, tuple[Break, str]] = {
    "link out of the file": (
        swap(
            RELATIONS,
            "</Relationships>",
            '<Relationship Id="x" Type="urn:x" Target="https://example.com/" '
            'TargetMode="External"/></Relationships>',
        ),
        "leads out of the file",
    ),
    "relation to nothing": (
        swap(
            RELATIONS,
            "</Relationships>",
            '<Relationship Id="x" Type="urn:x" Target="gone.xml"/></Relationships>',
        ),
        "leads to gone.xml",
    ),
    "type of nothing": (
        swap(TYPES, "</Types>", '<Override PartName="/gone.xml" ContentType="text/xml"/></Types>'),
        "part gone.xml, which has a type",
    ),
    "part without a type": (lambda p: p.update({"xl/macro.bin": b"x"}), "part xl/macro.bin has no type"),
    "row missing": (swap(STRINGS, f"<t>{PASSED}</t>", "<t>9.9.9-9</t>"), f"row {PASSED} is missing"),
    "row twice": (
        swap(STRINGS, f"<t>{PASSED}</t>", f"<t>{FAILED}</t>"),
        f"row {FAILED} stands more than once",
    ),
    "another verdict": (swap(STRINGS, "<t>fail</t>", "<t>pass</t>"), "another verdict"),
    "another leaf": (swap(STRINGS, f"<t>{0:064x}</t>", f"<t>{'f' * 64}</t>"), "another leaf"),
    "evidence that is not there": (swap(STRINGS, ENTRY, r"\1#999 \2"), "refers to entry #999"),
    "a formula": (swap(SHEET, FORMULA, r"\1<f>1+1</f>"), "a formula in D3"),
}

DOCX: dict[str, tuple[Break, str]] = {
    "link out of the file": (
        swap(
            LINKS,
            "</Relationships>",
            '<Relationship Id="x" Type="urn:x" Target="https://example.com/" '
            'TargetMode="External"/></Relationships>',
        ),
        "leads out of the file",
    ),
    "link to nothing": (swap(BODY, r'w:anchor="[^"]+"', 'w:anchor="gone"'), "leads to gone"),
    "bookmark twice": (
        swap(
            BODY,
            r'(<w:bookmarkStart[^>]*w:name=")([^"]+)(".*?<w:bookmarkStart[^>]*w:name=")[^"]+"',
            r'\1\2\3\2"',
        ),
        "stands more than once",
    ),
    "provision missing": (
        lambda p: p.update({BODY: p[BODY].replace(PASSED.encode(), b"")}),
        f"{PASSED} is not in",
    ),
}


@pytest.mark.parametrize("name", XLSX)
def test_a_broken_workbook_is_refused(name: str) -> None:
    """A reader of workbooks opens it all the same."""
    damage, reason = XLSX[name]
    data = twin("xlsx", damage)

    if name != "relation to nothing":
        with warnings.catch_warnings(action="ignore"):
            assert "Conformance" in openpyxl.load_workbook(BytesIO(data)).sheetnames
    assert any(reason in p for p in problems_of("xlsx", data, KNOWN))


@pytest.mark.parametrize("name", DOCX)
def test_a_broken_document_is_refused(name: str) -> None:
    """A reader of documents opens it all the same."""
    damage, reason = DOCX[name]
    data = twin("docx", damage)

    assert docx.Document(BytesIO(data)).tables
    assert any(reason in p for p in problems_of("docx", data, KNOWN))


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_a_damaged_package_is_refused(form: str) -> None:
    """A byte that flipped, a part that stands twice, a package of something else."""
    data = bytearray(exported(form))
    data[len(data) // 2] ^= 0xFF

    assert problems_of(form, bytes(data), KNOWN)
    with warnings.catch_warnings(action="ignore"):
        doubled = packed({"a.xml": b"<a/>", TYPES: b"<Types/>", "A.xml": b"<a/>"})
    assert any("a.xml stands more than once" in p for p in problems_of(form, doubled, KNOWN))
    assert any("neither a workbook nor a document" in p for p in problems_of(form, doubled, KNOWN))

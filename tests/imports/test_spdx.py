"""SPDX bills of materials."""

from typing import Any

import pytest
from tests.imports.samples import COMMIT, DIGEST, encoded, spdx_2, spdx_3

from assaymark.errors import UsageError
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport
from assaymark.imports.report import Tested as Part
from assaymark.imports.spdx import IMPORTER
from assaymark.observation import Outcome

PACKAGE = Part("package", "pypi/requests", "2.19.0")


def read(document: dict[str, Any]) -> ImportedReport:
    """The report in a document."""
    return IMPORTER.read(encoded(document), "bom.json")


def test_a_document_of_version_2_is_read() -> None:
    """Packages by package URL, files by digest, the tool with its version."""
    report = read(spdx_2())

    assert report.tested == (PACKAGE, Part("file", "weights/a.safetensors", DIGEST))
    assert (report.tool, report.tool_version, report.made_at) == ("syft", "1.4.1", "2026-11-20T10:00:00Z")
    assert report.statements[0].outcome is Outcome.MET


def test_a_document_of_version_3_is_read() -> None:
    """Models are packages of their own there."""
    report = read(spdx_3())

    assert report.tested == (Part("model", "weights/a.safetensors", DIGEST), PACKAGE)
    assert (report.tool, report.tool_version) == ("builder", "3.1")
    assert importer_of(encoded(spdx_3()), "x").format == "spdx"


def test_the_commit_of_the_root_binds_version_3() -> None:
    """Where the root package says what it was built from; the root is no part of itself."""
    document = spdx_3()
    document["@graph"] += [
        {"type": "software_Sbom", "spdxId": "urn:s", "rootElement": ["urn:root"]},
        {
            "type": "software_Package",
            "spdxId": "urn:root",
            "name": "system",
            "software_packageUrl": "pkg:pypi/system@1",
            "software_sourceInfo": f"git commit {COMMIT}",
        },
    ]
    report = read(document)

    assert report.tested[0] == Part("commit", "", COMMIT)
    assert not any(t.name == "pypi/system" for t in report.tested)


def test_an_older_version_is_told() -> None:
    """It is read as far as it goes."""
    assert "SPDX-2.1" in read(spdx_2(spdxVersion="SPDX-2.1")).problems[0]


def test_what_is_no_bill_is_refused() -> None:
    """Even when it is named one."""
    with pytest.raises(UsageError, match="no SPDX bill"):
        IMPORTER.read(b"{}", "bom.json")

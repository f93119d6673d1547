"""CycloneDX bills of materials."""

from typing import Any

import pytest
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from tests.imports.samples import COMMIT, DIGEST, NOW, cyclonedx, encoded

from assaymark.errors import UsageError
from assaymark.imports.cyclonedx import IMPORTER
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport
from assaymark.imports.report import Tested as Part
from assaymark.observation import Outcome


def read(bom: dict[str, Any]) -> ImportedReport:
    """The report in a bill."""
    return IMPORTER.read(encoded(bom), "bom.json")


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
def test_parts_of_every_version_are_read(version: str) -> None:
    """Models by digest, models of the Hub and packages by name and version."""
    report = read(cyclonedx(version))

    assert (report.tool, report.tool_version, report.lists_parts) == ("syft", "1.4", True)
    assert set(report.tested) >= {
        Part("package", "pypi/requests", "2.19.0"),
        Part("model", "org/m", "r1"),
    }
    assert any(t.value == DIGEST for t in report.tested)
    assert report.problems == ()


def test_dependencies_are_counted() -> None:
    """A bill without any does not show how the parts hang together."""
    assert read(cyclonedx()).statements[0].outcome is Outcome.MET
    assert read(cyclonedx(dependencies=[])).statements[0].outcome is Outcome.NOT_OBSERVABLE


def test_the_commit_in_the_bill_binds_it() -> None:
    """From the pedigree of what the bill is about."""
    bom = cyclonedx()
    bom["metadata"]["component"] = {
        "type": "application",
        "name": "s",
        "pedigree": {"commits": [{"uid": COMMIT}]},
    }

    assert read(bom).tested[0] == Part("commit", "", COMMIT)


def test_nested_components_are_read() -> None:
    """However deep."""
    inner: dict[str, Any] = {"type": "library", "name": "deep", "purl": "pkg:pypi/deep@1"}
    for _ in range(50):
        inner = {"type": "application", "name": "x", "components": [inner]}

    assert Part("package", "pypi/deep", "1") in read(cyclonedx(components=[inner])).tested


def test_vulnerabilities_in_a_bill_are_mentioned() -> None:
    """Not weighed, and not passed over in silence."""
    assert "1 vulnerability" in read(cyclonedx(vulnerabilities=[{"id": "CVE-1"}])).problems[0]


def test_what_is_no_bill_is_refused() -> None:
    """Even when it is named one."""
    with pytest.raises(UsageError, match="no CycloneDX bill"):
        IMPORTER.read(b"{}", "bom.json")


@pytest.mark.parametrize(
    "version", [SchemaVersion.V1_4, SchemaVersion.V1_5, SchemaVersion.V1_6, SchemaVersion.V1_7]
)
def test_what_the_library_writes_is_read(version: SchemaVersion) -> None:
    """A bill by other people's software agrees with the tree it is about."""
    bom = Bom()
    package = Component(
        name="requests", version="2.19.0", purl=PackageURL("pypi", None, "requests", "2.19.0")
    )
    file = Component(
        type=ComponentType.FILE,
        name="weights/a.safetensors",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=DIGEST)],
    )
    bom.components.update({package, file})
    bom.register_dependency(package, [file])
    text = make_outputter(bom, OutputFormat.JSON, version).output_as_string()
    importer = importer_of(text.encode(), "bom.json")
    report = importer.read(text.encode(), "bom.json")

    assert set(report.tested) == {
        Part("package", "pypi/requests", "2.19.0"),
        Part("file", "weights/a.safetensors", DIGEST),
    }
    assert NOW.files["weights/a.safetensors"] == DIGEST

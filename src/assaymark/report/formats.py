"""The formats that an assessment is exported in: one table, read by `assaymark export` and by its page.

To add one: a row here, a renderer that gives bytes, and a file in `report/integrity` for its own check.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.bom import Bom
from assaymark.observation import Subject
from assaymark.report.ics_options import StatementOptions

__all__ = ["FORMATS", "Format", "Material", "is_installed", "render"]


class Material(Struct, frozen=True, kw_only=True):
    """What renderers draw from."""

    assessment: Assessment
    bom: Bom | None = None
    """Needed by the formats that ask for it."""
    options: StatementOptions = StatementOptions()

    @property
    def subjects(self) -> Sequence[Subject]:
        """What was assessed, by digest."""
        from assaymark.report.in_toto import subjects_of

        return subjects_of(self.assessment)


class Format(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    file: str
    """Name of the file."""
    audience: str
    """Who reads it."""
    render: str
    """`module:function` within `assaymark.report`, imported when asked for."""
    needs: tuple[str, ...] = ("assessment",)
    """Members of `Material` that are the function's arguments, in order."""
    given: dict[str, str] = {}
    """Further keyword arguments."""
    package: str = ""
    """What has to be installed beside the core; empty for nothing."""
    extra: str = ""
    """The extra that brings it."""


_BILL = ("assessment", "bom")
_PAPER = ("assessment", "options")

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "json": Format(
            file="report.json", audience="programs: everything there is", render="json_v1:render_json"
        ),
        "html": Format(file="report.html", audience="people, in a browser", render="html:render_html"),
        "sarif": Format(
            file="report.sarif", audience="code scanning: findings in files", render="sarif:render_sarif"
        ),
        "junit": Format(
            file="junit.xml", audience="build servers: a case a provision", render="junit:render_junit"
        ),
        "cyclonedx-1.6": Format(
            file="declarations-1.6.cdx.json",
            audience="buyers' BOM tools: parts and claims",
            render="declarations.document:render_declarations",
            needs=_BILL,
            given={"spec": "1.6"},
        ),
        "cyclonedx-1.7": Format(
            file="declarations-1.7.cdx.json",
            audience="the same, with who said what",
            render="declarations.document:render_declarations",
            needs=_BILL,
            given={"spec": "1.7"},
        ),
        "in-toto": Format(
            file="statement.intoto.json",
            audience="policy engines: every verdict",
            render="in_toto:render_in_toto",
        ),
        "svr": Format(
            file="svr.intoto.json",
            audience="gates: what passes, nothing else",
            render="svr:render_svr",
            needs=("assessment", "subjects"),
        ),
        "ics": Format(
            file="ics.json", audience="auditors' programs: conformance", render="ics:render_ics_json"
        ),
        "ixit": Format(
            file="ixit.json", audience="testers' programs: the system", render="ixit:render_ixit_json"
        ),
        "xlsx": Format(
            file="conformance-statement.xlsx",
            audience="auditors, as a workbook",
            render="xlsx:render_xlsx",
            needs=_PAPER,
            package="xlsxwriter",
            extra="office",
        ),
        "docx": Format(
            file="conformance-statement.docx",
            audience="auditors, as a document",
            render="docx:render_docx",
            needs=_PAPER,
            package="docx",
            extra="office",
        ),
        "oscal-catalog": Format(
            file="oscal-catalog.json",
            audience="GRC tools: the provisions as controls",
            render="oscal.catalog:render_catalog",
        ),
        "oscal-profile-developer": Format(
            file="oscal-profile-developer.json",
            audience="the same, for one role",
            render="oscal.catalog:render_profile",
            given={"name": "developer"},
        ),
        "oscal-profile-system-operator": Format(
            file="oscal-profile-system-operator.json",
            audience="the same, for one role",
            render="oscal.catalog:render_profile",
            given={"name": "system-operator"},
        ),
        "oscal-profile-data-custodian": Format(
            file="oscal-profile-data-custodian.json",
            audience="the same, for one role",
            render="oscal.catalog:render_profile",
            given={"name": "data-custodian"},
        ),
        "oscal-component": Format(
            file="oscal-component.json",
            audience="GRC tools: how each is met",
            render="oscal.component:render_component",
        ),
        "oscal-results": Format(
            file="oscal-results.json",
            audience="GRC tools: findings and evidence",
            render="oscal.results:render_results",
        ),
        "ciso-assistant": Format(
            file="ciso-assistant-en-304-223.yaml",
            audience="CISO Assistant: a framework library",
            render="ciso_assistant:render_ciso_assistant",
        ),
    }
)
"""Format → its row, in the order in which they are written."""


def is_installed(form: str) -> bool:
    """Whether what the format needs beside the core is there."""
    package = FORMATS[form].package
    return not package or find_spec(package) is not None


def render(form: str, material: Material) -> bytes:
    """`material` in the format `form`."""
    row = FORMATS[form]
    module, _, name = row.render.partition(":")
    function: Callable[..., bytes] = getattr(import_module(f"assaymark.report.{module}"), name)
    arguments: list[Any] = [getattr(material, need) for need in row.needs]
    return function(*arguments, **row.given)

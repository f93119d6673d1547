"""The table of export formats is whole: every row renders, is checked, and is described."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from assaymark.assess.assessment import Assessment, Evidence, ProvisionResult
from assaymark.asset import Asset, AssetKind
from assaymark.observation import Detail, Location, Subject
from assaymark.report.declarations.scores import CONFIDENCE, PARTLY
from assaymark.report.formats import FORMATS, Material, is_installed, render
from assaymark.report.integrity.check import CHECKED, problems_of
from assaymark.report.integrity.known import known_of
from tests.report.bom.sample import full
from tests.report.exports import judged

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "evidence" / "exports.md"


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_renders_and_renders_alike(form: str) -> None:
    """Bytes from the same assessment, twice the same."""
    material = Material(assessment=judged(), bom=full())

    assert is_installed(form)
    assert render(form, material) == render(form, material) != b""


def _odd(text: str) -> Assessment:
    """The judged sample with `text` wherever a stranger's text can stand."""
    a = judged()
    told = text.encode("utf-8", "backslashreplace").decode()  # a ledger is JSON

    def entry(e: Evidence) -> Evidence:
        o = e.observation
        details = (Detail(told, Location(told, 3)), *o.details)
        subjects = (Subject(told, "ab" * 32), *o.subjects)
        odd = replace(o, summary=told, details=details, subjects=subjects, fix=told, by=o.by and told)
        return replace(e, observation=odd, stale_because=e.stale_because and told)

    def result(r: ProvisionResult) -> ProvisionResult:
        obligations = tuple(replace(o, reason=told) for o in r.obligations)
        return replace(r, reason=told, moves=(told,), obligations=obligations)

    return replace(
        a,
        system=replace(a.system, name=text, organisation=text, version=text, owner=text, purpose=text),
        root=text,
        assets=(*a.assets, Asset(id=text, kind=AssetKind.MODEL, name=text, location=text, sha256="ab" * 32)),
        evidence=tuple(map(entry, a.evidence)),
        results=tuple(map(result, a.results)),
        problems=(text,),
    )


HALF = "\ud800"
MARKUP = "=1+1\n#99999 x\n\n]]>\x00\x1b[2J\u202e</w:t><script>"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", [HALF, MARKUP], ids=["half", "markup"])
def test_no_text_of_a_stranger_breaks_a_format(form: str, text: str) -> None:
    """Half characters, markup, formulas and what looks like our own references: all stays whole."""
    a = _odd(text)

    assert problems_of(form, render(form, Material(assessment=a, bom=full())), known_of(a)) == ()


def test_no_two_formats_share_a_file() -> None:
    """All of them fit into one folder, on any file system."""
    assert len({row.file.lower() for row in FORMATS.values()}) == len(FORMATS)


def test_each_format_is_checked() -> None:
    """A format without a check of our own would be written unseen."""
    assert set(CHECKED) == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_on_its_page(form: str) -> None:
    """The page names the format and its file."""
    page = PAGE.read_text(encoding="utf-8")

    assert f"`{form}`" in page
    assert f"`{FORMATS[form].file}`" in page


def test_the_page_has_the_numbers_that_are_ours() -> None:
    """Confidence and conformance on the page are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("| Grounds | Confidence |")[2].partition("\n\n")[0]
    told = [float(row.rpartition("|")[0].rpartition("|")[2]) for row in table.splitlines()[2:]]

    assert told == list(CONFIDENCE.values())
    assert f"conformance of an obligation {PARTLY};" in page

"""The table of export formats is whole: every row renders, is checked, and is described."""

from pathlib import Path

import pytest

from assaymark.report.formats import FORMATS, Material, is_installed, render
from assaymark.report.integrity.check import CHECKED
from tests.report.bom.sample import full
from tests.report.exports import judged

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "evidence" / "exports.md"


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_renders_and_renders_alike(form: str) -> None:
    """Bytes from the same assessment, twice the same."""
    material = Material(assessment=judged(), bom=full())

    assert is_installed(form)
    assert render(form, material) == render(form, material) != b""


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

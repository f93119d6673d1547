"""The table of importers, and what each of them keeps to."""

from pathlib import Path

import pytest
from tests.imports import samples

from assaymark.errors import UsageError
from assaymark.imports.registry import all_importers, importer_of, named
from assaymark.standard.catalogue import catalogue, obligation_ids

IMPORTERS = all_importers()
FOLDER = Path(__file__).resolve().parents[2] / "src" / "assaymark" / "imports"


def test_every_file_with_an_importer_is_in_the_table() -> None:
    """And each stands there once, under names of its own."""
    files = [p for p in FOLDER.glob("*.py") if "\nIMPORTER = " in p.read_text(encoding="utf-8")]

    assert len(IMPORTERS) == len(files)
    assert len({i.format for i in IMPORTERS}) == len({i.info.id for i in IMPORTERS}) == len(IMPORTERS)


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda i: i.format)
def test_importers_explain_themselves(importer) -> None:  # type: ignore[no-untyped-def]
    """What it cannot see is said, it decides no provision, and it speaks to provisions that there are."""
    info = importer.info

    assert info.id.startswith("import_")
    assert info.title
    assert info.why
    assert info.fix
    assert info.blind_spots
    assert info.provisions == ()
    assert set(info.supports) <= {p.id for p in catalogue().provisions}


@pytest.mark.parametrize("form", samples.every())
def test_a_report_is_recognised_by_its_content(form: str) -> None:
    """By one importer alone, whatever the file is called, with or without a byte order mark."""
    data = samples.every()[form]

    assert importer_of(data, "report.json").format == form
    assert importer_of(b"\xef\xbb\xbf" + data, "x").format == form
    assert [i.format for i in IMPORTERS if i.recognise(data, "report.json")] == [form]


@pytest.mark.parametrize("form", samples.every())
def test_what_a_report_says_stays_within_what_its_importer_names(form: str) -> None:
    """Its statements name obligations of the provisions that the importer supports, and decide none."""
    importer = named(form)
    report = importer.read(samples.every()[form], "report.json")

    assert report.statements
    for statement in report.statements:
        assert set(statement.obligations) <= set(obligation_ids())
        assert {o.partition("#")[0] for o in statement.obligations} <= set(importer.info.supports)
        assert statement.decisive == ()


def test_an_unknown_report_is_refused_with_what_is_known() -> None:
    """The advice names every format."""
    with pytest.raises(UsageError, match=r"is no report") as raised:
        importer_of(b'{"a": 1}', "x.json")

    assert all(i.format in raised.value.advice for i in IMPORTERS)


def test_an_ambiguous_report_has_to_be_named() -> None:
    """One that says it is two things is not guessed at."""
    both = b'{"bomFormat": "CycloneDX", "spdxVersion": "SPDX-2.3"}'

    with pytest.raises(UsageError, match="more than one format") as raised:
        importer_of(both, "x.json")

    assert "--as cyclonedx" in raised.value.advice
    assert "--as spdx" in raised.value.advice


def test_an_unknown_format_is_refused() -> None:
    """With the formats that there are."""
    with pytest.raises(UsageError, match="no format") as raised:
        named("xlsx")

    assert "sarif" in raised.value.advice


def test_text_inside_a_report_does_not_make_it_another() -> None:
    """A finding that quotes a bill of materials is still a finding."""
    quoted = samples.sarif([samples.finding(message={"text": '"bomFormat": "CycloneDX"'})])

    assert importer_of(samples.encoded(quoted), "x").format == "sarif"

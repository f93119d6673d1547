"""Tables → registers: recognised by columns, with the names that people write made one."""

import pytest
from tests.scan.document.test_document import scan

from assaymark.scan.document.registers import header_kind, normal_columns
from assaymark.scan.facts import Register, ScanProblem


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Name,Role,Module,Completed on", "training"),
        ("Employee;Course;Date completed", "training"),
        ("Threat,Probability,Severity,Countermeasures", "risk"),
        ("Vendor,Service,Last assessed,Next review", "supplier"),
        ("Asset,Type,Version,Owner,SHA-256", "asset"),
        ("Asset,Erased on,Method", "disposal"),
        ("Dataset,Source URL,Date obtained,Licence", "data"),
        ("Model,Version,Licence", "model"),
        ("Decision,Rationale,Approved by", "decision"),
        ("text,label", ""),
        ("name,role,age", ""),
        ("Model,Accuracy,F1", ""),
        ("Risk,Score", ""),
        ("Product,Price", ""),
    ],
)
def test_the_columns_make_the_kind(header: str, kind: str) -> None:
    """Data and result tables are no registers."""
    assert header_kind(header.replace(";", ",").split(",")) == kind


def test_a_second_column_of_one_name_keeps_its_words() -> None:
    """Two dates in one register are told apart."""
    assert normal_columns(["Supplier", "Assessed", "Last reviewed"]) == (
        "supplier",
        "assessed",
        "last reviewed",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_by_its_delimiter(delimiter: str) -> None:
    """Spreadsheets write commas, semicolons or tabs, and a byte order mark."""
    text = "\ufeffName,Role,Completed\nAda,Developer,2026-05-01\n".replace(",", delimiter)

    (register,) = scan("hr/people.csv", text)

    assert isinstance(register, Register)
    assert register.rows == (("Ada", "Developer", "2026-05-01"),)


def test_yaml_and_json_are_read_alike() -> None:
    """A list of mappings, at the top or one level below."""
    (one,) = scan("suppliers.yaml", "suppliers:\n  - {vendor: Acme, service: models}\n")
    (two,) = scan("suppliers.json", '[{"vendor": "Acme", "service": "models"}]')

    assert isinstance(one, Register)
    assert isinstance(two, Register)
    assert one.rows == two.rows == (("Acme", "models"),)


def test_a_broken_register_is_said() -> None:
    """Silence would look like an empty register."""
    (problem,) = scan("risks.yaml", "a: &a [1]\nb: *a\n")

    assert isinstance(problem, ScanProblem)
    assert "alias" in problem.reason


def test_rows_are_bounded() -> None:
    """Two thousand rows are enough to judge by."""
    text = "Name,Role,Completed\n" + "Ada,Dev,2026-01-01\n" * 5_000

    (register,) = scan("training.csv", text)

    assert isinstance(register, Register)
    assert len(register.rows) == 2_000

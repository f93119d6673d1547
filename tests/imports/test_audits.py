"""pip-audit and OSV-Scanner."""

from typing import Any

import pytest
from tests.imports.samples import encoded, osv, pip_audit

from assaymark.errors import UsageError
from assaymark.imports import osv_scanner
from assaymark.imports import pip_audit as audit
from assaymark.imports.report import ImportedReport
from assaymark.imports.report import Tested as Part
from assaymark.observation import Certainty, Outcome

REQUESTS = Part("package", "pypi/requests", "2.19.0")


def audited(value: Any) -> ImportedReport:
    """pip-audit's report."""
    return audit.IMPORTER.read(encoded(value), "audit.json")


def scanned(value: Any) -> ImportedReport:
    """OSV-Scanner's report."""
    return osv_scanner.IMPORTER.read(encoded(value), "osv.json")


def test_a_flaw_that_a_release_mends_is_firm() -> None:
    """A patch was possible and was not taken; the statement rests on that package alone."""
    (statement,) = audited(pip_audit()).statements

    assert (statement.outcome, statement.certainty) == (Outcome.NOT_MET, Certainty.FIRM)
    assert statement.tested == (REQUESTS,)
    assert statement.details[0].message == "requests 2.19.0 has PYSEC-2018-28 (mended in 2.20.0)."


def test_a_flaw_that_no_release_mends_asks_a_person() -> None:
    """There was nothing to update to."""
    (statement,) = audited(pip_audit(fixed=())).statements

    assert (statement.outcome, statement.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_no_flaw_supports() -> None:
    """For every package that was looked up."""
    report = audited(pip_audit(flawed=False))

    assert report.statements[0].outcome is Outcome.MET
    assert report.statements[0].summary == "no known flaw in 2 packages."
    assert report.tested == (REQUESTS, Part("package", "pypi/numpy", "2.1.0"))


def test_the_older_shape_is_a_list() -> None:
    """Before version 2 the dependencies stood alone."""
    assert audited(pip_audit()["dependencies"]) == audited(pip_audit())
    assert audit.IMPORTER.recognise(encoded(pip_audit()["dependencies"]), "x")


def test_skipped_packages_are_told() -> None:
    """What was not audited is not free of flaws."""
    value = pip_audit(flawed=False)
    value["dependencies"].append({"name": "own", "skip_reason": "not found on PyPI"})
    (statement,) = audited(value).statements

    assert statement.outcome is Outcome.PARTLY_MET
    assert statement.details[0].message == "own was not audited: not found on PyPI."


def test_many_flawed_packages_stay_a_bounded_number_of_statements() -> None:
    """Twenty alone, the rest together."""
    flaw = [{"id": "X-1", "fix_versions": ["9"]}]
    many = [{"name": f"p{n}", "version": "1", "vulns": flaw} for n in range(300)]
    statements = audited({"dependencies": many, "fixes": []}).statements

    assert len(statements) == 21
    assert len(statements[-1].tested) == 280
    assert statements[-1].summary == "280 further packages have 280 known flaws."


def test_a_flaw_with_two_ids_counts_once() -> None:
    """OSV-Scanner groups what is the same."""
    (statement,) = scanned(osv()).statements

    assert statement.summary == "requests 2.19.0 has 1 known flaw."
    assert "GHSA-x84v-xcm2-53pg, PYSEC-2018-28 (mended in 2.20.0)" in statement.details[0].message
    assert statement.certainty is Certainty.FIRM


def test_a_flaw_that_is_not_called_asks_a_person() -> None:
    """The tool looked closer, and doubts that it matters."""
    doubt = {"GHSA-x84v-xcm2-53pg": {"called": False, "unimportant": False}}

    assert scanned(osv(experimental_analysis=doubt)).statements[0].certainty is Certainty.TENTATIVE


def test_withdrawn_records_do_not_count() -> None:
    """Nor are releases of another package, or commits, a fix of this one."""
    value = osv()
    package = value["results"][0]["packages"][0]
    package["vulnerabilities"][0]["withdrawn"] = "2026-01-01T00:00:00Z"
    package["vulnerabilities"][1]["affected"] = [
        {"package": {"name": "other"}, "ranges": [{"type": "SEMVER", "events": [{"fixed": "1"}]}]},
        {"package": {"name": "requests"}, "ranges": [{"type": "GIT", "events": [{"fixed": "abc"}]}]},
    ]
    (statement,) = scanned(value).statements

    assert statement.certainty is Certainty.TENTATIVE
    assert "PYSEC-2018-28 (no release mends it)" in statement.details[0].message


def test_results_without_a_flaw_name_no_package() -> None:
    """So nothing binds them but what the importing person says."""
    report = scanned({"results": [], "experimental_config": {}})

    assert (report.tested, report.statements[0].outcome) == ((), Outcome.MET)
    assert osv_scanner.IMPORTER.recognise(encoded({"results": [], "experimental_config": {}}), "x")


@pytest.mark.parametrize("importer", [audit.IMPORTER, osv_scanner.IMPORTER])
def test_what_is_no_report_is_refused(importer: Any) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match="no list of"):
        importer.read(b'{"dependencies": 1, "results": {}}', "x.json")

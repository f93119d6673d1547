"""Which of several reports count."""

import hashlib
from typing import Any

from msgspec.structs import replace
from tests.imports.samples import COMMIT, NOW, OTHER, encoded, finding, pip_audit, sarif

from assaymark.imports.about import FOLDER, About, Part
from assaymark.imports.files import Imported
from assaymark.imports.newest import observe_all
from assaymark.imports.present import Present
from assaymark.imports.registry import named

OLD = "1" * 40


def imported(name: str, form: str, value: Any, on: str = "2026-11-20", **about: Any) -> Imported:
    """A report as its file gives it."""
    data, path, importer = encoded(value), f"{FOLDER}/{name}", named(form)
    digest = hashlib.sha256(data).hexdigest()
    dates = {"imported_on": on, "valid_until": "2027-02-21"}
    sidecar = About(format=form, report=name, sha256=digest, **dates, **about)
    return Imported(path, digest, sidecar, importer, importer.read(data, path))


def kept(*reports: Imported, now: Present = NOW) -> list[str]:
    """Names of the reports that count."""
    seen = observe_all(reports, now)
    return [o.observations[0].subjects[-1].name.rpartition("/")[2] for o in seen]


def run(commit: str, day: str, tool: str = "CodeQL", **more: Any) -> dict[str, Any]:
    """A log made on `day` of `commit`."""
    invocations = [{"executionSuccessful": True, "endTimeUtc": f"{day}T10:00:00Z"}]
    return sarif([finding()], commit=commit, tool=tool, invocations=invocations, **more)


def test_a_newer_report_about_the_same_things_replaces_a_stale_one() -> None:
    """In whichever order they lie there."""
    old, new = (
        imported("a", "sarif", run(OLD, "2026-11-01")),
        imported("b", "sarif", run(COMMIT, "2026-11-02")),
    )

    assert kept(old, new) == ["b"]
    assert kept(new, old) == ["b"]


def test_an_older_report_replaces_none() -> None:
    """A stale report that is the newest stays, and keeps asking for a look."""
    old, new = (
        imported("a", "sarif", run(COMMIT, "2026-11-01")),
        imported("b", "sarif", run(OLD, "2026-11-02")),
    )

    assert kept(old, new) == ["a", "b"]


def test_another_tool_replaces_none() -> None:
    """It may look for other things."""
    old = imported("a", "sarif", run(OLD, "2026-11-01"))
    new = imported("b", "sarif", run(COMMIT, "2026-11-02", tool="Semgrep"))

    assert kept(old, new) == ["a", "b"]


def test_two_reports_that_are_up_to_date_both_count() -> None:
    """The second does not excuse what the first found."""
    old = imported("a", "sarif", run(COMMIT, "2026-11-01"))
    new = imported("b", "sarif", run(COMMIT, "2026-11-02"))

    assert kept(old, new) == ["a", "b"]


def test_a_report_about_less_replaces_none() -> None:
    """What it did not look at may be as it was."""
    less = {"dependencies": [{"name": "numpy", "version": "2.1.0", "vulns": []}], "fixes": []}
    updated = replace(NOW, packages={**NOW.packages, "pypi/requests": frozenset({"2.20.0"})})
    old = imported("a", "pip-audit", pip_audit(), "2026-11-01")
    again = pip_audit(flawed=False)
    again["dependencies"][0]["version"] = "2.20.0"

    assert kept(old, imported("b", "pip-audit", less, "2026-11-02"), now=updated) == ["a", "b"]
    assert kept(old, imported("b", "pip-audit", again, "2026-11-02"), now=updated) == ["b"]


def test_what_the_person_named_counts_as_what_it_is_about() -> None:
    """Two audits of one lock file are about the same thing."""
    empty = {"results": [], "experimental_config": {}}
    old = imported("a", "osv-scanner", empty, "2026-11-01", tested=(Part("app.py", "0" * 64),))
    new = imported("b", "osv-scanner", empty, "2026-11-02", tested=(Part("app.py", OTHER),))
    other = imported("c", "osv-scanner", empty, "2026-11-02", tested=(Part("b.lock", OTHER),))

    assert kept(old, new) == ["b"]
    assert kept(old, other) == ["a", "c"]

"""A report, its sidecar and the present version → observations."""

import hashlib
from typing import Any

import pytest
from msgspec.structs import replace
from tests.imports.samples import (
    COMMIT,
    DIGEST,
    NOW,
    OTHER,
    cyclonedx,
    encoded,
    finding,
    pip_audit,
    sarif,
    spdx_2,
)

from assaymark.imports.about import FOLDER, About, Part
from assaymark.imports.files import Imported
from assaymark.imports.observations import Observed, made_on, observe
from assaymark.imports.present import Present
from assaymark.imports.registry import named
from assaymark.imports.report import ImportedReport
from assaymark.observation import Certainty, Outcome

PATH = f"{FOLDER}/report.json"


def observed(form: str, value: Any, now: Present = NOW, **about: Any) -> Observed:
    """What a report gives for `now`."""
    data = encoded(value)
    digest = hashlib.sha256(data).hexdigest()
    sidecar = About(
        format=form,
        report="report.json",
        sha256=digest,
        imported_on="2026-11-23",
        valid_until="2027-02-21",
        **about,
    )
    importer = named(form)
    return observe(Imported(PATH, digest, sidecar, importer, importer.read(data, PATH)), now)


def stale(seen: Observed, index: int = 0) -> list[str]:
    """Names of the subjects that are not what they were."""
    return [s.name for s in seen.observations[index].subjects if seen.digests.get(s.name) != s.sha256]


def test_an_observation_names_the_tool_and_the_report() -> None:
    """By whom, when it was made, and the report's own digest as a subject."""
    seen = observed("sarif", sarif([finding()]))
    (observation,) = seen.observations

    assert (observation.check, observation.by, observation.role) == ("import_sarif", "CodeQL 2.1", "tool")
    assert observation.summary.startswith("CodeQL 2.1: 1 open security finding")
    assert (observation.made_on, observation.valid_until) == ("2026-11-20", "2027-02-21")
    assert [s.name for s in observation.subjects] == ["git commit", PATH]
    assert observation.decisive == ()
    assert stale(seen) == []


def test_another_commit_makes_it_stale() -> None:
    """The subject holds the commit that was tested."""
    assert stale(observed("sarif", sarif(), replace(NOW, commit="1" * 40))) == ["git commit"]


def test_a_report_that_names_no_version_is_not_evidence() -> None:
    """It says what to do; the findings stay readable."""
    seen = observed("sarif", sarif([finding()], commit=""))
    (observation,) = seen.observations

    assert observation.outcome is Outcome.NOT_OBSERVABLE
    assert "does not say which version" in observation.summary
    assert "--tested" in observation.fix
    assert observation.details


def test_what_the_person_says_binds_where_the_report_is_silent() -> None:
    """Files by their digest at the import, or the commit."""
    by_file = observed("sarif", sarif(commit=""), tested=(Part("app.py", OTHER),))
    by_commit = observed("sarif", sarif(commit=""), commit=COMMIT)

    assert (by_file.observations[0].outcome, stale(by_file)) == (Outcome.MET, [])
    assert (by_commit.observations[0].outcome, stale(by_commit)) == (Outcome.MET, [])
    changed = replace(NOW, files={"app.py": DIGEST}, commit="1" * 40)
    assert stale(observed("sarif", sarif(commit=""), changed, tested=(Part("app.py", OTHER),))) == ["app.py"]
    assert stale(observed("sarif", sarif(commit=""), changed, commit=COMMIT)) == ["git commit"]


def test_the_report_counts_where_both_speak_and_differ() -> None:
    """Nobody makes an old report new by importing it again."""
    old = sarif(commit="1" * 40)
    seen = observed("sarif", old, commit=COMMIT)

    assert stale(seen) == ["git commit"]
    assert "says that it is about commit 1111" in seen.problems[0]
    artifacts = [{"location": {"uri": "app.py"}, "hashes": {"sha-256": DIGEST}}]
    seen = observed("sarif", sarif(commit="", artifacts=artifacts), tested=(Part("app.py", OTHER),))
    assert stale(seen) == ["app.py"]
    assert "another content of app.py" in seen.problems[0]


def test_both_may_say_the_same() -> None:
    """In whatever length; what the person adds binds too."""
    seen = observed("sarif", sarif(commit=COMMIT[:10]), commit=COMMIT, tested=(Part("app.py", OTHER),))

    assert (stale(seen), seen.problems) == ([], ())
    assert [s.name for s in seen.observations[0].subjects][:1] == ["app.py"]


def test_a_flaw_rests_on_its_own_package() -> None:
    """Another package that changes leaves it as it is, its own update ends it."""
    other = replace(NOW, packages={**NOW.packages, "pypi/numpy": frozenset({"2.2.0"})})
    updated = replace(NOW, packages={**NOW.packages, "pypi/requests": frozenset({"2.20.0"})})

    assert stale(observed("pip-audit", pip_audit(), other)) == []
    assert stale(observed("pip-audit", pip_audit(), updated)) == ["package pypi/requests"]
    assert stale(observed("pip-audit", pip_audit(flawed=False), other)) == ["package pypi/numpy"]


def test_a_flaw_in_a_package_that_nothing_fixes_is_no_evidence_yet() -> None:
    """The tree does not say that it has that version."""
    seen = observed("pip-audit", pip_audit(), replace(NOW, packages={}))

    assert seen.observations[0].outcome is Outcome.NOT_OBSERVABLE


def test_a_bill_that_agrees_supports() -> None:
    """Everything is here as listed, and nothing else."""
    now = replace(NOW, files={"weights/a.safetensors": DIGEST}, assets=NOW.assets[:2])
    now = replace(now, packages={k: v for k, v in NOW.packages.items() if v})
    comparison = observed("cyclonedx", cyclonedx(), now).observations[1]

    assert comparison.outcome is Outcome.MET
    assert "4 of 4 listed parts are here as listed" in comparison.summary


def test_a_bill_is_compared_both_ways() -> None:
    """What it lists and is not here, and what is here and not listed."""
    bom = cyclonedx()
    bom["components"].append({"type": "library", "name": "ghost", "purl": "pkg:pypi/ghost@1"})
    seen = observed("cyclonedx", bom)
    comparison = seen.observations[1]
    told = " ".join(d.message for d in comparison.details)

    assert comparison.outcome is Outcome.PARTLY_MET
    assert "Listed and not seen here: package pypi/ghost 1." in told
    assert "Here and not listed: package pypi/open." in told
    assert "Here and not listed: model gpt-4o-2024-08-06." in told
    assert stale(seen, 1) == []


def test_a_bill_of_another_version_is_stale() -> None:
    """By digest of a model, or by version of a package."""
    weights = replace(NOW, files={**NOW.files, "weights/a.safetensors": OTHER})
    updated = replace(NOW, packages={**NOW.packages, "pypi/requests": frozenset({"2.20.0"})})

    assert stale(observed("cyclonedx", cyclonedx(), weights), 1) == ["weights/a.safetensors"]
    assert stale(observed("cyclonedx", cyclonedx(), updated), 1) == ["package pypi/requests"]
    details = observed("cyclonedx", cyclonedx(), updated).observations[1].details
    assert details[0].message == "Listed as pypi/requests 2.19.0; here it is 2.20.0."


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
@pytest.mark.parametrize(("accepted", "outcome"), [(DIGEST, Outcome.PARTLY_MET), (OTHER, Outcome.NOT_MET)])
def test_digests_of_packages_are_compared_with_the_lock_file(
    form: str, accepted: str, outcome: Outcome
) -> None:
    """One version with another content asks a person."""
    cdx, spdx = cyclonedx(), spdx_2()
    hashes = [{"alg": "SHA-256", "content": DIGEST.upper()}]
    cdx["components"][2]["externalReferences"] = [
        {"type": "distribution", "url": "https://x", "hashes": hashes}
    ]
    spdx["packages"][0]["checksums"] = [{"algorithm": "SHA256", "checksumValue": DIGEST}]
    now = replace(NOW, archives={"pypi/requests@2.19.0": frozenset({accepted, "0" * 64})})
    comparison = observed(form, cdx if form == "cyclonedx" else spdx, now).observations[1]

    assert comparison.outcome is outcome
    assert ("has another digest here" in comparison.summary) is (outcome is Outcome.NOT_MET)
    assert comparison.certainty is Certainty.TENTATIVE


def test_a_bill_that_lists_nothing_known_says_nothing() -> None:
    """An empty list agrees with everything."""
    seen = observed("cyclonedx", cyclonedx(components=[]))

    assert seen.observations[1].outcome is Outcome.NOT_OBSERVABLE


def test_places_of_another_machine_become_places_in_the_tree() -> None:
    """Where the tree has such a file; else they stay as they are."""

    def place(uri: str) -> dict[str, Any]:
        return {"physicalLocation": {"artifactLocation": {"uri": uri}}}

    found = [finding(locations=[place(u)]) for u in ("file:///ci/build/app.py", "/ci/other.py")]
    details = observed("sarif", sarif(found)).observations[0].details

    assert {d.at.path for d in details if d.at} == {"app.py", "/ci/other.py"}


def test_the_key_is_that_of_the_report_and_its_binding() -> None:
    """The same report of the same version is recorded once; a change of the system alone adds no entry."""
    moved = replace(NOW, commit="1" * 40)

    assert observed("sarif", sarif()).key == observed("sarif", sarif(), moved).key
    assert (
        observed("sarif", sarif()).key
        != observed("sarif", sarif(), commit="2" * 40, tested=(Part("a", DIGEST),)).key
    )
    assert observed("sarif", sarif()).key != observed("sarif", sarif([finding()])).key


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-20T23:30:00Z", "2026-11-20"),
        ("2026-11-20T23:30:00-05:00", "2026-11-21"),
        ("2026-11-21T01:00:00+10:00", "2026-11-20"),
        ("2026-11-20T10:00:00.1234567Z", "2026-11-20"),
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20 10:00:00 UTC", "2026-11-20"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_the_day_of_a_report_is_that_of_utc(said: str, day: str) -> None:
    """Or a report from the east would be dated tomorrow."""
    found = made_on(ImportedReport(importer="i", tool="t", made_at=said))

    assert (found.isoformat() if found else "") == day

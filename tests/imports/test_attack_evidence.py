"""Reports of attacks, and threat models, as evidence about a version."""

import hashlib

from msgspec.structs import replace
from tests.imports.red_team_samples import archive, evaluation, garak, inspect
from tests.imports.samples import COMMIT, NOW, OTHER, encoded
from tests.imports.threat_samples import threat_dragon

from assaymark.imports.about import FOLDER, About, Part
from assaymark.imports.files import Imported
from assaymark.imports.observations import Observed, observe
from assaymark.imports.present import Present
from assaymark.imports.registry import importer_of
from assaymark.observation import Certainty, Outcome


def observed(data: bytes, *tested: Part, now: Present = NOW) -> Observed:
    """What a report gives for `now`, of whatever format it is."""
    digest = hashlib.sha256(data).hexdigest()
    importer = importer_of(data, "report")
    about = About(
        format=importer.format,
        report="report",
        sha256=digest,
        tested=tested,
        imported_on="2026-11-23",
        valid_until="2027-02-21",
    )
    path = f"{FOLDER}/report"
    return observe(Imported(path, digest, about, importer, importer.read(data, path)), now)


def stale(seen: Observed) -> set[str]:
    """Names of the subjects that are not what they were."""
    return {s.name for o in seen.observations for s in o.subjects if seen.digests.get(s.name) != s.sha256}


def test_an_attack_on_an_application_needs_a_version() -> None:
    """An address names none; with the file that answered there it is firm, until that file changes."""
    data = garak(evaluation(10, 50), target="rest.RestGenerator", name="https://example.org")
    part = Part("app.py", OTHER)

    assert {o.outcome for o in observed(data).observations} == {Outcome.NOT_OBSERVABLE}
    seen = observed(data, part)
    firm = [o for o in seen.observations if o.certainty is Certainty.FIRM]
    assert [(o.obligations, o.outcome) for o in firm] == [(("5.1.2-2#1",), Outcome.NOT_MET)]
    assert stale(seen) == set()
    assert stale(observed(data, part, now=replace(NOW, files={"app.py": "0" * 64}))) == {"app.py"}


def test_an_attack_on_a_model_that_is_no_longer_used_is_stale() -> None:
    """By its name."""
    assert stale(observed(garak())) == set()
    assert stale(observed(garak(name="gpt-3.5-turbo"))) == {"model gpt-3.5-turbo"}


def test_a_log_of_inspect_is_about_its_commit() -> None:
    """In its archive too: stale once another commit is checked out."""
    revision = {"type": "git", "origin": "o", "commit": COMMIT[:7], "dirty": False}
    data = archive(("header.json", encoded(inspect(revision=revision))))

    assert stale(observed(data)) == set()
    assert stale(observed(data, now=replace(NOW, commit="f" * 40))) == {f"git commit {COMMIT[:7]}"}


def test_a_threat_model_is_about_what_the_person_names() -> None:
    """It says nothing of versions itself."""
    data = encoded(threat_dragon())

    assert {o.outcome for o in observed(data).observations} == {Outcome.NOT_OBSERVABLE}
    assert {o.outcome for o in observed(data, Part("app.py", OTHER)).observations} == {
        Outcome.MET,
        Outcome.PARTLY_MET,
    }

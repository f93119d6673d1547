"""``assaymark attest``."""

import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from tests.ledger.samples import KEY, TIME, observation

from assaymark._cli.attest import command
from assaymark.errors import AssaymarkError
from assaymark.ledger.attestation import judged_subject, parse
from assaymark.ledger.attestation_files import read_attestations
from assaymark.ledger.entry import entry
from assaymark.ledger.ledger import Ledger
from assaymark.observation import Certainty, Outcome

BASE = ("5.1.1-1", "--role", "Organisation", "--by", "Ada Example", "--statement", "All were trained.")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system, the working folder, with a document in it and one beside it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ASSAYMARK_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "key.pem"))
    system = tmp_path / "group" / "system"
    system.mkdir(parents=True)
    (system / "training.md").write_text("foo")
    (tmp_path / "group" / "policy.md").write_text("bar")
    monkeypatch.chdir(system)
    return system


def attest(*args: str) -> Result:
    """Run it; errors of ours come through."""
    result = CliRunner().invoke(command, args)
    if isinstance(result.exception, AssaymarkError):
        raise result.exception
    return result


def written(result: Result) -> dict[str, Any]:
    """The file whose path it printed."""
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(Path(result.stdout.strip()).read_bytes())
    return document


def test_a_statement_becomes_a_file_that_counts(root: Path) -> None:
    """With the digest of its document, the provision's own validity, and a signature that holds."""
    result = attest(*BASE, "--document", "training.md", "--organisation", "Example Ltd")
    made = written(result)
    assert made["obligations"] == ["5.1.1-1#1", "5.1.1-1#2"]
    assert made["documents"][0]["path"] == "training.md"
    assert (made["by"], made["organisation"], made["met"]) == ("Ada Example", "Example Ltd", True)
    assert made["signature"]
    read = read_attestations(root)
    assert read.problems == ()
    assert read.digests["training.md"] == made["documents"][0]["sha256"]
    assert "states: 5.1.1-1#1, 5.1.1-1#2 met, until" in result.stderr
    file = root / result.stdout.strip()
    assert stat.S_IMODE(file.stat().st_mode) & 0o111 == 0
    assert parse(file.read_bytes(), file.name).valid_until > made["made_on"]


def test_a_statement_without_a_document_says_so() -> None:
    """An assessor would ask."""
    assert "No document goes with it" in attest(*BASE).stderr


def test_a_document_beside_the_system_is_bound_too(root: Path) -> None:
    """Its path is that from the system."""
    made = written(attest(*BASE, "--document", "../policy.md"))
    assert made["documents"][0]["path"] == "../policy.md"
    assert "../policy.md" in read_attestations(root).digests


def test_answers_of_the_organisation_are_kept_once(root: Path) -> None:
    """In a folder that several systems refer to."""
    result = attest(*BASE, "--organisation-file", "../org/assurance", "--document", "../policy.md")
    assert written(result)["documents"][0]["path"] == "../policy.md"
    assert not (root / "assurance").exists()
    read = read_attestations(root, ("../org/assurance",))
    assert len(read.found) == 1
    assert read.digests.keys() == {"../policy.md"}


def test_it_may_be_said_that_something_is_not_met() -> None:
    """Counter-evidence, without a hint about documents."""
    result = attest(*BASE, "--not-met")
    assert written(result)["met"] is False
    assert "No document" not in result.stderr


def test_one_obligation_can_be_named() -> None:
    """Several ids are sorted, and each is stated once."""
    ids = ("5.1.1-1#2", "5.1.1-1#1", "5.1.1-1#2")
    assert written(attest(*ids, *BASE[1:]))["obligations"] == ["5.1.1-1#1", "5.1.1-1#2"]


def test_it_need_not_be_signed(tmp_path: Path) -> None:
    """Then no key is made."""
    assert written(attest(*BASE, "--unsigned"))["public_key"] == ""
    assert not (tmp_path / "key.pem").exists()


@pytest.mark.parametrize(("period", "days"), [("90d", 90), ("2w", 14), ("12m", 360), ("1y", 365)])
def test_the_period_can_be_stated(period: str, days: int) -> None:
    """In days, weeks, months of 30 days, or years."""
    made = written(attest(*BASE, "--valid-for", period))
    assert (date.fromisoformat(made["valid_until"]) - date.fromisoformat(made["made_on"])).days == days


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (("9.9", *BASE[1:]), "no provision '9.9'"),
        (("5.1.1-1", "--role", "Developer", *BASE[3:]), 'Give --role "Organisation"'),
        (("5.1.1-1", "--role", "boss", *BASE[3:]), "boss cannot speak"),
        ((*BASE[:4], " ", *BASE[5:]), "--by is empty"),
        ((*BASE[:6], " "), "--statement is empty"),
        ((*BASE, "--document", "none.md"), "no readable file"),
        ((*BASE, "--document", "/etc/hostname"), "no readable file"),
        ((*BASE, "--document", "."), "no readable file"),
        ((*BASE, "--valid-for", "soon"), "no period"),
        ((*BASE, "--valid-for", "9y"), "no period"),
        ((*BASE, "--valid-for", "0d"), "no period"),
        ((*BASE, "--system", "none"), "no folder"),
        ((*BASE, "--judging", "prompts_are_delimited"), "there is none"),
    ],
)
def test_a_statement_that_cannot_stand_is_refused(root: Path, args: tuple[str, ...], problem: str) -> None:
    """With what to do about it, and nothing written."""
    with pytest.raises(AssaymarkError) as error:
        attest(*args)
    assert problem in str(error.value)
    assert error.value.advice
    assert not (root / "assurance").exists()


def test_a_tentative_finding_can_be_judged(root: Path) -> None:
    """The newest findings of the check are bound, as the ledger holds them."""
    doubt = replace(observation(1), outcome=Outcome.NOT_MET, certainty=Certainty.TENTATIVE)
    (root / "assurance").mkdir()
    with Ledger.open(root / "assurance" / "ledger.db", KEY) as ledger:
        said = (replace(doubt, summary="old"), doubt, replace(doubt, summary="too"), observation(2))
        entries = [
            entry("observation", o, time=TIME, system="s", key=k)
            for o, k in zip(said, ("a", "b", "b", "b"), strict=True)
        ]
        other = entry("observation", replace(doubt, check="other"), time=TIME, system="s", key="c")
        ledger.append([*entries, other, entry("note", {}, time=TIME, system="s", key="d")])
    judged = written(attest(*BASE, "--judging", doubt.check))["judged"]
    assert [j["sha256"] for j in judged] == [judged_subject(o).sha256 for o in said[1:3]]
    with pytest.raises(AssaymarkError, match="no current tentative finding"):
        attest(*BASE, "--judging", "logs_are_retained")

"""Attestations in their folders, and the documents they name."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.ledger.test_attestation import STATED

from assaymark.ledger import attestation_files
from assaymark.ledger.attestation import Attestation, Document, Judged, render
from assaymark.ledger.attestation_files import document_digest, read_attestations

DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
"""Of `foo`."""


def _put(folder: Path, name: str = "a.json", stated: Attestation = STATED) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(render(stated))
    return folder / name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system with one attestation and its document."""
    system = tmp_path / "group" / "system"
    _put(system / "assurance" / "attestations")
    (system / "docs").mkdir()
    (system / "docs" / "training.md").write_text("foo")
    return system


def test_attestations_of_the_system_are_read(root: Path) -> None:
    """With the digest that their documents have now."""
    read = read_attestations(root)
    assert [a.path for a in read.found] == ["assurance/attestations/a.json"]
    assert read.found[0].attestation == STATED
    assert read.digests == {"docs/training.md": DIGEST}
    assert read.problems == ()


def test_a_system_without_attestations_has_none(tmp_path: Path) -> None:
    """Which is no problem."""
    assert read_attestations(tmp_path).found == ()
    assert read_attestations(tmp_path).problems == ()


@pytest.mark.parametrize(
    "named", ["../org/assurance", "../org/assurance/attestations", "../org/assurance/attestations/o.json"]
)
def test_answers_of_the_organisation_are_read_from_beside(root: Path, named: str) -> None:
    """Folder or file; documents are looked for from the folder that the answers are about."""
    org = root.parent / "org"
    stated = msgspec.structs.replace(STATED, documents=(Document(path="policy.md", sha256=DIGEST),))
    _put(org / "assurance" / "attestations", "o.json", stated)
    (org / "policy.md").write_text("foo")
    read = read_attestations(root, (named,))
    assert [a.path for a in read.found][1:] == ["../org/assurance/attestations/o.json"]
    assert read.digests["../org/policy.md"] == DIGEST


def test_a_folder_of_answers_by_another_name_is_read(root: Path) -> None:
    """Documents then are relative to that folder itself."""
    _put(root / "answers", "o.json", msgspec.structs.replace(STATED, documents=()))
    assert len(read_attestations(root, ("answers",)).found) == 2


def test_a_place_that_is_not_there_is_a_problem(root: Path) -> None:
    """The manifest named it, so its absence is said."""
    assert read_attestations(root, ("../gone",)).problems == (
        "There are no attestations at ../gone, which the manifest names.",
    )


def test_a_document_that_is_gone_has_no_digest(root: Path) -> None:
    """The statement that rests on it is stale then."""
    (root / "docs" / "training.md").unlink()
    assert read_attestations(root).digests == {}


def test_a_judged_finding_is_no_document(root: Path) -> None:
    """It is looked for in the evidence, not in the tree."""
    judged = msgspec.structs.replace(STATED, documents=(), judged=(Judged(check="x", sha256="b" * 64),))
    _put(root / "assurance" / "attestations", stated=judged)
    assert read_attestations(root).digests == {}


def test_files_that_do_not_count_are_named(root: Path) -> None:
    """Broken, a folder, a dangling link or a pipe: each is a problem, the others still count."""
    folder = root / "assurance" / "attestations"
    (folder / "b.json").write_text("{}")
    (folder / "c.json").mkdir()
    (folder / "d.json").symlink_to("nowhere")
    os.mkfifo(folder / "e.json")
    read = read_attestations(root)
    assert len(read.found) == 1
    assert [p.split()[0] for p in read.problems] == [f"assurance/attestations/{n}.json" for n in "bcde"]


def test_a_folder_that_cannot_be_listed_is_a_problem(root: Path) -> None:
    """Here a file in its place."""
    (root / "assurance2").mkdir()
    folder = root / "assurance" / "attestations"
    (folder / "a.json").unlink()
    folder.rmdir()
    folder.write_text("")
    assert "could not be read" in read_attestations(root).problems[0]


def test_too_many_files_are_said_to_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound that was hit is in the message."""
    monkeypatch.setattr(attestation_files, "_MAX_FILES", 1)
    _put(root / "assurance" / "attestations", "z.json")
    read = read_attestations(root)
    assert len(read.found) == 1
    assert "holds 2 attestations; the first 1 were read" in read.problems[0]


def test_documents_are_followed_within_bounds_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not out of the bounds, through links, into pipes and folders, or beyond the size limit."""
    inside = root / "docs" / "training.md"
    assert document_digest(inside, (root,)) == DIGEST
    assert document_digest(inside, (root / "other", root)) == DIGEST
    assert document_digest(inside, (root / "other",)) == ""
    (root / "link").symlink_to("/etc/hostname")
    os.mkfifo(root / "pipe")
    for name in ("link", "pipe", "docs", "none", "docs/../../../x"):
        assert document_digest(root / name, (root,)) == ""
    monkeypatch.setattr(attestation_files, "_MAX_DOCUMENT", 2)
    assert document_digest(inside, (root,)) == ""

"""Whatever a folder holds: an assessment or a refusal with advice, nothing raw, nothing passed unseen."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import trees
from tests.hostile.harness import assess, refused, sound
from tests.ledger.samples import samples
from tests.ledger.v1 import write

BUILDERS = (trees.names, trees.links, trees.syntax, trees.artefacts, trees.big)


UNREAD = {"syntax": ("deep.py", "nul.py", "deep.ts"), "big": ("line.py",)}
"""Files that no parser can take in whole: they stand in the report, not only in the facts."""


@pytest.mark.parametrize("build", BUILDERS, ids=lambda b: str(b.__name__))
def test_a_hostile_tree_is_assessed(build: Callable[[Path], None], tmp_path: Path) -> None:
    """No check and no parser breaks, and no reader is shown a character that steers."""
    build(trees.app(tmp_path / "tree"))

    run = sound(assess(tmp_path / "tree", tmp_path / "work"))

    assert len(run.report["results"]) == 72
    assert all(name in run.missed() for name in UNREAD.get(build.__name__, ()))


def test_links_and_pipes_are_named_and_not_followed(tmp_path: Path) -> None:
    """What was left out is listed, with the reason."""
    trees.links(trees.app(tmp_path / "tree"))

    missed = assess(tmp_path / "tree", tmp_path / "work").missed()

    assert all(
        name in missed for name in ("loop", "ring", "passwd.md", "zero.bin", "pipe.py", "nested deeper")
    )


def test_words_to_a_reading_model_change_nothing(tmp_path: Path) -> None:
    """No verdict is better for being asked for."""
    trees.app(tmp_path / "plain")
    trees.obeys(trees.app(tmp_path / "tree"))
    plain = {r["id"]: r["verdict"] for r in assess(tmp_path / "plain", tmp_path / "a").report["results"]}

    run = sound(assess(tmp_path / "tree", tmp_path / "b"))

    better = [r["id"] for r in run.report["results"] if r["verdict"] == "pass" and plain[r["id"]] != "pass"]
    assert better == []


def test_a_huge_folder_is_walked(tmp_path: Path) -> None:
    """Twenty thousand files in one folder are no trouble."""
    root = trees.app(tmp_path / "tree")
    for number in range(20_000):
        (root / f"{number}.x").touch()

    assert sound(assess(root, tmp_path / "work")).report["results"]


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _outside(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def _ring(path: Path) -> None:
    path.symlink_to(path.name)


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 100_000_000)


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _wrong(path: Path) -> None:
    path.write_text("name: [1, {\n\x1b[31m\u202e: x\n", encoding="utf-8")


@pytest.mark.parametrize("plant", [_folder, _pipe, _outside, _nowhere, _ring, _huge, _binary, _wrong])
def test_a_manifest_that_is_none_is_refused(plant: Callable[[Path], None], tmp_path: Path) -> None:
    """It is not passed over in silence: what it would have said is unknown."""
    plant(trees.app(tmp_path / "tree") / "assaymark.yaml")

    run = refused(assess(tmp_path / "tree", tmp_path / "work"), 2)

    assert "root:" not in run.err


def _others(path: Path) -> None:
    path.mkdir()
    (path / "theirs").touch()


@pytest.mark.parametrize("name", ["ledger", "ledger.db"])
@pytest.mark.parametrize("plant", [_others, _pipe, _outside, _nowhere, _ring, _binary])
def test_a_ledger_that_is_none_is_refused(plant: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    """Nothing is written through it, and the place says what to do."""
    root = trees.app(tmp_path / "tree")
    (root / "assurance").mkdir()
    plant(root / "assurance" / name)

    refused(assess(root, tmp_path / "work", state=False), 1)

    assert not (root / "assurance" / "nowhere").exists()


def test_a_journal_cannot_delete_a_file(tmp_path: Path) -> None:
    """SQLite deletes the super-journal that a journal names; a planted one must not reach it."""
    root = trees.app(tmp_path / "tree")
    write(root / "assurance" / "ledger.db", samples(3))
    victim = tmp_path / "victim"
    victim.write_bytes(b"dear to me\0")
    name = os.fsencode(victim)
    record = b"\0\0\0\1" + name + len(name).to_bytes(4) + sum(name).to_bytes(4)
    header = bytes.fromhex("d9d505f920a163d7") + bytes(20)
    (root / "assurance" / "ledger.db-journal").write_bytes(header.ljust(512, b"\0") + record + header[:8])

    run = assess(root, tmp_path / "work", state=False)

    assert victim.read_bytes() == b"dear to me\0"
    assert run.code == 1
    assert "journal" in run.err


def test_an_assurance_folder_elsewhere_is_not_written_to(tmp_path: Path) -> None:
    """The ledger stays in our own state."""
    root = trees.app(tmp_path / "tree")
    (tmp_path / "theirs").mkdir()
    (root / "assurance").symlink_to(tmp_path / "theirs")

    sound(assess(root, tmp_path / "work", state=False))

    assert list((tmp_path / "theirs").iterdir()) == []


def test_hostile_attestations_count_for_nothing(tmp_path: Path) -> None:
    """Each is named with what is wrong; none holds the assessment up."""
    root = trees.app(tmp_path / "tree")
    folder = root / "assurance" / "attestations"
    folder.mkdir(parents=True)
    (folder / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    (folder / "huge.json").write_text('"' + "x" * 5_000_000 + '"', encoding="utf-8")
    (folder / "types.json").write_text(
        '{"provision": 5, "statement": ["\x1b"], "date": null}', encoding="utf-8"
    )
    (folder / "binary.json").write_bytes(bytes(range(256)))
    (folder / "passwd.json").symlink_to("/etc/passwd")
    (folder / "ring.json").symlink_to("ring.json")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")

    run = sound(assess(root, tmp_path / "work"))

    assert len(run.report["problems"]) == 8
    assert "root:" not in run.out

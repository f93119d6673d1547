"""Collecting gives the same facts cold, warm, here and in processes, and survives what a tree can hold."""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from assaymark.discover.collect import collect
from assaymark.discover.read import read_file
from assaymark.scan.facts import ScanProblem
from assaymark.source.walk import Found, walk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project written an hour ago, so that the cache may trust its times."""
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "src" / "app.py").write_text("from openai import OpenAI\nclient = OpenAI()\n", encoding="utf-8")
    (root / "requirements.txt").write_text("openai==1.2.3\n", encoding="utf-8")
    (root / "README.md").write_text("# A service\n\nIt answers.\n", encoding="utf-8")
    _age(root)
    return root


def _age(root: Path) -> None:
    old = time.time() - 3600
    for path in root.rglob("*"):
        os.utime(path, (old, old))


def test_a_second_run_parses_nothing(tree: Path, tmp_path: Path) -> None:
    """Unchanged files are answered from the cache, with the same facts."""
    cold = collect(tree, cache=tmp_path / "cache.db")
    warm = collect(tree, cache=tmp_path / "cache.db")

    assert (cold.parsed, warm.parsed) == (3, 0)
    assert warm.facts == cold.facts
    assert warm.tree == cold.tree


def test_a_changed_file_is_parsed_again(tree: Path, tmp_path: Path) -> None:
    """A new time or size is enough to read the file anew."""
    collect(tree, cache=tmp_path / "cache.db")
    (tree / "requirements.txt").write_text("openai==9.9.9\n", encoding="utf-8")

    again = collect(tree, cache=tmp_path / "cache.db")

    assert again.parsed == 1
    assert any("9.9.9" in str(f) for f in again.facts)


def test_rehash_trusts_no_cache(tree: Path, tmp_path: Path) -> None:
    """A file changed behind the cache's back (same size, time and inode) is found by `--rehash`."""
    collect(tree, cache=tmp_path / "cache.db")
    target = tree / "requirements.txt"
    before = target.stat()
    target.write_text("openai==6.6.6\n", encoding="utf-8")
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))

    trusting = collect(tree, cache=tmp_path / "cache.db")
    sure = collect(tree, cache=tmp_path / "cache.db", rehash=True)

    assert not any("6.6.6" in str(f) for f in trusting.facts)
    assert any("6.6.6" in str(f) for f in sure.facts)


def test_processes_give_what_one_process_gives(tree: Path) -> None:
    """The executor changes the time, never the facts."""
    for number in range(300):
        (tree / "src" / f"m{number}.py").write_text("import openai\n" + "x = 1\n" * 300, encoding="utf-8")

    assert collect(tree, jobs=2).facts == collect(tree, jobs=1).facts


def test_a_damaged_cache_is_thrown_away(tree: Path, tmp_path: Path) -> None:
    """A cache is never worth an error."""
    cache = tmp_path / "cache.db"
    cache.write_bytes(b"not a database" * 100)

    assert collect(tree, cache=cache).parsed == 3
    assert collect(tree, cache=cache).parsed == 3, "the run after starts a new cache"
    assert collect(tree, cache=cache).parsed == 0


def test_another_version_of_the_parsers_empties_the_cache(tree: Path, tmp_path: Path) -> None:
    """Facts of other parsers are not this one's facts."""
    cache = tmp_path / "cache.db"
    collect(tree, cache=cache)
    with sqlite3.connect(cache) as db:
        db.execute("UPDATE about SET version = 'older'")
    db.close()

    assert collect(tree, cache=cache).parsed == 3


def test_a_fresh_file_is_not_trusted_yet(tree: Path, tmp_path: Path) -> None:
    """A file written in the same moment as it was read could be written again unnoticed."""
    (tree / "new.py").write_text("x = 1\n", encoding="utf-8")
    collect(tree, cache=tmp_path / "cache.db")

    assert collect(tree, cache=tmp_path / "cache.db").parsed == 1


def test_an_unreadable_file_is_named(tree: Path) -> None:
    """What cannot be opened is unknown, and the result says so."""
    seen = walk(tree)
    ghost = Found("gone.py", 10, 0, 0)

    got = read_file(tree, ghost)

    assert got.sha256 == ""
    assert isinstance(got.facts[0], ScanProblem)
    assert seen.files


def test_progress_counts_every_file(tree: Path) -> None:
    """The last report says that all files are done."""
    told: list[tuple[int, int]] = []

    collect(tree, progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (3, 3)


def test_a_ten_million_line_file_is_bounded(tree: Path) -> None:
    """A huge source file costs a digest and a statement, not its parse."""
    (tree / "huge.py").write_bytes(b"x = 1\n" * 10_000_000)

    start = time.process_time()
    got = collect(tree, jobs=1)

    assert time.process_time() - start < 30
    assert any(isinstance(f, ScanProblem) and f.at.path == "huge.py" for f in got.facts)


def test_deep_and_looping_structures_stop_at_their_bounds(tree: Path) -> None:
    """Nesting and aliases that would explode are said to be so."""
    (tree / "deep.json").write_text("[" * 200_000, encoding="utf-8")
    bomb = ["a: &a0 [x, x, x, x]"] + [f"b{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 30)]
    (tree / "bomb.yaml").write_text("\n".join(bomb), encoding="utf-8")
    (tree / "nested.py").write_text("(" * 50_000, encoding="utf-8")
    (tree / "package.json").write_text(json.dumps({"dependencies": {"a": ["b"]}}), encoding="utf-8")

    got = collect(tree, jobs=1)

    assert {"nested.py"} <= {f.at.path for f in got.facts if isinstance(f, ScanProblem)}
    assert len(got.tree.files) == 7

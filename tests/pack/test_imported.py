"""Reports of other tools in a pack are read again: no entry may make more of one than stands in it."""

import functools
import hashlib
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from tests.pack.forge import Forgery
from tests.pack.supplier import NOW, Supplier

from assaymark.pack.verify import Asked, verify_pack

SARIF = {
    "version": "2.1.0",
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "runs": [
        {
            "tool": {"driver": {"name": "bandit", "version": "1.8.6", "rules": []}},
            "results": [
                {
                    "ruleId": "B301",
                    "level": "error",
                    "message": {"text": "pickle"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app.py"}}}],
                }
            ],
        }
    ],
}


@functools.cache
def packed() -> tuple[bytes, object]:
    """A pack with another tool's report in it, and the key of its supplier."""
    base = Path(tempfile.mkdtemp(prefix="assaymark-imports-"))
    try:
        supplier = Supplier(base, report=json.dumps(SARIF).encode())
        return supplier.pack(base / "one.assaypack").read_bytes(), supplier.key
    finally:
        shutil.rmtree(base)


def forged() -> Forgery:
    """The pack taken apart, to be sealed by its own supplier."""
    data, key = packed()
    forgery = Forgery(data)
    forgery.key = key  # type: ignore[assignment]
    return forgery


def problems(data: bytes, tmp_path: Path) -> list[str]:
    """What does not hold."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data)
    found = verify_pack(path, Asked(now=NOW + timedelta(days=40)))
    return [f"{p.place}: {p.reason}" for p in found.problems]


def is_import(entry: dict) -> bool:
    """Whether an entry is another tool's."""
    return entry["body"].get("check") == "import_sarif"


def test_a_pack_with_a_report_verifies(tmp_path: Path) -> None:
    """The report travels as a document, and its entry says what it says."""
    assert problems(packed()[0], tmp_path) == []
    assert any(name.endswith(".sarif") for name in forged().members)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "met"},
        {"certainty": "firm"},
        {"summary": "bandit 1.8.6: nothing was found."},
        {"by": "bandit 9.9"},
        {"obligations": ["5.1.1-1#1"]},
        {"decisive": ["5.2.5-1#1"]},
    ],
)
def test_an_entry_that_makes_more_of_a_report(tmp_path: Path, change: dict) -> None:
    """An entry that turns, hardens or widens what the report says is told, though all is signed."""
    forgery = forged().entry(is_import, lambda e: e["body"].update(change))

    assert any("does not stand in the report" in p for p in problems(forgery.sealed(), tmp_path))


def test_a_report_that_cannot_be_read(tmp_path: Path) -> None:
    """An entry that rests on a report nobody can read is told."""
    forgery = forged()
    paper = next(p for p in forgery.predicate["documents"] if p["name"].endswith(".sarif"))
    before = paper["sha256"]
    forgery.members[paper["member"]] = b"not JSON"
    paper["sha256"] = hashlib.sha256(b"not JSON").hexdigest()

    def point(entry: dict) -> None:
        for subject in entry["body"]["subjects"]:
            if subject["sha256"] == before:
                subject["sha256"] = paper["sha256"]

    forgery.entry(is_import, point)

    assert any("a report that cannot be read" in p for p in problems(forgery.sealed(), tmp_path))

"""The register and the tree are compared once, for the command and for the check."""

import hashlib

import pytest
from safetensors.numpy import save

from assaymark.asset import FileEntry, Tree
from assaymark.discover.inventory import build_inventory
from assaymark.discover.link import linked
from assaymark.observation import Location
from assaymark.reconcile import reconcile
from assaymark.reconciliation import Reconciliation
from assaymark.system.register import matches
from assaymark.system.system import DeclaredAsset, System
from tests.trees import Files, blobs, facts_of

WEIGHTS = save({})
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


def compared(files: Files, *lines: DeclaredAsset) -> Reconciliation:
    """What a register of `lines` and a small project differ in."""
    system = System(name="s", assets=lines, manifest_path="assaymark.yaml")
    facts = linked(facts_of(files))
    tree = Tree(tuple(FileEntry(b.path, b.size, b.sha256) for b in blobs(files)))
    return reconcile(system, build_inventory(facts, tree, system), tree)


def line(kind: str = "model", name: str = "m", location: str = "", **more: str) -> DeclaredAsset:
    """A line of a register, the fourth of its file."""
    return DeclaredAsset(kind=kind, name=name, location=location, line=4, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "location", ["m.safetensors", "./m.safetensors", "w/", "w", ".", "", "https://hub.example/m", "/srv/m"]
)
def test_what_is_listed_and_there_is_no_difference(location: str) -> None:
    """As a file, as the folder that holds it, or at a place that is not looked at."""
    found = compared({"m.safetensors": WEIGHTS, "w/m.safetensors": WEIGHTS}, line(location=location))

    assert found.wrong == ()


def test_what_is_listed_and_not_there_is_missing() -> None:
    """With the register's line."""
    (one,) = compared({"a.txt": ""}, line(location="gone.bin")).missing

    assert (one.name, one.at) == ("m", Location("assaymark.yaml", 4))
    assert "gone.bin" in one.message


@pytest.mark.parametrize(
    ("sha256", "changed"), [(DIGEST, 0), (f"sha256:{DIGEST.upper()}", 0), ("0" * 64, 1), ("", 0)]
)
def test_another_digest_is_a_change(sha256: str, changed: int) -> None:
    """However the digest is written; without one a change cannot be seen, and that is told."""
    found = compared({"m.safetensors": WEIGHTS}, line(location="m.safetensors", sha256=sha256))

    assert len(found.changed) == changed
    assert len(found.unhashed) == (not sha256)


def test_what_is_there_and_not_listed_is_extra() -> None:
    """Weights in the tree more surely than a service that code calls."""
    code = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
    found = compared({"m.safetensors": WEIGHTS, "app.py": code}, line(kind="dataset", name="d"))

    assert [(d.name, d.stored) for d in found.extra] == [("m.safetensors", True), ("openai", False)]
    assert found.extra[0].at == Location("m.safetensors")
    assert found.differs


def test_what_stands_apart_need_not_be_listed() -> None:
    """Tests, examples and documentation; endpoints of the system's own code; files of a listed folder."""
    files = {"tests/a.safetensors": WEIGHTS, "examples/b.safetensors": WEIGHTS, "w/c.safetensors": WEIGHTS}

    assert not compared(files, line(name="weights", location="w")).differs


def test_a_line_that_nothing_mentions_is_neither_confirmed_nor_denied() -> None:
    """A service by name, or an address."""
    found = compared({"a.txt": ""}, line(kind="service", name="judge"), line(location="https://x.example"))

    assert [one.name for one in found.unseen] == ["judge", "m"]
    assert not found.differs


def test_without_a_register_everything_is_extra() -> None:
    """Nothing is missing where nothing was listed."""
    found = compared({"m.safetensors": WEIGHTS})

    assert (found.listed, len(found.found), len(found.extra), found.wrong) == (0, 1, 1, ())


def test_lines_match_as_discovery_matches_them() -> None:
    """Place, digest, or kind and name without regard to case and signs."""
    files = {"w/My_Model.safetensors": WEIGHTS}
    facts = facts_of(files)
    (asset,) = build_inventory(facts, Tree(()), System(name="s")).assets
    lines = [
        line(location="./w/My_Model.safetensors"),
        line(sha256=DIGEST),
        line(name="my model safetensors"),
        line(kind="dataset", name="my model safetensors"),
        line(name="other"),
    ]

    assert [matches(one, asset) for one in lines] == [True, True, True, False, False]


def test_a_large_tree_costs_linear_time() -> None:
    """Ten thousand lines on ten thousand files take a moment, not minutes."""
    import time

    tree = Tree(tuple(FileEntry(f"d{n}/f", 1, "a" * 64) for n in range(10_000)))
    lines = tuple(line(name=f"n{n}", location=f"d{n}") for n in range(10_000))
    system = System(name="s", assets=lines)
    start = time.process_time()
    found = reconcile(system, build_inventory((), tree, system), tree)

    assert found.wrong == ()
    assert time.process_time() - start < 2

"""Small projects written as dictionaries, and what the product sees in them, without touching a disk."""

from collections.abc import Mapping, Sequence
from datetime import date

from assaymark.asset import FileEntry, Tree
from assaymark.checks import all_checks
from assaymark.checks._check import Check
from assaymark.checks._runner import Inputs, run
from assaymark.discover.inventory import build_inventory
from assaymark.discover.link import linked
from assaymark.observation import Observation, Outcome
from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import Fact
from assaymark.scan.registry import scan_blob
from assaymark.system.system import System

TODAY = date(2026, 11, 23)
"""The day of every assessment in the tests."""

Files = Mapping[str, str | bytes]


def blobs(files: Files) -> list[BytesBlob]:
    """The files as parsers see them, in path order."""
    return [BytesBlob(p, c.encode() if isinstance(c, str) else c) for p, c in sorted(files.items())]


def facts_of(files: Files) -> tuple[Fact, ...]:
    """All facts of a small project."""
    return tuple(fact for blob in blobs(files) for fact in scan_blob(blob))


def inputs_of(
    files: Files, *, system: System | None = None, extra: Sequence[Fact] = (), today: date = TODAY
) -> Inputs:
    """What checks may ask for; `extra` adds facts that no single file holds (git history)."""
    system = system or System(name="example")
    tree = Tree(tuple(FileEntry(b.path, b.size, b.sha256) for b in blobs(files)))
    facts = linked((*facts_of(files), *extra))
    return Inputs(
        facts, system=system, inventory=build_inventory(facts, tree, system), tree=tree, today=today
    )


def check_named(name: str) -> Check:
    """The registered check of that name."""
    return next(c for c in all_checks() if c.info.id == name)


def observe(
    name: str, files: Files, *, system: System | None = None, extra: Sequence[Fact] = (), today: date = TODAY
) -> list[Observation]:
    """What the check called `name` sees in a small project."""
    return run([check_named(name)], inputs_of(files, system=system, extra=extra, today=today))


def outcomes(observations: Sequence[Observation]) -> set[Outcome]:
    """The outcomes among `observations`."""
    return {o.outcome for o in observations}

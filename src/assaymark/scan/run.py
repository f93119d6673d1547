"""A path or URL → a `ScanReport`: every file inspected by content, then the folder as a whole."""

import functools
import operator
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from assaymark import __version__
from assaymark.inspection import Hole, HoleKind, Inspection, ScanReport
from assaymark.scan.bundle import bundled
from assaymark.scan.inspect import inspect_blob
from assaymark.scan.numbers import measured, with_numbers
from assaymark.scan.part import LIMITS, Limits
from assaymark.scan.policy import Policy, PolicyEntry, apply_policy
from assaymark.scan.rules import all_rules
from assaymark.scan.weights.statistics import Statistics
from assaymark.source.executor import executor_for, units_of
from assaymark.source.file import OutOfTime, clock
from assaymark.source.place import Item, Place, open_place

__all__ = ["Options", "scan", "scan_place"]

UNIT_BYTES = 32_000_000
UNIT_FILES = 50
_size = operator.attrgetter("size")
SECONDS = 60
"""Processor time for one file, and one second more for each `PACE` bytes of it."""
PACE = 20_000_000


class Options(Struct, frozen=True, kw_only=True):
    """How to scan."""

    hashes: bool = False
    """Compute each file's SHA-256, which reads all of it."""
    deep: bool = False
    """Read the numbers too: values that are not finite, statistics."""
    base: str = ""
    """Path or URL of the model that this one is said to come from, to compare numbers with; needs `deep`."""
    limits: Limits = LIMITS


def scan(
    target: str, *, policy: Policy | None = None, options: Options | None = None, jobs: int | None = None
) -> ScanReport:
    """Inspect a model file, or every file of a folder, store or image layout, and load none of it.

    The verdict is the same on every machine: installed packages never matter.

    Args:
        target: a local path, or any fsspec URL; nothing else makes anything leave this machine.
        policy: settles names that no list knows; None settles nothing.
        options: see `Options`.
        jobs: processes; None means one a core.

    Raises:
        NothingToAssess: nothing is there.
        AssaymarkError: a store needs a package that is not installed.
    """
    return scan_place(open_place(target), policy=policy, options=options or Options(), jobs=jobs)


def scan_place(
    place: Place,
    *,
    policy: Policy | None = None,
    options: Options = Options(),  # noqa: B008 - frozen
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ScanReport:
    """The same for a place that is open already; `progress` is told files done and files in all."""
    items = place.items()
    base = measured(open_place(options.base), options.limits) if options.base else ()
    found = dict(_inspected(place, items, options, base, jobs, progress))
    whole = bundled(place, items, found, hashed=options.hashes)
    inspections = [i for i in whole.values() if i is not None]
    if place.single and not inspections:
        inspections = [_unknown_format(items[0])]
    settled = [apply_policy(i, policy) for i in inspections] if policy is not None else inspections
    used = {h.rule for i in settled for h in i.hazards}
    return ScanReport(
        target=place.name,
        tool_version=__version__,
        inspections=tuple(sorted(settled, key=lambda i: i.path)),
        files=len(items),
        not_looked_at=place.not_looked_at(),
        rules=tuple(rule for name, rule in all_rules().items() if name in used),
        problems=tuple(_ended(e) for e in policy.expired) if policy is not None else (),
    )


def _ended(entry: PolicyEntry) -> str:
    return f"The policy's entry for {entry.name} ended on {entry.until}: it settles nothing any more."


def _inspected(
    place: Place,
    items: Sequence[Item],
    options: Options,
    base: tuple[Statistics, ...],
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[tuple[str, Inspection | None]]:
    from assaymark.scan.formats import all_inspectors

    all_inspectors()  # imported once, here, and not again in each process
    executor = executor_for(sum(i.size for i in items) + 20_000 * len(items), jobs)
    units = list(units_of(items, _size, most_bytes=UNIT_BYTES, most_items=UNIT_FILES))
    function = functools.partial(_inspect, place, options, base)
    done = 0
    for results in executor.map(function, units, _lost):
        done += len(results)
        if progress is not None:
            progress(done, len(items))
        yield from results


def _inspect(
    place: Place, options: Options, base: tuple[Statistics, ...], item: Item
) -> tuple[str, Inspection | None]:
    seconds = SECONDS + item.size / PACE
    try:
        with place.open(item) as blob, clock(seconds):
            found = inspect_blob(blob, options.limits)
            if found is not None and options.deep:
                found = with_numbers(found, blob, options.limits, base)
            if found is not None and options.hashes:
                found = msgspec.structs.replace(found, sha256=blob.sha256)
            return item.path, found
    except OutOfTime:
        return item.path, _failed(
            item, HoleKind.BOUND, f"it took more than {seconds:.0f} s of processor time"
        )
    except OSError as error:
        return item.path, _failed(
            item, HoleKind.UNREADABLE, error.strerror or str(error) or "it cannot be read"
        )


def _lost(item: Item, reason: str) -> tuple[str, Inspection | None]:
    return item.path, _failed(item, HoleKind.BOUND, reason)


def _failed(item: Item, kind: HoleKind, reason: str) -> Inspection:
    """What is known of a file that could not be inspected: why."""
    hole = Hole(kind=kind, reason=reason, size=item.size)
    return Inspection(path=item.path, header=None, size=item.size, holes=(hole,))


def _unknown_format(item: Item) -> Inspection:
    return _failed(item, HoleKind.UNSUPPORTED, "its content is in no format that is known here")

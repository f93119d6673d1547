"""Every pickle of a blob, one after another, and what lies between and behind them."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import Hazard, Hole, HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.pickle.inline import InlineArrays
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.legacy import TorchLegacy
from assaymark.scan.pickle.machine import Ended, Machine
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.trailing import next_pickle

__all__ = ["Total", "follow_all"]

PICKLES = 10_000
"""Pickles in one file."""


class Total(Struct):
    """What is gathered over the pickles of one file."""

    pickles: int = 0
    protocol: int = 0
    interpreted: int = 0
    data: int = 0
    arrays: int = 0
    """Arrays of joblib that lie between opcodes."""
    format: str = ""
    """`torch-legacy` if it is that."""


def follow_all(blob: Blob, judge: Judge, total: Total) -> Iterator[Hole | Hazard]:
    """Run a machine over each pickle, told to `judge`; gives the holes and what lies between."""
    legacy = TorchLegacy(blob)
    arrays = InlineArrays(judge, legacy)
    judge.torch = judge.torch or legacy.begins
    offset = 0
    previous: Machine | None = None
    while offset < blob.size:
        if total.pickles >= PICKLES:
            reason = f"more than {PICKLES:,} pickles one after another"
            yield Hole(kind=HoleKind.BOUND, reason=reason, offset=offset, size=blob.size - offset)
            return
        machine = Machine(Stream(blob, offset), arrays)
        if previous is not None:
            machine.memo.older, previous.memo.older = previous.memo, None
            previous.memo.later = total.pickles > 1
        judge.machine = arrays.machine = machine
        ended = machine.run()
        total.pickles += 1
        total.protocol = max(total.protocol, machine.highest)
        inline = arrays.taken()
        total.interpreted += max(0, ended.offset - offset - inline)
        total.data += inline
        total.arrays = arrays.seen
        previous = machine
        legacy.read(ended)
        total.format = legacy.format
        yield from _stopped(blob, ended, judge, offset)
        after, skipped = legacy.after(ended.offset) if ended.how == "stop" else (ended.offset, 0)
        total.data += skipped
        if after >= blob.size or (machine.steps < 2 and ended.how == "broken" and not offset):
            return
        offset, part = next_pickle(blob, after, plain=ended.how == "stop")
        if part is not None:
            yield part


def _stopped(blob: Blob, ended: Ended, judge: Judge, start: int) -> Iterator[Hole]:
    """A hole where a pickle did not reach its STOP, saying what a loader does until then."""
    if ended.how == "stop":
        return
    done = f"; until there it makes {judge.calls:,} calls" if judge.calls else ""
    kind = HoleKind.BOUND if ended.how == "bound" else HoleKind.BROKEN
    reason = f"the pickle that begins at {start} cannot be followed past {ended.offset}: {ended.reason}{done}"
    yield Hole(kind=kind, reason=reason, offset=ended.offset, size=max(0, blob.size - ended.offset))

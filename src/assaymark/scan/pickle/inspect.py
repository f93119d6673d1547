"""A blob of the pickle family → parts: every pickle in it, to the end of the file."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole, HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Limits, Part
from assaymark.scan.pickle.disassembly import escaped
from assaymark.scan.pickle.inline import InlineArrays
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.legacy import TorchLegacy
from assaymark.scan.pickle.machine import Ended, Machine
from assaymark.scan.pickle.nested import nested_parts
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.trailing import next_pickle

__all__ = ["inspect_pickle"]

PICKLES = 10_000
"""Pickles in one file."""


class _Sum(Struct):
    """What is gathered over the pickles of one file."""

    pickles: int = 0
    protocol: int = 0
    interpreted: int = 0
    data: int = 0


def inspect_pickle(
    blob: Blob, limits: Limits, *, torch: bool = False, joblib: bool = False
) -> Iterator[Part]:
    """All that loading the blob would do: hazards, holes, a header and what was covered.

    Args:
        blob: the pickle; for a PyTorch zip its `data.pkl`.
        limits: bounds of the scan.
        torch: whether persistent ids are PyTorch's storages, as they are inside its zip.
        joblib: whether the blob is known to be joblib's; it only settles the format's name.
    """
    legacy = TorchLegacy(blob)
    judge = Judge(torch=torch or legacy.begins)
    arrays = InlineArrays(judge)
    total = _Sum()
    yield from _pickles(blob, judge, arrays, legacy, total)
    yield from judge.hazards()
    yield from nested_parts(blob, judge, limits)
    name = "joblib" if joblib or arrays.seen else legacy.format or _format(judge)
    yield Header(format=name, tensors=judge.persistents, metadata=_metadata(judge, total))
    yield Covered(interpreted=total.interpreted, data=total.data)


def _pickles(
    blob: Blob, judge: Judge, arrays: InlineArrays, legacy: TorchLegacy, total: _Sum
) -> Iterator[Hole | Hazard]:
    offset = 0
    previous: Machine | None = None
    while offset < blob.size:
        if total.pickles >= PICKLES:
            reason = f"more than {PICKLES:,} pickles one after another"
            yield Hole(kind=HoleKind.BOUND, reason=reason, offset=offset, size=blob.size - offset)
            return
        machine = Machine(Stream(blob, offset), arrays)
        if previous is not None:
            machine.memo.older = previous.memo
        judge.machine = arrays.machine = machine
        ended = machine.run()
        total.pickles += 1
        total.protocol = max(total.protocol, machine.highest)
        inline = arrays.taken()
        total.interpreted += max(0, ended.offset - offset - inline)
        total.data += inline
        previous = machine
        legacy.read(ended)
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


_FORMATS = (("dill.", "dill"), ("cloudpickle.", "cloudpickle"), ("joblib.numpy_pickle", "joblib"))


def _format(judge: Judge) -> str:
    for prefix, name in _FORMATS:
        if any(full.startswith(prefix) for full in judge.names):
            return name
    return "pickle"


def _metadata(judge: Judge, total: _Sum) -> tuple[tuple[str, str], ...]:
    names = list(judge.names)
    libraries = sorted({name.partition(".")[0] for name in names} - {"builtins", "copyreg", "_codecs"})
    facts = {
        "protocol": str(total.protocol),
        "pickles": str(total.pickles) if total.pickles > 1 else "",
        "calls": str(judge.calls),
        "needs": escaped(",".join(libraries), 300),
        "globals": escaped(",".join(names), 300),
    }
    return tuple((key, value) for key, value in facts.items() if value)

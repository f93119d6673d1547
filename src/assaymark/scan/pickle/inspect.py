"""A blob of the pickle family → parts: every pickle in it, to the end of the file."""

from collections.abc import Iterator

from assaymark.inspection import Header
from assaymark.scan.blob import Blob
from assaymark.scan.part import MAX_NAMES, Covered, Limits, Part
from assaymark.scan.pickle.disassembly import escaped
from assaymark.scan.pickle.judge import Judge
from assaymark.scan.pickle.nested import nested_parts
from assaymark.scan.pickle.sequence import Total, follow_all

__all__ = ["inspect_pickle"]


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
    judge = Judge(torch=torch)
    total = Total()
    yield from follow_all(blob, judge, total)
    yield from judge.hazards()
    yield from nested_parts(blob, judge, limits)
    name = "joblib" if joblib or total.arrays else total.format or _format(judge)
    yield Header(format=name, tensors=judge.persistents, metadata=_metadata(judge, total))
    yield Covered(interpreted=total.interpreted, data=total.data)


_FORMATS = (("dill.", "dill"), ("cloudpickle.", "cloudpickle"), ("joblib.numpy_pickle", "joblib"))


def _format(judge: Judge) -> str:
    for prefix, name in _FORMATS:
        if any(full.startswith(prefix) for full in judge.names):
            return name
    return "pickle"


def _metadata(judge: Judge, total: Total) -> tuple[tuple[str, str], ...]:
    names = list(judge.names)
    libraries = sorted({name.partition(".")[0] for name in names} - {"builtins", "copyreg", "_codecs"})
    facts = {
        "protocol": str(total.protocol),
        "pickles": str(total.pickles) if total.pickles > 1 else "",
        "calls": str(judge.calls),
        "needs": escaped(",".join(libraries), 300),
        "globals": escaped(",".join(names), MAX_NAMES),
    }
    return tuple((key, value) for key, value in facts.items() if value)

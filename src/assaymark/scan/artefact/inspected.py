"""What the scanner saw in a file → the facts that checks and the inventory read."""

from collections.abc import Iterator

from assaymark.inspection import Header, Inspection, Level
from assaymark.observation import Location
from assaymark.scan.facts import Fact, InspectedFile, ModelFile, ScanProblem

__all__ = ["facts_of"]

_TOLD = 5
"""Holes of one file that become problems of their own."""
_SHOWN = 300
"""Characters of a header fact that the inventory keeps."""
_OBJECTS = "object "
"""How the header of an array archive tells of arrays that are pickles."""

_RUNS_CODE = frozenset({
    "pickle", "torch-zip", "torch-legacy", "torch-tar", "torch-export", "joblib", "dill", "cloudpickle",
    "stable-baselines3", "torchserve", "nemo", "tensorrt", "lambda",
})  # fmt: skip
"""Formats whose usual loader runs what the file says."""


def facts_of(found: Inspection, sha256: str, *, weights: bool) -> Iterator[Fact]:
    """The facts of one file: what it does on load, and for weights what their header says."""
    at = Location(found.path)
    hazards = tuple(h for h in found.hazards if h.level is not Level.NOTE)
    if not weights and not hazards:
        return
    yield InspectedFile(
        at=at,
        format=found.header.format if found.header else "",
        weights=weights,
        hazards=hazards,
        holes=found.holes,
    )
    if not weights:
        return
    if found.header is not None:
        yield _model(found, found.header, sha256)
    for hole in found.holes[:_TOLD]:
        yield ScanProblem(at=at, scanner="model-file", reason=hole.reason, partial=True)


def _model(found: Inspection, header: Header, sha256: str) -> ModelFile:
    return ModelFile(
        at=Location(found.path),
        format=header.format,
        sha256=sha256,
        size=found.size,
        runs_code=_runs_code(found, header),
        tensors=header.tensors,
        parameters=header.parameters,
        metadata=tuple((key, value[:_SHOWN]) for key, value in header.metadata),
        modalities=header.modalities,
        problem=found.holes[0].reason if found.holes else "",
        extension_matches=not any(h.rule == "wrong-extension" for h in found.hazards),
    )


def _runs_code(found: Inspection, header: Header) -> bool | None:
    if header.format in _RUNS_CODE or any(h.level is Level.DANGEROUS for h in found.hazards):
        return True
    if header.format in ("numpy", "npz"):
        return found.members > 0 if header.format == "numpy" else _OBJECTS in str(header.metadata)
    return None if found.holes else False

"""Loading the model files builds the models and does nothing else."""

from collections.abc import Iterable, Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.inspection import Hazard, Hole, Level
from assaymark.observation import Detail
from assaymark.scan.facts import InspectedFile


@check(supports=("5.2.3-1", "5.2.1-2#4", "5.1.2-4"))
def models_load_without_side_effects(files: tuple[InspectedFile, ...]) -> Iterator[Finding]:
    """Loading the model files builds the models and does nothing else.

    Why: A model file can hold a program that runs when it is loaded: it takes credentials, opens a way in
    or changes the process, with the rights of whoever loads it.

    Fix: Do not load the file. Take it from its source again and compare the digest, or convert it in a
    machine that you can throw away. `assaymark scan PATH` shows each finding with the opcodes around it;
    a policy file settles names that only your team knows.

    Blind spots: What a trained model does after loading (a backdoor in its weights) is not seen, nor code
    that a file only names. Files that are fetched at run time are not here. Unknown names are not called
    safe; a person has to settle them.
    """
    found = in_product(files)
    weights = [f for f in found if f.weights]
    if not weights:
        yield not_applicable("There is no model file in the tree.")
        return
    acting = [f for f in found if _at(f, Level.DANGEROUS)]
    unknown = [f for f in found if _at(f, Level.UNKNOWN)]
    uncovered = [f for f in found if f.holes]
    total = counted(len(found), "file of models", "files of models")
    if acting:
        details = [_hazard(f, h) for f in acting for h in _at(f, Level.DANGEROUS)]
        yield not_met(f"Loading {len(acting)} of {total} acts on more than the model.", *capped(details))
        return
    details = [_hazard(f, h) for f in unknown for h in _at(f, Level.UNKNOWN)]
    details += [_hole(f, h) for f in uncovered for h in f.holes]
    clean = len(found) - len({f.at.path for f in (*unknown, *uncovered)})
    if not details:
        yield met(f"All {total} were read whole, and loading them is known to do nothing else.")
    elif not clean and not unknown:
        yield not_observable(f"None of {total} could be covered whole.", *capped(details))
    else:
        summary = f"{clean} of {total} are known to do nothing else; {_open(unknown, uncovered)}."
        yield partly_met(summary, *capped(details))


def _open(unknown: list[InspectedFile], uncovered: list[InspectedFile]) -> str:
    parts = [f"{len(unknown)} name what is on no list"] if unknown else []
    parts += [f"{len(uncovered)} could not be covered whole"] if uncovered else []
    return " and ".join(parts)


def _at(file: InspectedFile, level: Level) -> Iterable[Hazard]:
    return [h for h in file.hazards if h.level is level]


def _hazard(file: InspectedFile, hazard: Hazard) -> Detail:
    place = f" ({hazard.member})" if hazard.member else ""
    return at(f"{hazard.message}{place}", file)


def _hole(file: InspectedFile, hole: Hole) -> Detail:
    place = f" ({hole.member})" if hole.member else ""
    return at(f"Not covered: {hole.reason}{place}", file)

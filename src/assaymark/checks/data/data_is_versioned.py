"""Data sets that the system learns from have versions that can be told apart."""

from collections.abc import Iterator

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
from assaymark.checks.data._records import at_run_time
from assaymark.observation import Detail
from assaymark.scan.facts import DataFile, HashManifest, HubReference, Trail


@check(supports=("5.2.1-2#3", "5.1.2-3#2"))
def data_is_versioned(
    data: tuple[DataFile, ...],
    references: tuple[HubReference, ...],
    manifests: tuple[HashManifest, ...],
    trails: tuple[Trail, ...],
) -> Iterator[Finding]:
    """Data sets that the system learns from have versions that can be told apart.

    Why: Which data made which model can be answered only if both have versions. After a poisoning, that
    is the question on which the whole clean-up depends.

    Fix: Pin data sets from a hub (`load_dataset("org/data", revision="<commit>")`), and track files with
    `dvc add`, git-lfs, or a SHA256SUMS file under version control.

    Blind spots: Versions kept by a lake, warehouse or bucket are not seen, nor data read by a path that
    is decided at run time.
    """
    taken = [r for r in in_product(references) if r.kind == "dataset" and not r.local]
    remote = [r for r in taken if r.name and (r.pinned or not r.revision_passed)]
    loose = [r for r in remote if not r.pinned]
    files = in_product(data)
    hashed = {path for m in manifests for path, _ in m.entries} | {t.at.path for t in trails}
    bare = [d for d in files if d.at.path not in hashed and "git-lfs pointer" not in d.problem]
    versioned = len(remote) - len(loose) + len(files) - len(bare)
    if not remote and not files:
        yield (
            at_run_time(taken) if taken else not_applicable("No data set is in the tree or taken from a hub.")
        )
    elif loose:
        details = [at(f"`{r.name}` is taken as it is on the day.", r) for r in loose]
        summary = f"Data sets from a hub that are not pinned to a commit: {len(loose)} of {len(remote)}."
        yield not_met(summary, *capped([*details, *_bare(bare)]))
    elif not bare:
        yield met(f"All {counted(versioned, 'data set')} have a version: a commit, a digest or a history.")
    elif versioned:
        yield partly_met(f"{counted(len(bare), 'data file')} show no version.", *capped(_bare(bare)))
    else:
        yield not_observable(f"{counted(len(bare), 'data file')} show no version here.", *capped(_bare(bare)))


def _bare(files: list[DataFile]) -> list[Detail]:
    return [at("No digest, pointer or history of it is seen.", d) for d in files]

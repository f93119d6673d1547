"""Model files are in a format whose loader cannot run code from the file."""

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
from assaymark.checks._findings import capped, counted
from assaymark.checks.model._material import weights
from assaymark.scan.facts import HashManifest, ModelFile


@check(supports=("5.2.3-1", "5.2.1-2#4"))
def models_are_in_a_format_that_cannot_run_code(
    models: tuple[ModelFile, ...], manifests: tuple[HashManifest, ...]
) -> Iterator[Finding]:
    """Model files are in a format whose loader cannot run code from the file.

    Why: A pickle, and so most .pt, .joblib and .pkl files, is a program. Whoever can replace the file
    runs code on every machine that loads it.

    Fix: Convert weights with `safetensors.torch.save_file`, to ONNX or GGUF, or save scikit-learn models
    with skops. Where that cannot be done, record the file's SHA-256 and compare it before loading.

    Blind spots: Only the kind of file is read here, not what a pickle in it would do. Files that are
    fetched at run time, and the content behind git-lfs pointers, are not seen.
    """
    found = weights(models)
    if not found:
        yield not_applicable("There is no model file in the tree.")
        return
    known = {path for m in manifests for path, _ in m.entries}
    unread = [m for m in found if m.runs_code is None]
    risky = [m for m in found if m.runs_code]
    bare = [m for m in risky if m.at.path not in known]
    if bare:
        details = [
            at(f"A {m.format} file, and no recorded digest: loading it can run code.", m) for m in bare
        ]
        summary = f"{len(bare)} of {counted(len(found), 'model file')} can run code when loaded."
        yield not_met(summary, *capped(details))
    elif risky:
        details = [
            at(f"A {m.format} file; its digest is recorded, and has to be compared at load.", m)
            for m in risky
        ]
        yield partly_met(
            f"{counted(len(risky), 'model file')} can run code; each has a digest.", *capped(details)
        )
    elif len(unread) == len(found):
        details = [at(m.problem or "It could not be read.", m) for m in unread]
        yield not_observable(f"None of {counted(len(found), 'model file')} could be read.", *capped(details))
    else:
        details = [at(m.problem or "It could not be read.", m) for m in unread]
        safe = len(found) - len(unread)
        summary = f"{safe} of {counted(len(found), 'model file')} are in formats that cannot run code."
        yield (partly_met if unread else met)(summary, *capped(details))

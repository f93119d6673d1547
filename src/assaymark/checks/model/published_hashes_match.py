"""A hash is published for every model file, and it is the hash of the file."""

from collections.abc import Iterator

from assaymark.asset import Tree
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
from assaymark.observation import Detail
from assaymark.scan.facts import HashManifest, ModelFile

_WEAK = ("md5", "sha1")


@check("5.2.4-1.2")
def published_hashes_match(
    models: tuple[ModelFile, ...], manifests: tuple[HashManifest, ...], tree: Tree
) -> Iterator[Finding]:
    """A hash is published for every model file, and it is the hash of the file.

    Why: Whoever receives the model can tell by the hash whether it is the one you released. A hash that
    does not fit means that the file was changed, or that nobody looks.

    Fix: Write `sha256sum weights/* > SHA256SUMS` at each release, better a signature with
    `model_signing sign`, and publish it in a place that the file's server does not control.

    Blind spots: Only SHA-256 is recomputed. Signatures are recognised, not verified. Hashes published on
    a web page, in a registry or a release note are not seen.
    """
    found = weights(models)
    published = [m for m in manifests if not m.at.path.endswith((".dvc", "dvc.lock"))]
    if not found:
        yield not_applicable("There is no model file in the tree to publish a hash for.")
        return
    wrong = _mismatches(published, tree, found)
    if wrong:
        yield not_met(f"Published hashes that do not fit the file: {len(wrong)}.", *capped(wrong))
        return
    strong = {path for m in published if m.algorithm not in _WEAK for path, _ in m.entries}
    weak = {path for m in published if m.algorithm in _WEAK for path, _ in m.entries}
    bare = [m for m in found if m.at.path not in strong]
    total = counted(len(found), "model file")
    if not bare:
        details = [
            at(f"{len(m.entries)} digests, {m.algorithm}{', signed' if m.signed else ''}.", m)
            for m in published
        ]
        yield met(f"A hash that fits is published for all {total}.", *capped(details))
    elif len(bare) == len(found) and not weak.intersection(m.at.path for m in bare):
        yield not_observable(
            f"No hash of {total} is published in the tree.",
            fix="Write `sha256sum` of each model file to SHA256SUMS, or sign the folder with model_signing.",
        )
    elif any(m.at.path in weak for m in bare):
        details = [
            at("Only an MD5 or SHA-1 hash is published; both can be forged.", m)
            for m in bare
            if m.at.path in weak
        ]
        yield not_met(f"{len(details)} of {total} have a weak hash only.", *capped(details), tentative=True)
    else:
        details = [at("No hash of it is published.", m) for m in bare]
        yield partly_met(f"{len(bare)} of {total} have no published hash.", *capped(details))


def _mismatches(manifests: list[HashManifest], tree: Tree, models: list[ModelFile]) -> list[Detail]:
    """Listed SHA-256 digests that are not those of the file; a git-lfs pointer stands for its content."""
    actual = {f.path: f.sha256 for f in tree.files if f.sha256}
    actual |= {m.at.path: dict(m.metadata)["oid"] for m in models if "oid" in dict(m.metadata)}
    return [
        at(f"{path} has the digest {actual[path][:12]}…, but {digest[:12]}… is published.", manifest)
        for manifest in manifests
        for path, digest in manifest.entries
        if len(digest) == 64 and path in actual and actual[path] != digest and manifest.algorithm == "sha256"
    ]

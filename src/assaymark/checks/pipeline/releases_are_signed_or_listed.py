"""Whether receivers can verify a release and see what is in it."""

from collections.abc import Iterator

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import before, outward
from assaymark.observation import Detail
from assaymark.scan.facts import CiJob

_LISTS = (".cdx.json", ".cdx.xml", ".spdx.json", ".spdx", "sbom.json", "bom.json", "aibom.json")
_SIGNATURES = (".sig", ".sigstore", ".sigstore.json", ".asc", ".intoto.jsonl")


@check(supports=("5.2.3-1", "5.2.1-2#2"))
def releases_are_signed_or_listed(jobs: tuple[CiJob, ...], tree: Tree) -> Iterator[Finding]:
    """What is released carries a signature, a provenance statement or a bill of materials.

    Why: Without one, a receiver cannot tell the real package, image or model from a replaced one, nor
    find out later whether a vulnerable component is inside.

    Fix: Add `actions/attest-build-provenance`, `cosign sign` or model signing to the release job, and
    write a bill of materials with `cyclonedx-py` or `syft`.

    Blind spots: Signing done by the registry or by hand is not seen, nor whether anybody verifies.
    """
    mine = in_product(jobs)
    releases = [j for j in outward(mine) if j.releases]
    signed = [j for j in releases if any(b.signs for b in before(j, mine)) or _signed_after(j, mine)]
    loose = [j for j in releases if j not in signed]
    kept = [f.path for f in tree.files if f.path.lower().endswith(_LISTS + _SIGNATURES)]
    if releases and not loose:
        yield met(
            f"All {counted(len(releases), 'release job')} sign, attest or list what they publish.",
            *capped(at(f"`{j.name}` signs or lists", j) for j in releases),
        )
    elif signed or kept:
        yield partly_met(
            f"{len(signed)} of {counted(len(releases), 'release job')} sign or list what they publish; "
            f"{counted(len(kept), 'signature or list')} in the tree.",
            *capped([*(at("a signature or bill of materials", p) for p in kept), *(_bare(j) for j in loose)]),
        )
    elif loose:
        yield not_met(
            f"None of {counted(len(loose), 'release job')} signs, attests or lists what it publishes.",
            *capped(_bare(j) for j in loose),
            tentative=True,
        )
    else:
        yield not_observable(
            "No pipeline in the tree releases anything, and no signature or bill of materials lies in it."
        )


def _bare(job: CiJob) -> Detail:
    return at(f"`{job.name}` publishes without signature or list", job)


def _signed_after(job: CiJob, jobs: list[CiJob]) -> bool:
    return any(j.signs and j.at.path == job.at.path and job.name in j.needs for j in jobs)

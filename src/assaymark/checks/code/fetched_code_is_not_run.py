"""Check: code fetched at run time is not run."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, Download

__all__ = ["fetched_code_is_not_run"]


@check(supports=("5.2.3-1", "5.1.2-2#1"))
def fetched_code_is_not_run(
    downloads: tuple[Download, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """What is downloaded at run time is not run unless its digest or signature was checked.

    Why: a script or plug-in that is fetched and run at once is code that nobody reviewed. Whoever
    controls the address, the network or an expired domain controls the process.

    Fix: put the code into the repository or a pinned dependency. If it must be fetched, name an immutable
    address (a commit or a version), compare its SHA-256 with a value in the repository, and only then
    run it.

    Blind spots: downloads and runs that happen in different functions or files, and addresses put
    together at run time.
    """
    own = in_product(downloads, files)
    if not own:
        yield not_applicable("No download from a fixed address was found in the product's source.")
        return
    run = [f for f in own if f.executed and f.verified not in ("digest", "signature")]
    if not run:
        yield met(f"{counted(len(own), 'download')} found; none is run unchecked.")
        return
    yield not_met(
        f"Downloads that are run without a check of digest or signature: {len(run)} of {len(own)}.",
        *capped([at(f"What {f.url} gives is run unchecked.", f) for f in run]),
    )

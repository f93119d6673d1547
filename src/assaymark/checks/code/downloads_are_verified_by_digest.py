"""Check: downloads are verified by digest."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, Download

__all__ = ["downloads_are_verified_by_digest"]

_CHECKED = ("digest", "signature")
_WEIGHTY = ("model", "code", "binary", "data", "prompt")


@check(supports=("5.2.3-1", "5.2.1-2#2"))
def downloads_are_verified_by_digest(
    downloads: tuple[Download, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Models, data and code that are downloaded are compared with a known digest or signature.

    Why: a size check or no check at all cannot tell a model from a poisoned one. A digest kept in
    your own repository can, and also notices silent changes by the publisher.

    Fix: keep the expected SHA-256 beside the address and compare before use, for instance
    `if hashlib.sha256(data).hexdigest() != EXPECTED: raise …`, or use a downloader with a digest
    parameter (`pooch.retrieve(url, known_hash="sha256:…")`, `torch.hub.load_state_dict_from_url(url,
    check_hash=True)`).

    Blind spots: a digest that is compared in another function or by the calling script, and downloads
    whose address is put together at run time.
    """
    own = [f for f in in_product(downloads, files) if f.what in _WEIGHTY or f.executed]
    if not own:
        yield not_applicable(
            "No model, data or code is downloaded from a fixed address in the product's source."
        )
        return
    unchecked = [f for f in own if f.verified not in _CHECKED]
    if not unchecked:
        yield met(f"{counted(len(own), 'download')} found; each is compared with a digest or signature.")
        return
    yield not_met(
        f"Downloads that are not compared with a digest or signature: {len(unchecked)} of {len(own)}.",
        *capped(
            [at(_sentence(f), f) for f in sorted(unchecked, key=lambda f: (f.what == "data", not f.mutable))]
        ),
        tentative=all(f.what == "data" or not f.mutable or f.by_helper for f in unchecked),
    )


def _sentence(download: Download) -> str:
    how = "only its size is checked" if download.verified == "size" else "nothing about it is checked"
    where = " where it is asked for" if download.by_helper else ""
    moving = " and the address can change its content" if download.mutable else ""
    return f"{download.what.capitalize()} from {download.url}: {how}{where}{moving}."

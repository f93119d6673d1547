"""Every parser, in order, and the one place where bytes meet them."""

import functools

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.scanner import Scanner

__all__ = ["all_scanners", "scan_blob"]

HEAD = 4096
"""Bytes of a file that decide which parsers want it."""


@functools.cache
def all_scanners() -> tuple[Scanner, ...]:
    """The parsers of every subject; imported when asked for. A file may be wanted by several."""
    from assaymark.scan import artefact, document, infra, javascript, prompt, python

    return (
        *python.SCANNERS,
        *javascript.SCANNERS,
        *prompt.SCANNERS,
        *infra.SCANNERS,
        *artefact.SCANNERS,
        *document.SCANNERS,
    )


def scan_blob(blob: Blob) -> tuple[Fact, ...]:
    """All facts that any parser reads in `blob`; a parser that breaks becomes a `ScanProblem`."""
    head = blob.read(0, HEAD)
    facts: list[Fact] = []
    for scanner in all_scanners():
        try:
            if scanner.accepts(blob.path, head):
                facts.extend(scanner.scan(blob))
        except Exception as problem:  # noqa: BLE001 - hostile bytes must not stop the assessment; recorded
            reason = f"the parser broke ({type(problem).__name__}); please report it"
            facts.append(ScanProblem(at=Location(blob.path), scanner=scanner.name, reason=reason))
    return tuple(facts)

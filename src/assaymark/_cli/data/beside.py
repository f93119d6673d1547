"""What a scan's report needs beside the scan: digests, explanations, labels of the records that are shown."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from assaymark import __version__
from assaymark._cli.clock import iso, now
from assaymark._cli.data.making import Beside
from assaymark._cli.data.provenance import provenance_of
from assaymark.dataset import explanations as said
from assaymark.dataset.explanations import Explanation
from assaymark.dataset.reading.shard import Source
from assaymark.dataset.scan import DataScan
from assaymark.errors import UsageError
from assaymark.imports.data_scan import MOST_FILES
from assaymark.imports.files import bytes_of
from assaymark.report.data.document import TestedEntry

__all__ = ["beside", "explanations_in", "sha256_of", "tested_in"]

_CHUNK = 1 << 20


def beside(scan: DataScan, targets: tuple[str, ...], system: Path | None, file: Path | None) -> Beside:
    """All of it.

    Args:
        scan: what the engines said.
        targets: what the user named.
        system: folder of the assessed system; None if the scan is no evidence.
        file: explanations; those of `system` if None.
    """
    sources = _sources(scan)
    digests, problems = _digests(sources)
    place = file or (system / said.FILE if system else None)
    return Beside(
        targets=targets,
        made_at=iso(now()),
        today=datetime.now(UTC).date(),
        version=__version__,
        digests=digests,
        explanations=explanations_in(place) if place else (),
        provenance=provenance_of(scan, sources, digests),
        tested=tested_in(system, sources, digests) if system else (),
        labels=_labels(scan),
        problems=problems,
    )


def explanations_in(path: Path) -> tuple[Explanation, ...]:
    """The explanations in a file; none if there is no such file."""
    if not path.exists() and not path.is_symlink():
        return ()
    return said.parse(bytes_of(path, str(path), said.MAX_BYTES), str(path)).explanations


def tested_in(system: Path, sources: Iterable[Source], digests: dict[str, str]) -> tuple[TestedEntry, ...]:
    """The scanned files as parts of the system.

    Raises:
        UsageError: a file lies elsewhere, or there are too many.
    """
    root, found = system.resolve(), []
    for source in sources:
        path = Path(source.at).resolve()
        if source.url or not path.is_relative_to(root):
            raise UsageError(
                f"{source.name} is no file of {system}.",
                "Evidence is about files of the system: scan data below --system, or leave that out.",
            )
        if source.name in digests:
            found.append(TestedEntry(path.relative_to(root).as_posix(), digests[source.name]))
    if len(found) > MOST_FILES:
        raise UsageError(
            f"{len(found):,} files are more than the {MOST_FILES:,} that evidence is bound to.",
            "Pack them into tar shards or Parquet, or scan parts of them.",
        )
    return tuple(sorted(set(found), key=lambda t: t.path))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, read in parts."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sources(scan: DataScan) -> tuple[Source, ...]:
    shards = scan.data.shards() if scan.data else ()
    return tuple(dict.fromkeys(s for shard in shards for s in shard.sources))


def _digests(sources: Iterable[Source]) -> tuple[dict[str, str], tuple[str, ...]]:
    found: dict[str, str] = {}
    problems: list[str] = []
    for source in sources:
        if source.url:
            continue
        try:
            found[source.name] = sha256_of(Path(source.at))
        except OSError as error:
            problems.append(f"{source.name} could not be hashed: {error.strerror or error}.")
    return found, tuple(problems)


def _labels(scan: DataScan) -> dict[int, str]:
    """Labels of the examples."""
    rows = {e.row - scan.earlier for f in scan.findings for e in f.examples[:12] if e.row >= scan.earlier}
    if scan.data is None or not rows:
        return {}
    shown = scan.data.records(sorted(rows))
    return {r + scan.earlier: one.label for r, one in shown.items() if one.label is not None}

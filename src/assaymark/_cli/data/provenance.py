"""What a manifest beside the scanned files says of where each record came from, and when."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from assaymark.dataset.provenance.manifest import DataManifest
from assaymark.dataset.provenance.verifying import read_manifest
from assaymark.dataset.reading.shard import Source
from assaymark.dataset.scan import DataScan
from assaymark.errors import AssaymarkError
from assaymark.report.data.document import ProvenanceEntry
from assaymark.report.text import counted

__all__ = ["provenance_of"]

_NAME = "manifest.json"
_ABOVE = 3
"""Folders above the first file in which a manifest is looked for."""
_MOST = 20


def provenance_of(
    scan: DataScan, sources: Iterable[Source], digests: Mapping[str, str]
) -> ProvenanceEntry | None:
    """The manifest's word, held against the files that were scanned; None if there is no manifest."""
    local = [s for s in sources if not s.url]
    found = _beside(local)
    if found is None:
        return None
    path, manifest, problem = found
    if manifest is None:
        return ProvenanceEntry(
            manifest=path.name, records=scan.total, complete=0, without_source=scan.total,
            without_time=scan.total, problems=(problem,),
        )  # fmt: skip
    minimum = manifest.minimum
    problems = [problem] if problem else []
    problems += _differences(path.parent, manifest, local, digests)
    if minimum is None:
        problems.append("It was written without looking at source and time.")
    return ProvenanceEntry(
        manifest=path.name,
        records=minimum.records if minimum else scan.total,
        complete=minimum.complete if minimum else 0,
        without_source=minimum.without_source if minimum else scan.total,
        without_time=minimum.without_time if minimum else scan.total,
        in_future=minimum.in_future if minimum else 0,
        first=minimum.first if minimum else (),
        problems=tuple(problems[:_MOST]),
    )


def _beside(sources: list[Source]) -> tuple[Path, DataManifest | None, str] | None:
    """The nearest `manifest.json` that is one of ours, with what is wrong with it."""
    if not sources:
        return None
    folder = Path(sources[0].at).parent
    for place in (folder, *list(folder.parents)[:_ABOVE]):
        path = place / _NAME
        if not path.is_file():
            continue
        try:
            manifest, signer, _ = read_manifest(path, "", unsigned=True)
        except AssaymarkError as error:
            return (path, None, error.message) if path.with_suffix(".note").exists() else None
        return path, manifest, "" if signer else "It is not signed: who can change the data can change it."
    return None


def _differences(
    root: Path, manifest: DataManifest, sources: list[Source], digests: Mapping[str, str]
) -> list[str]:
    """Scanned files that the manifest does not know, or knows with another content."""
    known = {(root / e.name).resolve(): e.sha256 for e in manifest.entries}
    changed, unknown = [], []
    for source in sources:
        recorded = known.get(Path(source.at).resolve())
        if recorded is None:
            unknown.append(source.name)
        elif recorded != digests.get(source.name):
            changed.append(source.name)
    found = [f"{name} is not as recorded; `assaymark data verify` names the records." for name in changed]
    if unknown:
        found.append(f"{counted(len(unknown), 'file')} not in the manifest, {unknown[0]} among them.")
    return found

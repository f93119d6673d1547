"""`Assessment`, ledger, the owner's papers, key → one pack file, whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct
from msgspec.structs import replace

from assaymark.assess.assessment import Assessment
from assaymark.asset import AssetKind
from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint
from assaymark.ledger.keys import public_bytes
from assaymark.observation import Subject
from assaymark.pack.container import Container, Written
from assaymark.pack.dsse import seal
from assaymark.pack.extract import Extract, consistency_lines, entry_lines, proof_lines
from assaymark.pack.format import (
    BASIS,
    BOM,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    GATE,
    ICS,
    IXIT,
    MANIFEST,
    MAX_ENTRIES,
    PREDICATE,
    PROOFS,
    REPORT,
    REPORT_HTML,
    SIGN_OFFS,
    STATEMENT,
    PackPredicate,
)
from assaymark.pack.history import record_assessment
from assaymark.pack.log import Log
from assaymark.pack.papers import Papers, chunks_of
from assaymark.pack.signing_off import Signatory, signed_off
from assaymark.pack.statement import basis_of, json_of, predicate_of, statement
from assaymark.report.html import render_html
from assaymark.report.ics import render_ics_json
from assaymark.report.ixit import render_ixit_json
from assaymark.report.json_v1 import render_json
from assaymark.report.svr import COMMIT, render_svr
from assaymark.whole import written_whole

__all__ = ["Keys", "Packed", "write_pack"]

Content = bytes | Callable[[], Iterable[bytes]]
"""A member's content, or what gives it piece by piece when its turn comes."""


class Keys(Struct, frozen=True):
    """Who signs what."""

    pack: Ed25519PrivateKey
    """Signs the statement."""
    ledger: bytes
    """32 bytes: the public key that signs the ledger's heads."""


class Packed(Struct, frozen=True, kw_only=True):
    """A pack that was written."""

    path: Path
    sha256: str
    size: int
    members: tuple[Written, ...]
    predicate: PackPredicate


def write_pack(
    path: Path,
    assessment: Assessment,
    log: Log,
    keys: Keys,
    *,
    papers: Papers,
    bom: bytes = b"",
    since: Sequence[str] = (),
    signatory: Signatory | None = None,
    templates: Path | None = None,
) -> Packed:
    """Write the pack of `assessment` to `path`; the same input gives the same bytes.

    Records the assessment in the ledger first.

    Args:
        path: the file; replaced if there is one.
        assessment: what is packed; its evidence is in `log`.
        log: the ledger, open for appending.
        keys: who signs.
        papers: the owner's files (`papers.gather`).
        bom: bill of materials, CycloneDX JSON; empty to leave it out.
        since: signed heads of this ledger that the receiver holds.
        signatory: who signs off at once, if anybody.
        templates: folder where compiled templates are kept between runs.

    Raises:
        AssaymarkError: something changed meanwhile, a bound is exceeded, or the disk is full; `path` is
            as it was.
    """
    report = render_json(assessment)
    extract, predicate = _recorded(assessment, log, keys, report)
    predicate = replace(
        predicate,
        attestations=tuple(paper for paper, _ in papers.attestations),
        documents=tuple(paper for paper, _ in papers.documents),
        redacted=papers.redacted,
    )
    contents: dict[str, Content] = {
        REPORT: report,
        REPORT_HTML: lambda: (render_html(assessment, templates),),
        ICS: lambda: (render_ics_json(assessment),),
        IXIT: lambda: (render_ixit_json(assessment),),
        GATE: render_svr(assessment, _gated(assessment, report)),
        BASIS: lambda: (json_of(basis_of(assessment)),),
        **_ledger(extract, [assessment.checkpoint, *since]),
        **_owners(papers),
    }
    if bom:
        contents[BOM] = bom
    with written_whole(path) as file:
        members = _write(Container(file), contents, predicate, keys.pack, signatory)
        digest, size = sha256(), file.tell()
        file.seek(0)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Packed(path=path, sha256=digest.hexdigest(), size=size, members=members, predicate=predicate)


def _recorded(assessment: Assessment, log: Log, keys: Keys, report: bytes) -> tuple[Extract, PackPredicate]:
    """The entries that the pack carries, and its predicate but for the owner's papers."""
    assessed = record_assessment(log, assessment, sha256(report).hexdigest())
    indices = sorted({e.index for e in assessment.evidence} | set(assessed.indices))
    if len(indices) > MAX_ENTRIES:
        raise AssaymarkError(
            f"The assessment rests on {len(indices):,} entries; a pack holds {MAX_ENTRIES:,}.",
            "Assess parts of the system on their own.",
        )
    extract = Extract(log=log, indices=tuple(indices), note=log.head())
    if not checkpoint.signed_by(extract.note, keys.ledger):
        raise AssaymarkError(
            "The ledger's newest head is not signed with this machine's key.",
            "Run `assaymark log verify`; pack where the ledger was written.",
        )
    predicate = predicate_of(
        assessment,
        origin=extract.head.origin,
        ledger_key=keys.ledger,
        public_key=public_bytes(keys.pack),
    )
    return extract, replace(predicate, assessment=assessed.entry.leaf, assessments=assessed.number)


def _ledger(extract: Extract, since: Sequence[str]) -> dict[str, Content]:
    return {
        CHECKPOINT: extract.note.encode(),
        CONSISTENCY: b"".join(consistency_lines(extract, since)),
        ENTRIES: lambda: entry_lines(extract),
        PROOFS: lambda: proof_lines(extract),
    }


def _owners(papers: Papers) -> dict[str, Content]:
    contents: dict[str, Content] = {MANIFEST: papers.manifest} if papers.manifest else {}
    contents |= {paper.member: data for paper, data in papers.attestations}
    for paper, place in papers.documents:
        contents[paper.member] = lambda p=paper, at=place: chunks_of(p, at)  # type: ignore[misc]
    return contents


def _gated(assessment: Assessment, report: bytes) -> tuple[Subject, ...]:
    """What a gate knows the system by: its commit and its models; and the report that says more."""
    models = {
        Subject(asset.location or asset.name, asset.sha256)
        for asset in assessment.assets
        if asset.kind is AssetKind.MODEL and asset.sha256
    }
    commit = (Subject(COMMIT, assessment.commit),) if assessment.commit else ()
    return (*commit, *sorted(models), Subject(REPORT, sha256(report).hexdigest()))


def _write(
    container: Container,
    contents: dict[str, Content],
    predicate: PackPredicate,
    key: Ed25519PrivateKey,
    signatory: Signatory | None,
) -> tuple[Written, ...]:
    """Write all members in order. What stands behind the statement is in memory, so its digest is known."""
    before = [name for name in sorted(contents) if name < SIGN_OFFS]
    after = sorted(contents.keys() - set(before))
    written = [container.add(name, _pieces(contents[name])) for name in before]
    subjects = [*((w.name, w.sha256) for w in written), *_digests(contents, after)]
    payload = statement(subjects, PREDICATE, predicate)
    if signatory:
        written.append(container.add(*signed_off(payload, predicate.system, signatory)))
    written.append(container.add(STATEMENT, seal(payload, key)))
    written += [container.add(name, _pieces(contents[name])) for name in after]
    container.finish()
    return tuple(written)


def _pieces(content: Content) -> bytes | Iterable[bytes]:
    return content if isinstance(content, bytes) else content()


def _digests(contents: dict[str, Content], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        content = contents[name]
        assert isinstance(content, bytes), name
        yield name, sha256(content).hexdigest()

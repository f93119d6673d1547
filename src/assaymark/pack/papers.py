"""The owner's own files for a pack: manifest, attestations, and the documents that evidence names by digest.

Nothing is followed that `ledger.attestation_files` would not follow, and nothing is packed but what has the
digest that the assessment rests on.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.errors import AssaymarkError
from assaymark.ledger.attestation import MAX_BYTES, parse
from assaymark.ledger.attestation_files import Attested, read_attestations
from assaymark.pack.format import ATTESTATIONS, DOCUMENTS, PaperV1, RedactedV1
from assaymark.pack.named import documents_named
from assaymark.pack.names import collision, fault
from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import Secret
from assaymark.scan.infra.secrets import scan_secrets
from assaymark.signing.problems import shown
from assaymark.source.walk import shown_path

__all__ = ["Papers", "chunks_of", "gather", "secrets_in"]

_MAX_MANIFEST = 1_000_000
_CHUNK = 1 << 20
_BY_DIGEST = "by-digest/"
_WITHHELD = "Withheld by the sender."


class Papers(Struct, frozen=True, kw_only=True):
    """What of the owner's goes into a pack."""

    manifest: bytes = b""
    """Empty if there is none."""
    attestations: tuple[tuple[PaperV1, bytes], ...] = ()
    documents: tuple[tuple[PaperV1, Path], ...] = ()
    """Each with the place that it is read from."""
    redacted: tuple[RedactedV1, ...] = ()


def gather(root: Path, assessment: Assessment, *, redact: bool = False) -> Papers:
    """What the assessment of the folder `root` rests on, beside the ledger.

    Args:
        root: the folder, as it was assessed.
        assessment: what it gave.
        redact: leave out the documents' content.

    Raises:
        AssaymarkError: a file is no longer what was assessed.
    """
    root = Path(os.path.realpath(root))
    found = _stated(root, assessment)
    documents, redacted = _documents(root, assessment, redact=redact)
    return Papers(
        manifest=_manifest(root, assessment),
        attestations=_attestations(root, found),
        documents=documents,
        redacted=redacted,
    )


def chunks_of(paper: PaperV1, path: Path) -> Iterator[bytes]:
    """The content of a document, piece by piece.

    Raises:
        AssaymarkError: it cannot be read, or is no longer what the attestation names.
    """
    digest = sha256()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _changed(shown(paper.name))
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                yield chunk
    except OSError as error:
        raise AssaymarkError(
            f"{shown(paper.name)} could not be read: {error.strerror}.", "Make it readable, or use --redact."
        ) from error
    if digest.hexdigest() != paper.sha256:
        raise _changed(shown(paper.name))


def _stated(root: Path, assessment: Assessment) -> tuple[Attested, ...]:
    """The attestations that were assessed. A copy of one in another folder is recorded once, as the first."""
    found = read_attestations(root, assessment.system.attestations).found
    stated = {e.observation for e in assessment.evidence if e.observation.check == "attestation"}
    ours = tuple(a for a in found if a.observation in stated)
    if {a.observation for a in ours} != stated or not {a.key for a in found} <= {a.key for a in ours}:
        raise _changed("The attestations")
    return ours


def _manifest(root: Path, assessment: Assessment) -> bytes:
    system = assessment.system
    if not system.manifest_path:
        return b""
    data = _read(root / system.manifest_path, system.manifest_path, _MAX_MANIFEST)
    if sha256(data).hexdigest() != system.manifest_sha256:
        raise _changed(shown(system.manifest_path))
    return data


def _attestations(root: Path, found: Sequence[Attested]) -> tuple[tuple[PaperV1, bytes], ...]:
    read = {shown_path(a.path): (a, _read(root / a.path, a.path, MAX_BYTES)) for a in found}
    for path, (attested, data) in read.items():
        if parse(data, shown(path)) != attested.attestation:
            raise _changed(shown(path))
    digests = {path: sha256(data).hexdigest() for path, (_, data) in read.items()}
    papers = _placed(ATTESTATIONS, digests.items())
    return tuple((paper, read[paper.name][1]) for paper in papers)


def _documents(
    root: Path, assessment: Assessment, *, redact: bool
) -> tuple[tuple[tuple[PaperV1, Path], ...], tuple[RedactedV1, ...]]:
    present: set[tuple[str, str]] = set()
    redacted: set[tuple[str, str, str]] = set()
    for subject in documents_named(e.observation for e in assessment.evidence):
        now = assessment.digests.get(subject.name, "")
        if now != subject.sha256:
            redacted.add((subject.name, subject.sha256, _why(now)))
        elif redact:
            redacted.add((subject.name, subject.sha256, _WITHHELD))
        else:
            present.add((subject.name, subject.sha256))
    papers = _placed(DOCUMENTS, present)
    return (
        tuple((paper, Path(os.path.realpath(root / paper.name))) for paper in papers),
        tuple(RedactedV1(name=n, sha256=d, reason=r) for n, d, r in sorted(redacted)),
    )


def _why(now: str) -> str:
    if now:
        return f"It changed since it was attested; its digest is now {now}."
    return "It is gone, lies outside the system's folders, or is larger than a pack can hold."


def _placed(folder: str, papers: Iterable[tuple[str, str]]) -> tuple[PaperV1, ...]:
    """A member for each (name, digest): by its name, or by its digest where some system could not write that.

    Names of documents beside the assessed folder begin with ``../`` and are among the latter.
    """
    members = {}
    for name, digest in sorted(papers):
        by_digest = f"{folder}{_BY_DIGEST}{digest}"
        unfit = fault(f"{folder}{name}") or name.casefold().startswith(_BY_DIGEST[:-1])
        members[name, digest] = by_digest if unfit else f"{folder}{name}"
    while same := collision(sorted(set(members.values()))):
        name, digest = next(key for key, member in members.items() if member == same[1])
        members[name, digest] = f"{folder}{_BY_DIGEST}{digest}"
    return tuple(PaperV1(name=n, sha256=d, member=m) for (n, d), m in members.items())


def _read(path: Path, name: str, limit: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError as error:
        raise AssaymarkError(
            f"{shown(name)} could not be read: {error.strerror}.", "Make it readable."
        ) from error
    if not data or len(data) > limit:
        raise _changed(shown(name))
    return data


def _changed(what: str) -> AssaymarkError:
    return AssaymarkError(
        f"{what} changed while the pack was made, so nothing was written.",
        "Run it again when nobody writes to the folder.",
    )


def secrets_in(papers: Papers) -> tuple[str, ...]:
    """Where a document or attestation holds what looks like a credential, one sentence each."""
    texts = [(paper.name, data) for paper, data in papers.attestations]
    texts += [(paper.name, next(iter(chunks_of(paper, place)), b"")) for paper, place in papers.documents]
    return tuple(
        f"{shown(name)}:{fact.at.line} holds what looks like a credential ({fact.kind})."
        for name, data in texts
        for fact in scan_secrets(BytesBlob(name, data))
        if isinstance(fact, Secret) and not fact.placeholder
    )

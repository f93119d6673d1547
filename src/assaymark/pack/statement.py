"""`Assessment` → what a pack's statement and basis say. Pure."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from assaymark.assess.assessment import Assessment
from assaymark.observation import canonical
from assaymark.pack.format import Basis, DigestV1, PackPredicate, StatementV1, SubjectV1
from assaymark.report import in_toto
from assaymark.report.bom.text import clean

__all__ = ["basis_of", "json_of", "predicate_of", "statement"]


def basis_of(a: Assessment) -> Basis:
    """What the verdicts are re-derived from."""
    return Basis(
        root=a.root,
        system=a.system.name,
        head=a.checkpoint,
        manifest_path=a.system.manifest_path,
        commit=a.commit,
        files=a.files,
        assessed_at=a.assessed_at,
        tool_version=a.tool_version,
        circumstances=a.circumstances,
        digests=a.digests,
        checks=a.checks,
        assets=a.assets,
        edges=a.edges,
        not_looked_at=a.not_looked_at,
        problems=a.problems,
    )


def predicate_of(a: Assessment, *, origin: str, ledger_key: bytes, public_key: bytes) -> PackPredicate:
    """The predicate, but for the owner's papers and the record of the assessment.

    Args:
        a: the assessment.
        origin: name of the ledger.
        ledger_key: 32 bytes; signed the ledger's head.
        public_key: 32 bytes; will sign the statement.
    """
    return replace(
        in_toto.predicate_of(a), ledger=origin, ledger_key=ledger_key.hex(), public_key=public_key.hex()
    )


def statement(subjects: Iterable[tuple[str, str]], kind: str, predicate: object) -> bytes:
    """An in-toto Statement v1 about `subjects` (name and SHA-256), as canonical JSON."""
    named = tuple(SubjectV1(name=name, digest=DigestV1(sha256=digest)) for name, digest in subjects)
    return json_of(StatementV1(subject=named, predicate_type=kind, predicate=predicate))


def json_of(value: object) -> bytes:
    """Canonical JSON; half characters, which names that are not UTF-8 bring in, are spelt out."""
    try:
        return canonical(value)
    except UnicodeEncodeError:
        return canonical(clean(msgspec.to_builtins(value)))

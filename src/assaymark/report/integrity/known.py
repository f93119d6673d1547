"""What an export may refer to: the ids and digests of the assessment that it was made from."""

import re
from collections.abc import Iterable

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.report.in_toto import subjects_of
from assaymark.report.svr import property_of

__all__ = ["HEX64", "Known", "known_of", "twice"]

HEX64 = re.compile(r"[0-9a-f]{64}")
"""A SHA-256 in hexadecimal."""


class Known(Struct, frozen=True, kw_only=True):
    """Ids and digests that exist."""

    verdicts: dict[str, str]
    """Provision id → verdict."""
    obligations: frozenset[str]
    leaves: dict[int, str]
    """Index in the ledger → leaf."""
    digests: frozenset[str]
    """Of everything that the assessment rests on, commit ids included."""
    catalogue: str
    properties: dict[str, str]
    """SVR property → provision id."""


def known_of(a: Assessment) -> Known:
    """What `a` holds."""
    digests = {s.sha256 for e in a.evidence for s in e.observation.subjects}
    digests |= {s.sha256 for s in subjects_of(a)} | {x.sha256 for x in a.assets if x.sha256}
    return Known(
        verdicts={r.id: r.verdict.value for r in a.results},
        obligations=frozenset(o.id for p in a.provisions for o in p.obligations),
        leaves={e.index: e.leaf for e in a.evidence},
        digests=frozenset(digests),
        catalogue=a.catalogue_sha256,
        properties={property_of(a.edition, p.id): p.id for p in a.provisions},
    )


def twice(names: Iterable[str]) -> list[str]:
    """The names that stand more than once, each once."""
    seen: set[str] = set()
    return list(dict.fromkeys(n for n in names if n in seen or seen.add(n)))  # type: ignore[func-returns-value]

"""After an example changed: bind its attestations to the documents again, and rewrite its verdict table.

Run ``python -m tests.examples.renew``, then read the difference line by line before committing it.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from tests.examples.examples import EXAMPLES, EXPECTED, NAMES, assessed

from assaymark.ledger.attestation import Document, parse, render

_TABLE = "\nverdicts:\n"


def rebind(name: str) -> None:
    """Give each statement in an example the present digests of its documents."""
    root = EXAMPLES / name
    for path in sorted((root / "assurance" / "attestations").glob("*.json")):
        value = parse(path.read_bytes(), path.name)
        documents = tuple(Document(path=d.path, sha256=_digest(root / d.path)) for d in value.documents)
        path.write_bytes(render(msgspec.structs.replace(value, documents=documents)))


def rewrite_table(name: str) -> None:
    """Write the verdicts that an example gets now into what it should get."""
    path = EXPECTED / f"{name}.yaml"
    kept = path.read_text(encoding="utf-8").partition(_TABLE)[0]
    rows = [f"  {r.id}: {r.verdict.value}\n" for r in assessed(name).results]
    path.write_text(kept + _TABLE + "".join(rows), encoding="utf-8")


def main(names: Sequence[str]) -> None:
    """Renew the named examples, or all."""
    for name in names or NAMES:
        rebind(name)
        rewrite_table(name)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])

"""Have witnesses cosign the very head under which a pack's evidence will be proved."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from assaymark.errors import UsageError

if TYPE_CHECKING:
    from assaymark.assess.assessment import Assessment
    from assaymark.ledger.note import VerifierKey
    from assaymark.pipeline import Places

__all__ = ["have_cosigned", "witnesses_named"]


def witnesses_named(urls: tuple[str, ...], keys: tuple[str, ...]) -> "tuple[tuple[str, VerifierKey], ...]":
    """Each witness's address with its key.

    Raises:
        UsageError: there is not one key for each, or one is none.
    """
    from assaymark._cli.log.source import verifier_keys
    from assaymark.ledger.note import COSIGNATURE

    if len(urls) != len(keys):
        raise UsageError(
            f"{len(urls)} witnesses and {len(keys)} keys of witnesses are named.",
            "Give --witness URL --witness-key KEY for each.",
        )
    return tuple(zip(urls, verifier_keys(keys, COSIGNATURE), strict=True))


def have_cosigned(
    path: Path,
    assessment: "Assessment",
    places: "Places",
    witnesses: "tuple[tuple[str, VerifierKey], ...]",
) -> None:
    """Record the assessment, which is the last that packing records, and have the head over it cosigned.

    Raises:
        RefusedByWitnessError: a witness saw another ledger under this name; nothing is packed then.
        AssaymarkError: one cannot be reached.
    """
    from assaymark._cli.log.source import ledger_of, open_log
    from assaymark.ledger.keys import load_key
    from assaymark.ledger.ledger import Ledger
    from assaymark.ledger.published import add_signatures
    from assaymark.ledger.witness_client import submit
    from assaymark.pack.history import one_at_a_time, record_assessment
    from assaymark.pack.log import log_of
    from assaymark.report.json_v1 import render_json

    if not witnesses:
        return
    with one_at_a_time(places.key), Ledger.open(places.ledger, load_key(places.key)) as ledger:
        record_assessment(log_of(ledger), assessment, sha256(render_json(assessment)).hexdigest())
    with open_log(str(path)) as log:
        added = tuple(submit(url, key, log.tiles, log.note) for url, key in witnesses)
        add_signatures(ledger_of(path), log.note, added)

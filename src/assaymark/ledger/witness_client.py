"""Submit a log's head to a witness over HTTP (C2SP tlog-witness) and take its cosignature back."""

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.cosignature import cosigned_at
from assaymark.ledger.note import Signature, VerifierKey, with_signatures
from assaymark.ledger.posting import Answer, post
from assaymark.ledger.prover import Prover
from assaymark.ledger.tiles import TileReader
from assaymark.ledger.witness_protocol import (
    ADD_CHECKPOINT,
    MAX_REQUEST,
    SIZE_TYPE,
    InvalidRequestError,
    Request,
    parse_reply,
    render_request,
)

__all__ = ["RefusedByWitnessError", "submit"]

_TRIES = 3
_TEXT = "text/plain; charset=utf-8"


class RefusedByWitnessError(AssaymarkError):
    """A witness did not cosign; the message says what it answered."""

    exit_code = 14


def submit(url: str, witness: VerifierKey, reader: TileReader, note: str) -> Signature:
    """Have the witness at `url` cosign the head in `note`.

    Args:
        url: its address, below which ``add-checkpoint`` lies.
        witness: its key; other signatures in its answer are ignored.
        reader: the log's files, from which the proof is made.
        note: the signed head.

    Raises:
        RefusedByWitnessError: it has seen another log under this name, or gives no cosignature that holds.
        AssaymarkError: it cannot be reached.
    """
    head = parse(note)
    prover = Prover.at(reader, head)
    old = 0
    for _ in range(_TRIES):  # others may submit heads of this log at the same time
        proof = prover.consistency(old) if old < head.size else ()
        request = render_request(Request(old, proof, note))
        answer = post(url.rstrip("/") + ADD_CHECKPOINT, request, _TEXT, MAX_REQUEST, "witness")
        size = _size(answer.body) if answer.status == 409 and answer.kind == SIZE_TYPE else None
        if size is None or size == old:
            return _taken(answer, witness, note)
        if size > head.size:
            raise RefusedByWitnessError(
                f"The witness has cosigned a head of this log with {size} entries; this one has {head.size}.",
                "If nothing newer was published elsewhere, the end of this log was cut off: restore it.",
            )
        old = size
    raise RefusedByWitnessError("The witness keeps cosigning other heads of this log.", "Try again.")


def _taken(answer: Answer, witness: VerifierKey, note: str) -> Signature:
    if answer.status != 200:
        said = answer.body[:300].decode("utf-8", "replace").strip()
        shown = "".join(c for c in said if c.isprintable())
        raise RefusedByWitnessError(
            f"The witness did not cosign (status {answer.status}): {shown}",
            "Status 404 or 403: give its operator the key that `log head` prints. 409: it saw another log.",
        )
    try:
        for signature in parse_reply(answer.body):
            if cosigned_at(with_signatures(note, (signature,)), witness) is not None:
                return signature
    except InvalidRequestError as error:
        raise RefusedByWitnessError(f"The witness's answer is malformed: {error}.") from error
    raise RefusedByWitnessError(
        f"The answer holds no signature by {witness.name} that holds.", "Check the key that you named."
    )


def _size(body: bytes) -> int | None:
    text = body[:20].decode("ascii", "replace").removesuffix("\n")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None

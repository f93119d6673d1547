"""What a log and a witness say to each other (C2SP tlog-witness, ``add-checkpoint``). Pure."""

import base64
from collections.abc import Sequence

from msgspec import Struct

from assaymark.ledger.note import MAX_NOTE, InvalidNoteError, Signature, decode_base64, parse_signature

__all__ = [
    "ADD_CHECKPOINT",
    "MAX_REQUEST",
    "SIZE_TYPE",
    "InvalidRequestError",
    "Request",
    "parse_reply",
    "parse_request",
    "render_request",
]

ADD_CHECKPOINT = "/add-checkpoint"
"""Where heads are submitted, below the witness's address."""
SIZE_TYPE = "text/x.tlog.size"
"""Type of the answer that says how many entries the head cosigned last has."""

_MAX_PROOF = 63
MAX_REQUEST = MAX_NOTE * 4 + _MAX_PROOF * 45 + 32
"""Bytes of the longest request or answer that is read."""


class InvalidRequestError(ValueError):
    """A request or answer that is not of the protocol's form; the message says why."""


class Request(Struct, frozen=True):
    """A head that a log submits."""

    old: int
    """Entries of the head that the witness cosigned last, as far as the log knows."""
    proof: tuple[bytes, ...]
    """RFC 6962 consistency proof from there."""
    note: str
    """The signed head."""


def render_request(request: Request) -> bytes:
    """The body to send."""
    proof = "".join(f"{base64.b64encode(node).decode()}\n" for node in request.proof)
    return f"old {request.old}\n{proof}\n{request.note}".encode()


def parse_request(body: bytes) -> Request:
    """The request in a body.

    Raises:
        InvalidRequestError: it is not of the protocol's form; its head is not looked at.
    """
    try:
        lines, blank, note = body.decode("utf-8").partition("\n\n")
        first, *proof = lines.split("\n")
        hashes = tuple(map(decode_base64, proof[: _MAX_PROOF + 1]))
    except (UnicodeError, InvalidNoteError) as error:
        raise InvalidRequestError(f"its proof is no list of hashes: {error}") from error
    if not blank or len(hashes) > _MAX_PROOF or any(len(node) != 32 for node in hashes):
        raise InvalidRequestError("its proof is no list of hashes with an empty line behind")
    word, _, number = first.partition(" ")
    if word != "old" or not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise InvalidRequestError("its first line does not say how many entries there were")
    if str(int(number)) != number:
        raise InvalidRequestError("the number in its first line has leading zeroes")
    return Request(int(number), hashes, note)


def parse_reply(body: bytes) -> Sequence[Signature]:
    """The cosignatures in an answer; whose they are and whether they hold is not looked at.

    Raises:
        InvalidRequestError: it is no list of signatures.
    """
    try:
        text = body.decode("utf-8")
        if not text.endswith("\n"):
            raise InvalidRequestError("it is no list of signatures")
        return [parse_signature(line) for line in text.removesuffix("\n").split("\n")[:64]]
    except (UnicodeError, InvalidNoteError) as error:
        raise InvalidRequestError(f"it is no list of signatures: {error}") from error

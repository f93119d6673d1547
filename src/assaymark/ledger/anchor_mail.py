"""A signed head as an e-mail to be sent to somebody who keeps it. Pure: nothing is sent here."""

import email
import email.policy
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import format_datetime
from hashlib import sha256

from assaymark.ledger.checkpoint import InvalidCheckpointError, parse

__all__ = ["MAX_MAIL", "notes_in_mail", "render_mail"]

MAX_MAIL = 4 * 2**20
"""Bytes of the longest e-mail that is read."""

_MAX_PARTS = 200
_BODY = """\
This is the newest signed head of the log of evidence {origin}:
{size} entries, root {root}.

Please keep this message. Whoever asks later whether entries were changed or cut
off can compare: save the attachment, or this message as it is, and run

    assaymark log verify LEDGER --head FILE

The attachment is the head exactly as it was signed (a C2SP checkpoint).
"""


def render_mail(note: str, when: datetime, *, sender: str = "", to: str = "") -> bytes:
    """An RFC 5322 message that carries `note` as an attachment.

    Args:
        note: the signed head.
        when: the message's date, with a time zone.
        sender: address for ``From``; left out if empty, for a mail program to fill in.
        to: address for ``To``; likewise.
    """
    head = parse(note)
    message = EmailMessage(policy=email.policy.SMTP.clone(cte_type="7bit"))
    message["Subject"] = f"Head of the log {head.origin}: {head.size} entries"
    for name, value in (("From", sender), ("To", to)):
        if value:
            message[name] = value
    message["Date"] = format_datetime(when)
    message.set_content(_BODY.format(origin=head.origin, size=head.size, root=head.root.hex()))
    message.add_attachment(
        note.encode(), maintype="application", subtype="octet-stream", filename=f"{head.size}.checkpoint"
    )
    message.set_boundary(f"head-{sha256(note.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def notes_in_mail(data: bytes) -> tuple[str, ...]:
    """The signed heads that an e-mail carries, as attachments or as its text; none if it is no e-mail."""
    if len(data) > MAX_MAIL:
        return ()
    try:
        message = email.message_from_bytes(data)
        return tuple(note for part in _parts(message) if (note := _note(part)))
    except (MessageError, ValueError, LookupError, RecursionError):
        return ()


def _parts(message: Message) -> list[Message]:
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < _MAX_PARTS:
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting.extend(p for p in reversed(inner) if isinstance(p, Message))
        else:
            found.append(part)
    return found


def _note(part: Message) -> str:
    data = part.get_payload(decode=True)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n") if isinstance(data, bytes) else ""
        parse(text)
    except (UnicodeError, InvalidCheckpointError):
        return ""
    return text

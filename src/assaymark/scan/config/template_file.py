"""Chat templates in files of their own."""

from collections.abc import Iterable

from assaymark.inspection import Header, Hole, HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.template import judge_template

__all__ = ["INSPECTOR"]

MAX_BYTES = 4 << 20
_MARKS = (
    b"add_generation_prompt",
    b"bos_token",
    b"eos_token",
    b"message['role']",
    b"message.role",
    b'message["role"]',
)


def _claims(look: Look) -> bool:
    if not look.name.endswith((".jinja", ".jinja2", ".j2")):
        return False
    if look.name.startswith("chat_template") or "additional_chat_templates/" in look.path:
        return True
    return b"messages" in look.head and any(mark in look.head for mark in _MARKS)


def _inspect(blob: Blob, limits: Limits) -> Iterable[Part]:
    yield Header(format="chat-template")
    if blob.size > MAX_BYTES:
        reason = f"a template longer than {MAX_BYTES:,} bytes"
        yield Hole(kind=HoleKind.BOUND, reason=reason, size=blob.size)
        return
    text = blob.read(0, MAX_BYTES).decode("utf-8", "replace")
    yield from judge_template(text, blob.path.rpartition("/")[2])
    yield Covered(blob.size, 0)


INSPECTOR = Inspector(format="chat-template", claims=_claims, inspect=_inspect)
"""`chat_template.jinja` and its like; other templates are nobody's business here."""

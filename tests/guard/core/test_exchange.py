"""The core's dialogue: an event is told, commands come back."""

import base64
from typing import Any

import pytest

from assaymark.guard.core.edits import applied
from assaymark.guard.core.events import (
    Answered,
    AskHuman,
    Command,
    DeadlinePassed,
    Event,
    Forward,
    Record,
    Refuse,
    Release,
    ReleaseCall,
    RequestReceived,
    ResponseReceived,
    Stop,
    StreamEnded,
    TextDelta,
    ToolCallReceived,
    TrackEnded,
)
from assaymark.guard.core.exchange import Exchange
from assaymark.guard.core.ports import Context, NoBook, Usage
from assaymark.guard.event import Action, Channel, Finding, Segment, ToolCall
from assaymark.guard.policy.model import (
    ChannelPolicy,
    EgressPolicy,
    ExceptionRule,
    FlowPolicy,
    Limits,
    Mode,
    Policy,
    Step,
    ToolRule,
)
from assaymark.guard.protocol.shape import Message
from tests.guard.core.small import PHRASE, SECRET, Clock, PhraseScorer, parts

QUIET = EgressPolicy(canary=None)


def said(text: str, channel: Channel = Channel.USER, **more: Any) -> Message:
    """A message of one segment."""
    return Message(
        segments=(Segment(text=text, channel=channel, at="/a", **more),), offered=frozenset({"send"})
    )


def told(exchange: Exchange, *events: Event) -> list[Command]:
    """What comes back, records left out."""
    found: list[Command] = []
    for event in events:
        found += [c for c in exchange.receive(event) if not isinstance(c, Record)]
    return found


def begun(policy: Policy | None = None, message: Message | None = None, **changes: Any) -> Exchange:
    """An exchange whose request was let pass."""
    exchange = Exchange(parts(policy or Policy(egress=QUIET), **changes))
    commands = told(exchange, RequestReceived(message or said("Hi"), Context()))
    assert isinstance(commands[0], Forward)
    return exchange


def test_an_honest_request_is_forwarded_without_edits() -> None:
    """And recorded, with the segments for their digests."""
    exchange = Exchange(parts())
    record, forward = exchange.receive(RequestReceived(said("Hi"), Context(key="k")))

    assert isinstance(record, Record)
    assert (record.decision.action, record.context.key, record.segments[0].text) == (Action.ALLOW, "k", "Hi")
    assert isinstance(forward, Forward)
    assert forward.edits == ()
    assert record.decision.detector == ""  # two letters are a name, not a sentence


def test_an_attack_is_refused_with_place_and_reason() -> None:
    """The finding says where, how sure, and why."""
    (refuse,) = told(Exchange(parts()), RequestReceived(said(f"Well, {PHRASE}!"), Context()))

    assert isinstance(refuse, Refuse)
    (finding,) = refuse.decision.findings
    assert (finding.rule, finding.start, finding.end) == ("detector/user", 6, 6 + len(PHRASE))
    assert finding.score == 0.99
    assert finding.reasons[0].text == "phrase"
    assert PHRASE not in finding.message
    assert refuse.decision.detector == "phrase-1"


def test_what_is_hidden_in_base64_is_judged() -> None:
    """The span is that of the disguise in the original."""
    hidden = base64.b64encode(PHRASE.encode()).decode()
    (refuse,) = told(Exchange(parts()), RequestReceived(said(f"See {hidden}"), Context()))

    assert isinstance(refuse, Refuse)
    assert refuse.decision.findings[0].layers == ("base64",)
    assert refuse.decision.findings[0].start == 4


@pytest.mark.parametrize(
    ("action", "kind"),
    [(Action.ALLOW, Forward), (Action.ANNOTATE, Forward), (Action.REDACT, Forward), (Action.ASK, AskHuman)],
)
def test_each_action_has_its_command(action: Action, kind: type) -> None:
    """Marked text is wrapped, cut text is gone, a question waits."""
    policy = Policy(channels={Channel.DOCUMENT: ChannelPolicy(action=action)}, egress=QUIET)
    text = f"News. {PHRASE}. More."
    (command,) = told(Exchange(parts(policy)), RequestReceived(said(text, Channel.DOCUMENT), Context()))

    assert isinstance(command, kind)
    if isinstance(command, Forward):
        got = applied(text, command.edits)
        assert (PHRASE in got) is (action is not Action.REDACT)
        assert got.startswith("[") is (action is Action.ANNOTATE)


def test_steps_rise_with_the_score() -> None:
    """The highest threshold that is reached decides."""
    steps = (Step(threshold=0.2, action=Action.ANNOTATE), Step(threshold=0.995, action=Action.BLOCK))
    policy = Policy(channels={Channel.USER: ChannelPolicy(steps=steps)}, egress=QUIET)
    (command,) = told(Exchange(parts(policy)), RequestReceived(said(PHRASE), Context()))

    assert isinstance(command, Forward)
    assert command.decision.findings[0].threshold == 0.2


def test_shadow_decides_and_changes_nothing() -> None:
    """No edit, no canary, no block; what would have been done is recorded."""
    message = Message(
        segments=(
            Segment(text="Be kind.", channel=Channel.SYSTEM, at="/s"),
            Segment(text=PHRASE, channel=Channel.USER, at="/u"),
        )
    )
    exchange = Exchange(parts(Policy(mode=Mode.SHADOW)))
    record, forward = exchange.receive(RequestReceived(message, Context()))

    assert isinstance(record, Record)
    assert (record.decision.action, record.decision.wanted) == (Action.ALLOW, Action.BLOCK)
    assert isinstance(forward, Forward)
    assert forward.edits == ()


def test_an_exception_of_the_policy_lets_pass() -> None:
    """It is named in the finding."""
    rule = ExceptionRule(id="x", owner="o", reason="r", until="2026-12-31", phrase=PHRASE)
    (command,) = told(Exchange(parts(Policy(exceptions=(rule,)))), RequestReceived(said(PHRASE), Context()))

    assert isinstance(command, Forward)
    assert command.decision.findings[0].excepted_by == "x"


class Broken(PhraseScorer):
    """A detector that fails."""

    def score_many(self, items: object) -> list[Any]:
        """Fail."""
        raise ZeroDivisionError


@pytest.mark.parametrize(("on_error", "kind"), [("deny", Refuse), ("allow", Forward)])
def test_a_step_that_fails_denies_unless_the_policy_says_otherwise(on_error: Any, kind: type) -> None:
    """Either way the failure is a finding."""
    policy = Policy(channels={Channel.USER: ChannelPolicy(on_error=on_error)})
    exchange = Exchange(parts(policy, scorer=Broken()))
    (command,) = told(exchange, RequestReceived(said("How are you?"), Context()))

    assert isinstance(command, kind)
    assert command.decision.findings[0].rule == "error/detect"


def test_any_step_may_fail() -> None:
    """Each becomes `error/STEP`, and denies; even the decision itself."""

    def broken(*args: object, **named: object) -> Any:
        raise LookupError

    for name, rule in (
        ("reveal", "reveal"),
        ("judge", "tool_flow"),
        ("excepted", "exceptions"),
        ("egress", "egress"),
    ):
        exchange = begun()
        exchange.parts = parts(Policy(egress=QUIET), **{name: broken})
        call = ToolCallReceived("t", ToolCall(name="send", arguments=f'{{"a": "{PHRASE}"}}'))
        (stop,) = told(exchange, call)
        assert isinstance(stop, Stop)
        assert f"error/{rule}" in {f.rule for f in stop.decision.findings}


def test_a_decision_that_fails_is_a_block() -> None:
    """A finding that points nowhere cannot crash the guard open."""

    def odd(*args: object, **named: object) -> Any:
        return (None,)

    (refuse,) = told(Exchange(parts(excepted=odd)), RequestReceived(said(PHRASE), Context()))
    assert isinstance(refuse, Refuse)
    assert refuse.decision.findings[-1].rule == "error/decide"


def test_limits_are_kept_before_anything_else() -> None:
    """What is over a limit is not looked at."""
    policy = Policy(limits=Limits(text_chars=10))
    (refuse,) = told(Exchange(parts(policy, scorer=Broken())), RequestReceived(said("a" * 11), Context()))

    assert isinstance(refuse, Refuse)
    assert [f.rule for f in refuse.decision.findings] == ["limit/text_chars"]


@pytest.mark.parametrize(("outcome", "kind"), [("deny", Refuse), ("allow", Forward)])
def test_a_deadline_has_a_declared_outcome(outcome: Any, kind: type) -> None:
    """Within the chain, and when the edge gives up on it."""
    policy = Policy(limits=Limits(on_deadline=outcome, deadline_ms=10), egress=QUIET)
    clock = Clock()

    def slow(text: str, depth: int) -> Any:
        clock.now += 1
        return parts().reveal(text, depth)

    event = RequestReceived(said(PHRASE), Context())
    (inside,) = told(Exchange(parts(policy, now=clock, reveal=slow)), event)
    (outside,) = told(Exchange(parts(policy)), DeadlinePassed(event))
    for command in (inside, outside):
        assert isinstance(command, kind)
        assert command.decision.findings[-1].rule == "limit/deadline"


def test_what_comes_back_after_the_deadline_changes_nothing() -> None:
    """The late thread's commands are void."""
    exchange = Exchange(parts())

    def late(text: str, depth: int) -> Any:
        exchange.receive(DeadlinePassed(event))
        return parts().reveal(text, depth)

    event = RequestReceived(said("How are you?"), Context())
    exchange.parts = parts(reveal=late)
    assert exchange.receive(event) == ()


def test_text_is_held_back_and_then_released() -> None:
    """Never more than the window is held, never less than three quarters of it released early."""
    exchange = begun()
    upto, text = 0, "One two three four. " * 50
    for n in range(0, len(text), 5):
        for command in told(exchange, TextDelta("t", text[n : n + 5])):
            assert isinstance(command, Release)
            upto = command.upto
        assert n + 5 - 205 <= upto <= max(0, n + 5 - 150)
    (last,) = told(exchange, TrackEnded("t"))
    assert isinstance(last, Release)
    assert last.upto == len(text)
    assert told(exchange, StreamEnded()) == []


def test_an_attack_over_several_windows_is_stopped() -> None:
    """However it is cut."""
    for size in (1, 7, 50, 1000):
        exchange = begun()
        text, commands = "Fine so far. " * 30 + PHRASE, []
        for n in range(0, len(text), size):
            commands += told(exchange, TextDelta("t", text[n : n + size]))
        commands += told(exchange, StreamEnded())
        assert isinstance(commands[-1], Stop)
        released = max([c.upto for c in commands if isinstance(c, Release)], default=0)
        assert released <= text.index(PHRASE)


def test_a_secret_is_cut_out_once_however_it_is_cut() -> None:
    """The edit has its final place before its text may go."""
    text = "Words and words. " * 20 + f"Key: {SECRET} end. " + "Words and words. " * 40
    for size in (1, 13, 300):
        exchange, release = begun(), None
        for n in range(0, len(text), size):
            for command in told(exchange, TextDelta("t", text[n : n + size])):
                assert isinstance(command, Release)
                release = command
        (release, *_) = told(exchange, StreamEnded(Usage())) or [release]
        assert isinstance(release, Release)
        assert release.upto == len(text)
        assert applied(text, release.edits) == text.replace(SECRET, "[removed: egress/secret]")


def test_a_long_stream_is_recorded_once_unless_there_is_news() -> None:
    """Windows that tell the same make one entry."""
    exchange, records = begun(), []
    for _ in range(300):
        records += [c for c in exchange.receive(TextDelta("t", "All is well. ")) if isinstance(c, Record)]
    assert len(records) == 1


def call_after(document: bool, policy: Policy | None = None, name: str = "send") -> list[Command]:
    """What becomes of a call, after untrusted text or not."""
    channel = Channel.DOCUMENT if document else Channel.USER
    exchange = begun(policy, said("The weather is fine today.", channel))
    return told(exchange, ToolCallReceived("c", ToolCall(name=name, arguments='{"to": "a@example.org"}')))


def test_a_call_is_released_asked_about_or_stopped() -> None:
    """By what was read before, and by whether it was offered."""
    policy = Policy(tools=(ToolRule(name="send", effects=("send",)),), egress=QUIET)
    assert isinstance(call_after(False, policy)[0], ReleaseCall)
    (ask,) = call_after(True, policy)
    assert isinstance(ask, AskHuman)
    assert ask.question.calls[0].name == "send"
    assert isinstance(call_after(False, name="unknown")[0], Stop)


@pytest.mark.parametrize(("answer", "kind"), [(True, ReleaseCall), (False, Stop)])
def test_the_humans_answer_counts(answer: bool, kind: type) -> None:
    """And is recorded as a decision of its own."""
    policy = Policy(flow=FlowPolicy(unknown_tools=Action.ASK), egress=QUIET)
    exchange = begun(policy, said("The weather is fine today.", Channel.TOOL_RESULT))
    told(exchange, ToolCallReceived("c", ToolCall(name="send", arguments="{}")))
    record, command = exchange.receive(Answered(answer))

    assert isinstance(record, Record)
    assert record.decision.findings[0].rule.startswith("approval/")
    assert isinstance(command, kind)
    assert exchange.receive(Answered(True)) == ()


@pytest.mark.parametrize("allow", [True, False])
def test_a_deadline_in_a_stream_releases_or_stops(allow: bool) -> None:
    """As the policy says, for text, calls and the end."""
    policy = Policy(limits=Limits(on_deadline="allow" if allow else "deny"), egress=QUIET)
    call = ToolCallReceived("c", ToolCall(name="send", arguments="{}"))
    for event, kind in ((TextDelta("t", "a"), Release), (call, ReleaseCall), (StreamEnded(), Release)):
        exchange = begun(policy)
        told(exchange, TextDelta("t", "Hello"))
        (command,) = told(exchange, DeadlinePassed(event))
        assert isinstance(command, kind if allow else Stop)


def test_a_whole_answer_is_judged_with_its_calls() -> None:
    """A call that was not offered withholds the answer."""
    answer = Message(
        segments=(Segment(text="Fine.", channel=Channel.OUTPUT, at="/o"),),
        calls=(ToolCall(name="other", arguments="{}"),),
    )
    (refuse,) = told(begun(), ResponseReceived(answer))
    assert isinstance(refuse, Refuse)
    assert refuse.decision.findings[0].rule == "flow/undeclared_tool"


def test_what_cannot_be_edited_is_blocked() -> None:
    """A redaction without a place, or one that would break the arguments of a call."""
    nowhere = Message(segments=(Segment(text=f"Key {SECRET}", channel=Channel.OUTPUT),))
    (refuse,) = told(begun(), ResponseReceived(nowhere))
    assert isinstance(refuse, Refuse)
    assert refuse.decision.findings[-1].rule == "edit/impossible"

    def whole(segments: Any, **named: object) -> tuple[Finding, ...]:
        return (Finding(rule="egress/x", message="x", action=Action.REDACT, segment=0, start=0, end=3),)

    exchange = begun(egress=whole)
    (stop,) = told(exchange, ToolCallReceived("c", ToolCall(name="send", arguments='{"a": 1}')))
    assert isinstance(stop, Stop)


def test_use_is_counted() -> None:
    """As the upstream counted, or by length; calls in any case."""
    spent: list[Usage | None] = []

    class Book(NoBook):
        def settle(self, caller: Context, reservation: object, usage: Usage | None) -> None:
            spent.append(usage)

    exchange = begun(book=Book())
    told(exchange, TextDelta("t", "a" * 400), ToolCallReceived("c", ToolCall(name="send", arguments="{}")))
    told(exchange, StreamEnded())
    told(begun(book=Book()), ResponseReceived(Message(usage=Usage(3, 5))))
    assert spent == [Usage(0, 100, 1), Usage(3, 5, 0)]

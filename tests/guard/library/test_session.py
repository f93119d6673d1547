"""Conversations: taint, canary, messages of the APIs, streams."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from assaymark.errors import UsageError
from assaymark.guard.core.events import ReleaseCall, Stop, ToolCallReceived
from assaymark.guard.core.ports import Question
from assaymark.guard.event import Action, Channel, ToolCall
from assaymark.guard.library import Blocked, Guard
from assaymark.guard.library.talk import Talk
from assaymark.guard.policy.model import (
    ApprovalPolicy,
    ChannelPolicy,
    EgressPolicy,
    Limits,
    OverlapRule,
    Policy,
)
from tests.guard.core.small import Found
from tests.guard.detector.tiny import PHRASE

Make = Callable[..., Guard]
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PROMPT = "You help the customers of a bakery with opening hours."


def test_a_document_taints_the_conversation(guard: Guard) -> None:
    """After a document was read, a call that sends needs a human, in later turns too."""
    session = guard.session(PROMPT)
    assert session.check_tool_call("send_email", {"to": "jo@example.org"})
    assert session.check("Opening hours: seven to six.", "document", source="hours.html")
    assert session.tainted
    assert session.check("Thanks!")
    assert session.check_tool_call("send_email", {"to": "jo@example.org"}).needs_human


def test_a_blocked_document_taints_nothing(guard: Guard) -> None:
    """What did not pass was not read."""
    session = guard.session()
    assert not session.check(f"Now {PHRASE}.", "document")
    assert not session.tainted


def test_a_noted_text_counts(guard: Guard) -> None:
    """A text that a human let pass is taken in unjudged."""
    session = guard.session()
    session.note(f"Now {PHRASE}.", "tool_result", tool="fetch")
    assert session.tainted


def test_the_canary_may_not_come_out(guard: Guard) -> None:
    """The prompt to send holds a mark of this session; an output that holds it is blocked."""
    session, other = guard.session(PROMPT), guard.session(PROMPT)
    assert session.system_prompt.startswith(PROMPT)
    assert session.system_prompt != other.system_prompt
    mark = session.system_prompt.removeprefix(PROMPT).strip()
    assert "egress/canary" in {f.rule for f in session.check_output(f"Here: {mark}").findings}


def test_without_canary_the_prompt_stays(make: Make) -> None:
    """A policy without canary leaves the prompt as it is."""
    session = make(Policy(egress=EgressPolicy(canary=None))).session(PROMPT)
    assert session.system_prompt == PROMPT


def test_requests_of_each_protocol(guard: Guard) -> None:
    """The three protocols are read, by their names and short names."""
    bodies = {
        "openai": {"model": "m", "messages": [{"role": "user", "content": f"Now {PHRASE}."}]},
        "responses": {"model": "m", "input": f"Now {PHRASE}."},
        "anthropic": {"model": "m", "messages": [{"role": "user", "content": f"Now {PHRASE}."}]},
    }
    for protocol, body in bodies.items():
        verdict = guard.check_messages(body, protocol)
        assert not verdict
        assert verdict.body is None
    with pytest.raises(UsageError, match="no protocol 'openia'"):
        guard.check_messages(bodies["openai"], "openia")


def test_a_clean_body_is_the_very_same(guard: Guard) -> None:
    """Without a system prompt to mark, nothing is changed, not even spacing."""
    raw = b'{ "model":"m", "messages":[{"role":"user","content":"Hello there"}], "unknown": 1.50 }'
    assert guard.check_messages(raw).body == raw


def test_a_marked_body_keeps_its_type(make: Make) -> None:
    """Bytes, text and values come back as what they were, with the document marked."""
    policy = Policy(channels={Channel.TOOL_RESULT: ChannelPolicy(action=Action.ANNOTATE)})
    body = {
        "model": "m",
        "messages": [
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "get", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": f"Now {PHRASE}."},
        ],
    }
    guard = make(policy)
    found = [
        guard.check_messages(body).body,
        json.loads(guard.check_messages(json.dumps(body)).body),
        json.loads(guard.check_messages(json.dumps(body).encode()).body),
    ]
    assert found[0] == found[1] == found[2]
    assert "untrusted data begins" in found[0]["messages"][1]["content"]
    assert "untrusted" not in json.dumps(body)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        "[]",
        b"\xff",
        b'{"a":1,"a":2}',
        '"' + "\ud800" + '"',
        {"a": object()},
        {"a": float("nan")},
        b"[" * 100_000,
    ],
)
def test_broken_bodies_are_refused(guard: Guard, body: object) -> None:
    """What is not one plain JSON object is a mistake, said in a sentence."""
    with pytest.raises(UsageError):
        guard.check_messages(body)  # type: ignore[arg-type]


def test_an_answer_follows_its_request(guard: Guard) -> None:
    """A call in the answer is judged by what the request offered and held."""
    session = guard.session()
    tool = {"type": "function", "function": {"name": "send_email", "parameters": {}}}
    asked = {"messages": [{"role": "user", "content": "Mail Jo, please."}], "tools": [tool]}
    call = {"id": "c", "type": "function", "function": {"name": "send_email", "arguments": '{"to":"jo"}'}}
    answer = {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]}
    assert session.check_messages(asked)
    assert session.check_answer(answer).body == answer
    call["function"] = {"name": "delete_all", "arguments": "{}"}
    assert "flow/undeclared_tool" in {f.rule for f in session.check_answer(answer).findings}


def test_messages_and_answers_in_threads(guard: Guard) -> None:
    """The asynchronous twins judge alike."""

    async def run() -> tuple[bool, bool]:
        session = guard.session()
        asked = await session.acheck_messages({"messages": [{"role": "user", "content": "Hello"}]})
        said = {"choices": [{"message": {"role": "assistant", "content": f"I will {PHRASE}."}}]}
        return bool(asked), bool(await session.acheck_answer(said))

    assert asyncio.run(run()) == (True, False)


LONG = "The bread is baked at night. It rests for two hours. Then it goes to the shop. " * 12


def cut(text: str, size: int = 7) -> list[str]:
    """The text in pieces."""
    return [text[n : n + size] for n in range(0, len(text), size)]


def test_a_clean_stream_arrives_whole(guard: Guard) -> None:
    """Nothing is lost or doubled, and text comes before the end."""
    pieces = list(guard.stream(cut(LONG)))
    assert "".join(pieces) == LONG
    assert len(pieces) > 3


def test_the_newest_text_is_held_back(make: Make) -> None:
    """What has gone out is behind what came by about the hold-back window."""
    came = 0

    def model() -> object:
        nonlocal came
        for piece in cut(LONG):
            came += len(piece)
            yield piece

    gone, guard = 0, make()
    hold = guard.parts.policy.stream.hold_back_chars
    for ready in guard.stream(model()):  # type: ignore[arg-type]
        gone += len(ready)
        assert came == len(LONG) or came - gone >= hold // 2


def test_an_attack_in_a_stream_never_leaves(guard: Guard) -> None:
    """The stream ends with `Blocked` before the phrase has gone."""
    got: list[str] = []

    def consume() -> None:
        for ready in guard.stream(cut(LONG + f" Now I {PHRASE}. " + LONG)):
            got.append(ready)

    with pytest.raises(Blocked, match="detector/output"):
        consume()
    assert got
    assert PHRASE not in "".join(got)


@pytest.mark.parametrize("size", [1, 3, 40, 5_000])
def test_a_secret_is_cut_out_of_a_stream(guard: Guard, size: int) -> None:
    """However the pieces fall, the token is replaced once and the rest stays."""
    text = f"{LONG}The key is {TOKEN}, keep it. {LONG}"
    got = "".join(guard.stream(cut(text, size)))
    assert TOKEN not in got
    assert got.count("[removed:") == 1
    assert got.startswith(LONG)
    assert got.endswith(LONG)


def test_streams_of_coroutines(guard: Guard) -> None:
    """The asynchronous form holds back, edits and blocks alike."""

    async def model(text: str) -> AsyncIterator[str]:
        for piece in cut(text, 11):
            yield piece

    async def run(text: str) -> str:
        return "".join([piece async for piece in guard.astream(model(text))])

    assert asyncio.run(run(LONG)) == LONG
    assert TOKEN not in asyncio.run(run(f"{LONG}{TOKEN} {LONG}"))
    with pytest.raises(Blocked):
        asyncio.run(run(f"{LONG} I {PHRASE}. {LONG}"))


def test_a_policy_that_cannot_stream_is_refused_at_once(make: Make) -> None:
    """Before the first piece, not in the middle; whole texts are judged all the same."""
    guard = make(Policy(egress=EgressPolicy(system_prompt=OverlapRule(action=Action.REDACT))))
    assert guard.check_output("Hello there, how are you?")
    with pytest.raises(UsageError, match="cannot run on a stream"):
        guard.stream(["a"])


class Slow:
    """A detector that takes longer than the deadline."""

    version = "slow-1"

    def scores(self, channel: Channel) -> bool:
        """All."""
        return True

    def threshold(self, channel: Channel) -> float:
        """The middle."""
        return 0.5

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> list[Found]:
        """Too late."""
        time.sleep(0.6)
        return [Found(0.0) for _ in items]


@pytest.mark.parametrize("outcome", ["deny", "allow"])
def test_the_deadline_decides(make: Make, outcome: str) -> None:
    """A text that cannot be judged in time is blocked, or passes where the policy says so; both are told."""
    policy = Policy(limits=Limits(deadline_ms=50, on_deadline=outcome))  # type: ignore[arg-type]
    verdict = asyncio.run(make(policy, detector=Slow()).acheck("Could you help me with my bread, please?"))
    assert verdict.allowed is (outcome == "allow")
    assert {f.rule for f in verdict.findings} == {"limit/deadline"}


class Broken(Slow):
    """A detector that fails."""

    def score_many(self, items: Sequence[tuple[str, Channel]]) -> list[Found]:
        """Fail."""
        raise RuntimeError("out of order")


def test_a_failing_step_denies(make: Make) -> None:
    """A crash inside the chain blocks, and only a policy that says so lets pass."""
    text = "Could you help me with my bread, please?"
    assert {f.rule for f in make(detector=Broken()).check(text).findings} == {"error/detect"}
    opened = Policy(channels={Channel.USER: ChannelPolicy(on_error="allow")})
    assert make(opened, detector=Broken()).check(text).allowed


class Human:
    """Answers, or never does."""

    def __init__(self, says: bool | None) -> None:
        self.says = says
        self.asked: list[str] = []

    async def ask(self, question: Question, timeout_seconds: float) -> bool:
        """Wait for ever if there is no answer."""
        self.asked += [call.name for call in question.calls]
        if self.says is None:
            await asyncio.Event().wait()
        return bool(self.says)


@pytest.mark.parametrize(("says", "passes"), [(True, True), (False, False), (None, False)])
def test_the_driver_asks_for_adapters(make: Make, says: bool | None, passes: bool) -> None:
    """A yes lets the call pass; a no, or silence until time is out, blocks it."""
    human = Human(says)
    waits = ApprovalPolicy(timeout_seconds=-0.9 if says is None else 30)
    guard = make(Policy(approvals=waits), approvals=human)
    session = guard.session()
    session.note("A page about bread.", "tool_result")
    talk = Talk(guard.parts, session._known)
    event = ToolCallReceived("t", ToolCall(name="send_email", arguments="{}"))

    async def run() -> list[type]:
        return [type(command) for command in await guard.driver().arun(talk, event)]

    assert asyncio.run(run()) == [ReleaseCall if passes else Stop]
    assert human.asked == ["send_email"]


def test_a_stream_cannot_wait_for_a_human_here(make: Make) -> None:
    """Text that needs a human stops a stream of the library, which asks nobody."""
    policy = Policy(channels={Channel.OUTPUT: ChannelPolicy(action=Action.ASK)})
    with pytest.raises(Blocked, match="approval/refused"):
        list(make(policy).stream([f"Now I {PHRASE} and go on."]))


def test_requests_keep_earlier_taint(guard: Guard) -> None:
    """A whole request after a document was read does not wash the conversation."""
    session = guard.session()
    session.check("A page about bread.", "document")
    session.check_messages({"messages": [{"role": "user", "content": "Hello there"}]})
    assert session.tainted


def test_the_loop_stays_free(make: Make) -> None:
    """While a slow detector works in a thread, the event loop goes on."""

    async def run() -> int:
        work = asyncio.ensure_future(make(detector=Slow()).acheck("Could you help me with my bread, please?"))
        ticks = 0
        while not work.done():
            await asyncio.sleep(0.005)
            ticks += 1
        assert (await work).allowed
        return ticks

    assert asyncio.run(run()) > 20

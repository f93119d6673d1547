"""Logged traffic under another policy: through the real core, and only what differs is told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark._cli.guard import command
from assaymark.errors import NothingToAssess
from assaymark.guard.event import Action, Channel, Segment
from assaymark.guard.evidence.traffic_log import TrafficLog
from assaymark.guard.measure.replay import Change, changes, replayed
from assaymark.guard.measure.rows import Problem
from assaymark.guard.measure.traffic import Logged, read_traffic
from assaymark.guard.policy.model import ChannelPolicy, Mode, Policy, Step
from tests.guard.core.small import PHRASE, parts
from tests.guard.detector.tiny import write_tiny
from tests.guard.evidence.samples import CONTEXT, decision

LAX = Policy(channels={c: ChannelPolicy(action=Action.ALLOW) for c in Channel})
ATTACK = f"Please {PHRASE} and go."


def lines(*values: object) -> list[bytes]:
    """A log."""
    return [json.dumps(v).encode() for v in values]


def traffic(*values: object) -> list[Logged]:
    """Its messages; every line can be used."""
    found = list(read_traffic(lines(*values), "log"))
    assert all(isinstance(one, Logged) for one in found), found
    return [one for one in found if isinstance(one, Logged)]


def run(*values: object, old: Policy | None = None, new: Policy | None = None) -> list[Change]:
    """What differs between two policies."""
    earlier = parts(old) if old else None
    return list(replayed(traffic(*values), parts(new or Policy()), earlier))


def chat(text: str) -> dict[str, object]:
    """A request to a model with a tool."""
    tool = {"type": "function", "function": {"name": "send_email", "parameters": {"type": "object"}}}
    return {"model": "m", "messages": [{"role": "user", "content": text}], "tools": [tool]}


def test_a_text_that_the_new_policy_blocks_is_told() -> None:
    """Allowed before, blocked after, with the rule."""
    (one, other) = run({"text": ATTACK}, {"text": "hello there"}, old=LAX)

    assert (one.before.action, one.after.action, one.after.rules) == ("allow", "block", ("detector/user",))
    assert one.differs
    assert not other.differs


def test_a_shadow_policy_is_replayed_as_if_it_bit() -> None:
    """What it wants counts, not that it changes nothing."""
    (one,) = run({"text": ATTACK}, new=Policy(mode=Mode.SHADOW), old=LAX)

    assert one.after.action is Action.BLOCK


def test_without_an_old_policy_the_log_itself_is_compared() -> None:
    """A line that does not say what was wanted changes nothing."""
    segment = {"text": ATTACK, "channel": "user", "at": "/messages/0/content"}
    logged, silent = run({"segments": [segment], "wanted": "allow"}, {"segments": [segment]})

    assert (logged.before.action, logged.differs) == ("allow", True)
    assert not silent.differs


def test_bodies_are_read_by_their_protocol() -> None:
    """Segments come from the real readers."""
    (one,) = run({"protocol": "openai_chat", "body": chat(ATTACK)}, old=LAX)

    assert one.logged.segments[0].at == "/messages/0/content"
    assert one.differs


def test_an_exchange_remembers_what_was_read() -> None:
    """A call after untrusted text is judged as such; the same call in an exchange of its own is not."""
    tool = {"text": "The page says hi.", "channel": "tool_result", "at": "/m/1", "tool": "fetch"}
    call = {
        "phase": "tool_call",
        "segments": [{"text": "{}", "channel": "tool_arguments", "at": "/c", "tool": "send_email"}],
        "offered": ["send_email"],
    }
    request = {"exchange": "a", "segments": [tool], "offered": ["send_email", "fetch"]}
    _, after, alone = run(request, call | {"exchange": "a"}, call | {"exchange": "b"}, old=LAX)

    assert any(rule.startswith("flow/") for rule in after.after.rules)
    assert after.after.action is Action.ASK
    assert not any(rule == after.after.rules[0] for rule in alone.after.rules)


def test_answers_in_an_exchange_are_judged_with_its_system_prompt() -> None:
    """Response bodies, read by the same protocol."""
    body = {"choices": [{"message": {"role": "assistant", "content": "key sk-test-0123456789"}}]}
    line = {"protocol": "openai_chat", "phase": "response", "body": body, "exchange": "a"}
    _, answer = run({"protocol": "openai_chat", "body": chat("hi"), "exchange": "a"}, line)

    assert answer.after.rules == ("egress/secret",)


def test_changes_are_counted() -> None:
    """By outcome, and by the rules that come and go."""
    counts = changes(run({"text": ATTACK}, {"text": "hello there"}, old=LAX))

    assert counts.messages == 2
    assert counts.pairs[Action.ALLOW, Action.BLOCK] == 1
    assert changes(run({"text": ATTACK}, old=Policy(), new=LAX)).pairs[Action.BLOCK, Action.ALLOW] == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"[1]", "no JSON object"),
        (b"{", "no JSON"),
        (b'{"a": 1, "a": 2}', "no JSON"),
        (b'{"body": {}}', 'needs its "protocol"'),
        (b'{"body": {}, "protocol": "gopher"}', 'needs its "protocol"'),
        (b'{"segments": [{"text": 1}]}', "Expected `str`"),
        (b'{"segments": [{"text": "x", "channel": "nowhere"}]}', "Invalid enum value"),
        (b'{"text": "x", "channel": "nowhere"}', "unknown channel"),
        (b'{"phase": "dance", "segments": []}', "Invalid enum value"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: bytes, told: str) -> None:
    """With its place and the reason."""
    (found,) = read_traffic([b"\n", line], "log") if line else ()

    assert isinstance(found, Problem)
    assert found.line == 2
    assert told in found.message


@settings(deadline=None)  # a busy machine is no defect
@given(
    st.dictionaries(
        st.sampled_from(["text", "body", "segments", "protocol", "phase", "exchange", "offered", "wanted"]),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    ),
    st.sampled_from(["openai_chat", "openai_responses", "anthropic"]),
)
def test_reading_is_total(value: dict[str, object], protocol: str) -> None:
    """Any line is a message or a problem, and any message can be judged."""
    for line in lines(value, value | {"protocol": protocol}):
        for found in read_traffic([line], "log"):
            if isinstance(found, Logged):
                list(replayed([found], parts()))


def test_what_the_traffic_log_writes_can_be_replayed(tmp_path: Path) -> None:
    """Text, channel, tool and exchange survive, lone surrogates too."""
    segments = (
        Segment(text=f"\ud800 {ATTACK}", channel=Channel.TOOL_RESULT, at="/m/0", tool="fetch"),
        Segment(text="hi", channel=Channel.USER, at="/m/1"),
    )
    path = tmp_path / "traffic.jsonl"
    with TrafficLog(path) as log:
        log.record(decision("d", Action.ALLOW), segments, CONTEXT)
    (logged,) = (
        one for one in read_traffic(path.read_bytes().splitlines(), "log") if isinstance(one, Logged)
    )

    assert (logged.segments, logged.exchange, logged.action) == (segments, CONTEXT.request, Action.ALLOW)


def ran(*args: object) -> Result:
    """Run it; the value a command returns is its exit code; errors of ours come through."""
    result = CliRunner().invoke(command, [str(a) for a in args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights, two policies and a log."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "weights").mkdir()
    write_tiny(folder / "weights")
    (folder / "new.yaml").write_text("version: 1\n")
    (folder / "old.yaml").write_text("version: 1\nchannels:\n  user: {action: allow}\n")
    (folder / "log.jsonl").write_bytes(
        b"\n".join(lines({"text": ATTACK}, {"text": "good morning to you"}, [1]))
    )
    return folder


def test_the_command_tells_places_and_no_text(place: Path) -> None:
    """A text is shown only to who asks for it."""
    args = ("replay", place / "log.jsonl", "--policy", place / "new.yaml", "--weights", place / "weights")
    args = (*args, "--against", place / "old.yaml")
    quiet, loud = ran(*args), ran(*args, "--show-text")

    assert quiet.return_value == 16
    assert "2 messages; 1 would have another outcome." in quiet.stdout
    assert "allow → block: 1" in quiet.stdout
    assert f"{place}/log.jsonl:1 (user text) detector/user" in quiet.stdout
    assert PHRASE not in quiet.output
    assert PHRASE in loud.stdout
    assert f"{place}/log.jsonl:3: no JSON object" in quiet.stderr


def test_json_gives_each_message_and_the_counts(place: Path) -> None:
    """For other programs to read."""
    args = ("replay", place / "log.jsonl", "--policy", place / "new.yaml", "--weights", place / "weights")
    *rows, summary = map(
        json.loads, ran(*args, "--against", place / "old.yaml", "--json").stdout.splitlines()
    )

    assert [(r["before"], r["after"], r["rules"]) for r in rows] == [
        ("allow", "block", ["detector/user"]),
        ("allow", "allow", []),
    ]
    assert summary["outcomes"][1] == {"before": "allow", "after": "block", "messages": 1}


def test_an_empty_log_is_no_success(place: Path, tmp_path: Path) -> None:
    """Nothing replayed is nothing shown."""
    (tmp_path / "log").write_bytes(b"")

    with pytest.raises(NothingToAssess):
        ran("replay", tmp_path / "log", "--policy", place / "new.yaml", "--weights", place / "weights")


def test_steps_of_the_new_policy_count() -> None:
    """A higher threshold lets pass what the old one stopped."""
    steps = (Step(threshold=0.995, action=Action.BLOCK),)
    (one,) = run(
        {"text": ATTACK}, new=Policy(channels={Channel.USER: ChannelPolicy(steps=steps)}), old=Policy()
    )

    assert (one.before.action, one.after.action) == ("block", "allow")

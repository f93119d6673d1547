"""Messages of the Model Context Protocol → segments, byte-exact edits, strict envelopes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.event import Channel, Phase
from assaymark.guard.protocol.lossless import Malformed, parse, resolve
from assaymark.guard.protocol.mcp import SAMPLING, Asked, from_client, from_server
from assaymark.guard.protocol.mcp_edit import with_elements, without
from assaymark.guard.protocol.mcp_rpc import read_rpc


def server(message: object, asked: Asked | None = None) -> object:
    """The reading of a server's message."""
    return from_server(read_rpc(message)[0], asked)


def result(**fields: object) -> dict[str, object]:
    """An answer."""
    return {"jsonrpc": "2.0", "id": 1, "result": fields}


def test_each_pointer_leads_to_its_text() -> None:
    """What a segment says stands where its pointer says."""
    message = result(
        content=[
            {"type": "text", "text": "one two"},
            {"type": "resource", "resource": {"uri": "x://y", "text": "three four"}},
            {"type": "image", "data": "AAAA BBBB", "mimeType": "image/png"},
        ],
        structuredContent={"a/b": ["five six"]},
    )

    reading = server(message, Asked("tools/call", "look"))

    texts = {s.at: s.text for s in reading.segments if s.at}
    assert set(texts.values()) >= {"one two", "three four", "five six"}
    assert "AAAA BBBB" not in texts.values()
    assert all(resolve(message, at) == text for at, text in texts.items())
    assert {s.channel for s in reading.segments} == {Channel.TOOL_RESULT}
    assert {s.tool for s in reading.segments} == {"look"}


def test_everything_that_a_call_hands_over_is_read() -> None:
    """No name of an argument hides its value: not `id`, not `type`, not `data`."""
    arguments = {"id": "secret one", "type": "image", "data": "secret two", "_meta": {"uri": "secret three"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    message["params"] = {"name": "send", "arguments": arguments}

    reading = from_client(read_rpc(message)[0])

    assert {"secret one", "secret two", "secret three"} <= {s.text for s in reading.segments}
    assert reading.phase is Phase.TOOL_CALL
    assert json.loads(reading.calls[0].arguments) == arguments


def test_a_list_tells_which_element_speaks() -> None:
    """Each segment of a list knows its element, and each tool its digest."""
    tools = [{"name": f"t{n}", "description": f"Does thing {n}.", "inputSchema": {}} for n in range(3)]

    reading = server(result(tools=tools), Asked("tools/list"))

    assert set(reading.items) == {0, 1, 2}
    assert len({t.digest for t in reading.declared}) == 3
    assert reading.list_at == "/result/tools"
    assert {s.channel for s in reading.segments} == {Channel.TOOL_DESCRIPTION}


def test_sampling_is_asked_for_in_both_ways() -> None:
    """A request of the server, and a result that wants input first, are both requests to the model."""
    params = {"messages": [{"role": "user", "content": {"type": "text", "text": "tell me all"}}]}
    request = {"jsonrpc": "2.0", "id": 9, "method": SAMPLING, "params": params}
    wants = result(inputRequests={"a": {"method": SAMPLING, "params": params}}, requestState="x")

    assert server(request).asks == (SAMPLING,)
    assert server(wants, Asked("tools/call", "t")).asks == (SAMPLING,)
    assert "tell me all" in {s.text for s in server(wants, Asked("tools/call", "t")).segments}


def test_what_nobody_asked_for_is_read_as_a_tools_result() -> None:
    """An answer to an unknown id, and an unknown notification, are judged all the same."""
    assert server(result(anything={"x": "hello there"})).segments[0].channel is Channel.TOOL_RESULT
    note = {"jsonrpc": "2.0", "method": "notifications/new", "params": {"x": "hello there"}}
    assert server(note).segments[0].channel is Channel.DOCUMENT


def test_text_in_a_binary_resource_is_read() -> None:
    """Base64 of a text is judged, though it cannot be edited in place."""
    blob = result(contents=[{"uri": "f://x", "blob": "aGVsbG8gdGhlcmU=", "mimeType": "text/plain"}])

    reading = server(blob, Asked("resources/read"))

    assert ("hello there", "") in {(s.text, s.at) for s in reading.segments}


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}},
        {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}},
        {"jsonrpc": "2.0", "id": True, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "Method": "tools/call"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "a", "Name": "b"}},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]},
        [],
        "text",
        7,
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(message: object) -> None:
    """An envelope is one thing, or it is refused."""
    with pytest.raises(Malformed):
        read_rpc(message)


def test_elements_leave_and_the_rest_stays_byte_for_byte() -> None:
    """Spacing, spelling of numbers and order of what stays are the server's own."""
    body = b'{"x" : 1.50e3, "result":{"a/b":[ {"n": 1E2} , {"n":2},"\\u00e9"] }}'

    assert without(body, "/result/a~1b", {1}) == b'{"x" : 1.50e3, "result":{"a/b":[ {"n": 1E2},"\\u00e9"] }}'
    assert json.loads(without(body, "/result/a~1b", {0, 1, 2}))["result"]["a/b"] == []
    assert json.loads(with_elements(b"[1, 2, 3]", "", {0: b'{"y":1}', 2: None})) == [{"y": 1}, 2]
    with pytest.raises(KeyError):
        without(body, "/result/none", {0})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
METHODS = st.sampled_from(
    ["tools/list", "tools/call", "resources/read", "prompts/get", "prompts/list", "initialize", SAMPLING, "x"]
)


@settings(max_examples=150, deadline=None)
@given(node=JSON, method=METHODS, kind=st.sampled_from(["result", "error", "params"]))
def test_any_message_is_read_without_a_crash(node: object, method: str, kind: str) -> None:
    """Whatever stands in a message, reading it gives segments whose pointers hold, or a refusal."""
    message = {"jsonrpc": "2.0", "id": 1, kind: node} | ({"method": method} if kind == "params" else {})
    try:
        (rpc,) = read_rpc(parse(json.dumps(message).encode()))
    except Malformed:
        return
    for reading in (from_server(rpc, Asked(method)), from_client(rpc, Asked(method))):
        assert len(reading.segments) == len(reading.items)
        assert all(resolve(message, s.at) == s.text for s in reading.segments if s.at)

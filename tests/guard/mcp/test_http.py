"""The MCP gateway over streamable HTTP with the real client and server libraries."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from .gateway import gateway
from .parts import POISON

POLICY = "tools: [{name: lookup, effects: [read]}, {name: read_mail, effects: [read]}]"
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, within bounds."""
    asyncio.run(asyncio.wait_for(work, 30))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("json_response", [True, False])
def test_an_honest_session_is_untouched(mode: str, json_response: bool) -> None:
    """Every answer through the gateway equals the direct one, as JSON and as events."""

    async def work() -> None:
        async with gateway(POLICY, json_response=json_response) as g:
            found = []
            for url in (g.direct, g.url):
                async with Client(url, mode=mode) as client:
                    found.append(
                        [
                            await client.list_tools(),
                            await client.call_tool("lookup", {"name": "Ann"}),
                            await client.read_resource("note://today"),
                            await client.get_prompt("summary", {"topic": "plants"}),
                        ]
                    )
            assert found[0] == found[1]
            assert g.rules() == []

    run(work())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_attacks_do_not_pass(mode: str) -> None:
    """A poisoned letter is refused, and so is a letter that would be sent after reading one."""

    async def work() -> None:
        async with gateway(POLICY) as g, Client(g.url, mode=mode) as client:
            with pytest.raises(MCPError, match="detector/tool_result"):
                await client.call_tool("read_mail", {"number": 13})
            await client.call_tool("read_mail", {"number": 1})
            with pytest.raises(MCPError, match="approval/refused"):
                await client.call_tool("send_mail", {"to": "x@example.org", "text": "hello"})

    run(work())


def test_sampling_by_the_server_is_answered_by_the_guard() -> None:
    """The client's model is never asked; the server is told, and its tool ends."""

    async def sampled(*_: object) -> None:
        raise AssertionError("the model was asked")

    async def work() -> None:
        async with gateway() as g, Client(g.url, mode="legacy", sampling_callback=sampled) as client:
            with pytest.raises(MCPError, match="approval/refused"):
                await client.call_tool("ask_model", {"question": "What do you know?"})
            assert "mcp/sampling" in g.rules()

    run(work())


def test_other_hosts_origins_and_keys_are_refused() -> None:
    """A page led here by DNS, and a session under another key, get nowhere."""

    async def work() -> None:
        async with gateway() as g, httpx2.AsyncClient(headers=HEADERS) as http:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            wrong = [
                {"host": "evil.example"},
                {"origin": "https://evil.example"},
                {"mcp-session-id": "stolen"},
            ]
            answers = [await http.post(g.url, json=ping, headers=extra) for extra in wrong]
            assert [a.status_code for a in answers] == [403, 403, 404]
            hello = {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "c", "version": "1"},
            }
            begun = await http.post(
                g.url,
                json={"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello},
                headers={"authorization": "Bearer one"},
            )
            session = {"mcp-session-id": begun.headers["mcp-session-id"]}
            for key, status in (("two", 404), ("one", 200)):
                answer = await http.post(
                    g.url, json=ping, headers=session | {"authorization": f"Bearer {key}"}
                )
                assert answer.status_code == status

    run(work())


@pytest.mark.parametrize(
    ("body", "extra", "status", "code"),
    [
        (b"{", {}, 400, -32700),
        (b"\xff", {}, 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', {"mcp-method": "tools/call"}, 400, -32020),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","x":"' + b"y" * 3000 + b'"}', {}, 413, -32600),
    ],
)
def test_malformed_requests_are_refused(body: bytes, extra: dict[str, str], status: int, code: int) -> None:
    """Nothing that can be read in two ways reaches the server."""

    async def work() -> None:
        async with gateway("limits: {body_bytes: 2000}") as g, httpx2.AsyncClient(headers=HEADERS) as http:
            answer = await http.post(g.url, content=body, headers=extra)
            assert answer.status_code == status
            assert answer.json()["error"]["code"] == code

    run(work())


def scripted(*pieces: bytes, kind: str = "text/event-stream", fail: bool = False) -> Starlette:
    """A server that answers every request with the same pieces."""

    async def answer(request: Request) -> Response:
        async def stream() -> Any:
            for piece in pieces:
                yield piece
            if fail:
                raise ConnectionResetError

        return StreamingResponse(stream(), media_type=kind, headers={"x-kept": "1"})

    return Starlette(routes=[Route("/mcp", answer, methods=["POST", "GET", "DELETE"])])


CALL = {"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "look", "arguments": {}}}


async def asked(app: Starlette, policy: str = "") -> httpx2.Response:
    """The answer to one call through the gateway."""
    async with gateway(policy, app) as g, httpx2.AsyncClient(headers=HEADERS) as http:
        return await http.post(g.url, json=CALL)


def event(**message: object) -> bytes:
    """An event with an id."""
    return b"id: 9\nretry: 10\ndata: " + json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n\n"


def test_events_are_judged_whole_however_they_are_cut() -> None:
    """Poison cut into single bytes does not pass; what is harmless passes as it came, with its id."""
    good = event(method="notifications/progress", params={"progressToken": 1, "progress": 0.5})
    note = event(method="notifications/message", params={"level": "info", "data": POISON})
    bad = event(id=4, result={"content": [{"type": "text", "text": POISON}]})
    stream = b": hello\n\n" + good + note + bad
    pieces = [stream[n : n + 1] for n in range(len(stream))]

    answer = asyncio.run(asked(scripted(*pieces)))

    assert answer.headers["x-kept"] == "1"
    assert answer.content.startswith(b": hello\n\n" + good)
    assert b"ATTENTION" not in answer.content
    assert b"-32010" in answer.content
    assert answer.content.count(b"id: 9\n") == 3


@pytest.mark.parametrize(
    "app",
    [
        scripted(b"data: {not json\n\n"),
        scripted(b"data: " + b"x" * 5000),
        scripted(b"data: \xff\n\n"),
        scripted(b": nothing\n\n", fail=True),
    ],
)
def test_a_stream_that_breaks_ends_the_waiting(app: Starlette) -> None:
    """The request that waits is answered with an error; nothing unjudged passes."""
    answer = asyncio.run(asked(app, "limits: {body_bytes: 3000}"))

    assert b'"id":4' in answer.content
    assert b"Ended by the guard" in answer.content


def test_an_answer_that_is_no_message_is_a_gateway_error() -> None:
    """Neither HTML nor broken JSON passes as a success."""
    for app in (scripted(b"<p>hi</p>", kind="text/html"), scripted(b"{", kind="application/json")):
        answer = asyncio.run(asked(app))
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == -32012


def test_a_server_that_is_not_there_is_a_gateway_error() -> None:
    """The client gets a JSON-RPC error, not a hang."""

    async def work() -> None:
        async with gateway() as g, httpx2.AsyncClient(headers=HEADERS) as http:
            await g.state.upstream.close()
            g.state.upstream = type(g.state.upstream)(
                type(g.state.upstream.origin)("http", "127.0.0.1", 9, "/mcp"), g.state.parts.policy.upstream
            )
            assert (await http.post(g.url, json=CALL)).status_code == 502

    run(work())

"""The stdio proxy with the real client and server libraries, and with servers that misbehave."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from assaymark.errors import AssaymarkError
from assaymark.guard.proxy.mcp_session import Session
from assaymark.guard.proxy.mcp_stdio import StdioProxy

from .parts import CONTEXT, Kept

HERE = Path(__file__).parent
READS = ", ".join(f"{{name: {name}, effects: [read]}}" for name in ("lookup", "read_mail", "huge", "die"))
POLICY = f"tools: [{READS}]\nlimits: {{text_chars: 9000000}}"
SERVER = [sys.executable, str(HERE / "server.py")]


@asynccontextmanager
async def connected(policy: str | None, mode: str = "auto", **environment: str) -> AsyncIterator[Client]:
    """A client, with the guard between it and the server unless `policy` is None."""
    wrap = [] if policy is None else [str(HERE / "wrap.py"), policy, "--"]
    command = [sys.executable, *wrap, *SERVER] if wrap else SERVER
    parameters = StdioServerParameters(command=command[0], args=command[1:], env=environment)
    async with Client(stdio_client(parameters), mode=mode) as client:
        yield client


def outcome(policy: str | None, work: Callable[[Client], Awaitable[object]], **environment: str) -> object:
    """What a piece of work comes to."""

    async def run() -> object:
        async with connected(policy, **environment) as client:
            return await work(client)

    return asyncio.run(asyncio.wait_for(run(), 30))


async def benign(client: Client) -> list[object]:
    """An honest session."""
    return [
        await client.list_tools(),
        await client.call_tool("lookup", {"name": "Ann"}),
        await client.call_tool("read_mail", {"number": 1}),
        await client.read_resource("note://today"),
        await client.list_resources(),
        await client.list_prompts(),
        await client.get_prompt("summary", {"topic": "plants"}),
    ]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_honest_session_is_untouched(mode: str) -> None:
    """Every answer through the guard equals the answer without it."""

    async def run(policy: str | None) -> object:
        async with connected(policy, mode) as client:
            return await benign(client)

    assert asyncio.run(run(POLICY)) == asyncio.run(run(None))


def test_attacks_do_not_pass_and_the_session_goes_on() -> None:
    """Poison is refused, a huge answer passes, sending after reading is held, a death is reported."""

    async def work(client: Client) -> None:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "lookup" in names
        assert "extra" not in names
        with pytest.raises(MCPError, match="detector/tool_result"):
            await client.call_tool("read_mail", {"number": 13})
        assert not (await client.call_tool("huge", {"size": 2_000_000})).is_error
        assert not (await client.call_tool("lookup", {"name": "Ann"})).is_error
        with pytest.raises(MCPError, match="approval"):
            await client.call_tool("send_mail", {"to": "x@example.org", "text": "hello"})
        with pytest.raises(MCPError, match="ended before it answered"):
            await client.call_tool("die", {})

    outcome(POLICY, work, POISONED="1")


ECHO = """
import sys, json
for line in sys.stdin:
    m = json.loads(line)
    result = {"x": "y" * 3000} if m.get("method") == "long" else {"got": line}
    if "id" in m and "method" in m:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}), flush=True)
sys.exit(3)
"""


async def spoken(
    lines: list[bytes], policy: str = "", script: str = ECHO
) -> tuple[list[dict[str, object]], int]:
    """What comes back for the lines, and the exit code."""
    kept = Kept(policy)
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(lines))
    reader.feed_eof()
    r, w = os.pipe()
    out = await _writer(w)
    proxy = StdioProxy(kept.guard, Session(kept.parts, CONTEXT), [sys.executable, "-c", script])
    reading = asyncio.get_running_loop().run_in_executor(None, _all, r)
    try:
        code = await asyncio.wait_for(proxy.run(reader, out), 20)
    finally:
        out.close()
    return [json.loads(line) for line in (await reading).splitlines()], code


def _all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(descriptor, "wb")
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)


def line(**fields: object) -> bytes:
    """One message."""
    return json.dumps({"jsonrpc": "2.0", **fields}).encode() + b"\n"


def test_what_is_no_message_is_refused_and_not_passed() -> None:
    """Each bad line is answered with a parse error; the good ones around it pass; the exit code too."""
    sent = [
        line(id=1, method="ping"),
        b"{oops\n",
        b"\xff\xfe\n",
        b"\n",
        b"x" * 5000 + b"\n",
        line(id=2, method="ping"),
    ]

    found, code = asyncio.run(spoken(sent, "limits: {body_bytes: 1000}"))

    assert [f["error"]["code"] for f in found if "error" in f] == [-32700] * 3
    assert [f["id"] for f in found if "result" in f] == [1, 2]
    assert code == 3


def test_an_answer_that_is_refused_ends_the_waiting() -> None:
    """Of a line that is too long the id is found, and whoever waits for it is told."""
    found, _ = asyncio.run(spoken([line(id="a", method="long")], "limits: {body_bytes: 1000}"))

    assert [f.get("id") for f in found] == ["a"]
    assert "longer than 1000 bytes" in found[0]["error"]["message"]


def test_bytes_arrive_as_they_were_sent() -> None:
    """The server sees the client's own spelling."""
    odd = b'{ "id":7,"jsonrpc" : "2.0", "method":"new/thing", "params":{"n":1.50E+2,"u":"\\u00e9"} }\n'

    found, _ = asyncio.run(spoken([odd]))

    assert found[0]["result"]["got"].encode() == odd


def test_two_full_pipes_do_not_wait_for_each_other() -> None:
    """Thousands of long messages go both ways at once."""
    sent = [line(id=n, method="new/thing", params={"x": "y" * 2000}) for n in range(1500)]

    found, _ = asyncio.run(spoken(sent))

    assert [f["id"] for f in found] == list(range(1500))


def test_a_server_that_cannot_be_started_is_an_error_with_advice() -> None:
    """No traceback: what was wrong, and what to write."""
    kept = Kept()
    proxy = StdioProxy(kept.guard, Session(kept.parts, CONTEXT), ["/no/such/program"])

    async def run() -> None:
        r, w = os.pipe()
        out = await _writer(w)
        try:
            await proxy.run(asyncio.StreamReader(), out)
        finally:
            out.close()
            os.close(r)

    with pytest.raises(AssaymarkError, match="cannot be started"):
        asyncio.run(run())


def test_a_signal_ends_the_server_too() -> None:
    """SIGTERM to the proxy reaches the server that it started; nothing is left behind."""
    script = "import os,sys,time; print(os.getpid(), file=sys.stderr, flush=True); time.sleep(60)"
    command = [sys.executable, str(HERE / "wrap.py"), "", "--", sys.executable, "-c", script]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    child = int(process.stderr.readline())
    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=15)

    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)

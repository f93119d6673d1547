"""What the clients of a soak do. Each kind of behaviour is one function; what must not happen is a fault."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx2

from soaking.upstream import ANSWER, HELD
from soaking.world import PATHS, World, request, text_of

Behaviour = Callable[[World], Awaitable[None]]
_WELL = {200}
_BAD = {400, 411, 413, 415, 422}
_LATE = {502, 503, 504}


async def told(
    world: World, protocol: str, body: bytes, allowed: set[int], path: str = ""
) -> tuple[int, bytes]:
    """Send, read all of the answer, tally it; 0 if the connection broke."""
    headers = {"content-type": "application/json", "authorization": "Bearer k"}
    began = world.full
    try:
        async with world.client.stream(
            "POST", path or PATHS[protocol], content=body, headers=headers
        ) as answer:
            world.tally[protocol, answer.status_code] += 1
            try:
                data = await answer.aread()
            except httpx2.HTTPError as error:
                world.fault(f"an answer broke off: {type(error).__name__} after {answer.status_code}")
                return answer.status_code, b""
    except httpx2.HTTPError as error:
        world.gone[protocol] += 1
        if allowed != _BAD:
            world.fault(f"no answer: {type(error).__name__}: {error}")
        return 0, b""
    excused = answer.status_code == 503 and (began or world.full)
    if answer.status_code not in allowed and not excused:
        world.fault(f"{protocol}: {answer.status_code} instead of {sorted(allowed)}: {data[:200]!r}")
    if HELD.encode() in data:
        world.fault(f"{protocol}: a client got what was to be held back")
    return answer.status_code, data


def _dice(world: World) -> tuple[str, bool]:
    return world.rng.choice(list(PATHS)), world.rng.random() < 0.6


async def honest(world: World) -> None:
    """An honest request gets the model's whole answer."""
    protocol, stream = _dice(world)
    result = world.plain("document") if world.rng.random() < 0.4 else None
    body = json.dumps(request(protocol, "ok", stream, world.plain(), result)).encode()
    status, data = await told(world, protocol, body, _WELL)
    if status == 200 and text_of(protocol, stream, data) != ANSWER:
        world.fault(f"{protocol}: an honest answer was changed: {text_of(protocol, stream, data)[:150]!r}")


async def slow_upstream(world: World) -> None:
    """The same, from an upstream that takes its time, or that sends what readers pass over."""
    protocol, _ = _dice(world)
    body = json.dumps(request(protocol, world.rng.choice(("slow", "noise")), True, world.plain())).encode()
    status, data = await told(world, protocol, body, _WELL)
    if status == 200 and text_of(protocol, True, data) != ANSWER:
        world.fault(f"{protocol}: an honest slow answer was changed")


async def attack(world: World) -> None:
    """An attack in a prompt is refused in the protocol's own shape."""
    protocol, stream = _dice(world)
    await _refused(world, protocol, request(protocol, "ok", stream, world.marked("user")))


async def attack_in_result(world: World) -> None:
    """So is one in a tool's result."""
    protocol, stream = _dice(world)
    await _refused(world, protocol, request(protocol, "ok", stream, world.plain(), world.marked("document")))


async def _refused(world: World, protocol: str, body: dict[str, object]) -> None:
    status, data = await told(world, protocol, json.dumps(body).encode(), {400})
    if status and "error" not in json.loads(data):
        world.fault(f"{protocol}: a refusal without an error: {data[:150]!r}")


async def evil_output(world: World) -> None:
    """What the model says after a successful attack stays with the gateway, streamed or not."""
    protocol, stream = _dice(world)
    model = world.rng.choice(world.outputs)
    body = json.dumps(request(protocol, model, stream, world.plain())).encode()
    status, data = await told(world, protocol, body, {200, 400})
    if status == 200 and b"assaymark" not in data:
        world.fault(f"{protocol}: an attack's output ended without a word: {data[-200:]!r}")


async def broken_upstream(world: World) -> None:
    """An upstream that dies, rambles, says nothing or too much becomes an error, never an honest end."""
    protocol, stream = _dice(world)
    model = world.rng.choice(("die", "garbage", "busy", "huge"))
    stream = stream or model == "die"
    body = json.dumps(request(protocol, model, stream, world.plain())).encode()
    allowed = {429} if model == "busy" else _WELL if stream and model != "huge" else _LATE
    status, data = await told(world, protocol, body, allowed)
    if status == 200 and b"error" not in data:
        world.fault(f"{protocol}: a broken stream ({model}) looks whole: {data[-150:]!r}")


async def silent_upstream(world: World) -> None:
    """An upstream that never answers is given up."""
    protocol, stream = _dice(world)
    await told(
        world, protocol, json.dumps(request(protocol, "silent", stream, world.plain())).encode(), _LATE
    )


async def embeddings(world: World) -> None:
    """Paths that no model answers on pass as they are."""
    await told(world, "other", b'{"model": "e", "input": "x"}', _WELL, "/v1/embeddings")


async def broken_body(world: World) -> None:
    """A body that is none is refused; one that is merely odd is judged or refused."""
    protocol, _ = _dice(world)
    good = json.dumps(request(protocol, "ok", False, "Hello there."))
    deep = "[" * 20_000 + "]" * 20_000
    tools = json.dumps([{"type": "function", "function": {"name": f"t{n}"}} for n in range(3_000)])
    around: object = {}
    for _ in range(40):
        around = {"properties": {"a": around}, "$ref": "#"}
    cases: list[tuple[bytes, set[int]]] = [
        (good[:-7].encode(), _BAD),
        (b"", _BAD),
        (b"[1, 2, 3]", _BAD),
        (b"\xff\xfe\x00" + good.encode(), _BAD),
        (good.replace("Hello", "\xe9").encode("latin-1"), _BAD),
        (good.replace("Hello", "\\ud800 \\udfff \\u0000").encode(), _BAD | _WELL),
        (good.replace('"Hello there."', deep).encode(), _BAD),
        (good.replace('"model"', '"model": "x", "model"').encode(), _BAD | _WELL),
        (good.replace('"Hello there."', "1e999").encode(), _BAD | _WELL),
        (good.replace("{", '{"tools": ' + tools + ", ", 1).encode(), _BAD | _WELL),
        (good.replace("{", '{"x": ' + json.dumps(around) + ", ", 1).encode(), _BAD | _WELL),
        (b'{"model": "' + b"x" * 2_500_000 + b'"}', _BAD),
    ]
    body, allowed = world.rng.choice(cases)
    await told(world, protocol, body, allowed)


async def leaves_early(world: World) -> None:
    """A client that hangs up before the answer."""
    protocol, stream = _dice(world)
    body = json.dumps(
        request(protocol, world.rng.choice(("ok", "slow", "evil")), stream, world.plain())
    ).encode()
    _reader, writer = await _connected(world)
    world.gone[protocol] += 1
    writer.write(_head(PATHS[protocol], f"Content-Length: {len(body)}") + body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
        await asyncio.sleep(world.rng.uniform(0.05, 0.4))
    await _closed(writer)


async def leaves_midway(world: World) -> None:
    """A client that hangs up in the middle of a stream."""
    protocol, _ = _dice(world)
    body = json.dumps(request(protocol, "slow", True, world.plain())).encode()
    headers = {"content-type": "application/json"}
    try:
        async with world.client.stream("POST", PATHS[protocol], content=body, headers=headers) as answer:
            world.tally[protocol, answer.status_code] += 1
            async for _ in answer.aiter_raw():
                break
    except httpx2.HTTPError as error:
        world.fault(f"{protocol}: no answer to leave: {type(error).__name__}")


async def giant_header(world: World) -> None:
    """Headers without end are cut off; the application never sees them."""
    reader, writer = await _connected(world)
    with contextlib.suppress(ConnectionError):
        writer.write(_head(PATHS["openai_chat"], "X-Long: " + "a" * 300_000, "Content-Length: 2") + b"{}")
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(200), 20)
        if answer and answer.split(b" ")[1][:1] != b"4":
            world.fault(f"a giant header was let in: {answer[:80]!r}")
    await _closed(writer)


async def slow_head(world: World) -> None:
    """A client that never ends its headers is left."""
    reader, writer = await _connected(world)
    began = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionError):
        writer.write(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n")
        while not reader.at_eof() and not world.stopping:
            writer.write(b"X-a: b\r\n"[world.rng.randrange(2) :])
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                if await asyncio.wait_for(reader.read(100), 1.0) == b"":
                    break
            if asyncio.get_running_loop().time() - began > 30:
                world.fault("a client that never ended its headers was kept for 30 seconds")
                break
    await _closed(writer)


async def slow_body(world: World) -> None:
    """A client that never ends its body is told so."""
    reader, writer = await _connected(world)
    writer.write(_head(PATHS["openai_chat"], "Content-Length: 5000") + b'{"model": "')
    answer = b""
    with contextlib.suppress(ConnectionError):
        for _ in range(50):
            if world.stopping:
                break
            writer.write(b"x")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                answer = await asyncio.wait_for(reader.read(4_096), 1.0)
                break
    if answer.startswith(b"HTTP/1.1 "):
        world.tally["openai_chat", int(answer[9:12])] += 1
    else:
        world.gone["openai_chat"] += 1
        if not world.stopping:
            world.fault(f"a client that never ended its body got {answer[:60]!r}")
    await _closed(writer)


def _head(path: str, *lines: str) -> bytes:
    first = (f"POST {path} HTTP/1.1", "Host: a", "Content-Type: application/json", *lines, "", "")
    return "\r\n".join(first).encode("latin-1")


async def _connected(world: World) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(world.gateway)
    return await asyncio.open_connection(address.hostname, address.port)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError, OSError):
        await writer.wait_closed()


COMMON: tuple[tuple[Behaviour, int], ...] = (
    (honest, 40),
    (attack, 15),
    (attack_in_result, 10),
    (evil_output, 8),
    (broken_upstream, 10),
    (broken_body, 10),
    (leaves_early, 5),
    (leaves_midway, 4),
    (slow_upstream, 3),
    (embeddings, 3),
    (giant_header, 2),
    (silent_upstream, 1),
)
"""Behaviour and how often."""
ALWAYS: tuple[Behaviour, ...] = (slow_head, slow_body)
"""One client each does nothing else."""


async def common(world: World) -> None:
    """One client's life."""
    kinds, weights = zip(*COMMON, strict=True)
    while not world.stopping:
        await _once(world, world.rng.choices(kinds, weights)[0])


async def always(world: World, behaviour: Behaviour) -> None:
    """A client that does but one thing."""
    while not world.stopping:
        await _once(world, behaviour)


async def _once(world: World, behaviour: Behaviour) -> None:
    try:
        await behaviour(world)
    except Exception as error:
        world.fault(f"{behaviour.__name__}: {type(error).__name__}: {error}")
        await asyncio.sleep(0.1)
    world.did[behaviour.__name__] += 1

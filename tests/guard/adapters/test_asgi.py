"""The middleware before real applications, over real sockets, with the real client libraries."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx2
import openai
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from assaymark.errors import UsageError
from assaymark.guard.adapters.asgi import GuardMiddleware
from assaymark.guard.event import Action, Channel
from assaymark.guard.library import Guard
from assaymark.guard.policy.model import ChannelPolicy, EgressPolicy, Limits, OverlapRule, Policy
from tests.guard.detector.tiny import PHRASE
from tests.guard.library.test_guard import FullDisk
from tests.guard.proxy.running import running
from tests.guard.proxy.upstream import Script, application

Make = Callable[..., Guard]
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
LONG = "The bread is baked at night. It rests for two hours. Then it goes to the shop. " * 6


@pytest.fixture
def script() -> Script:
    """What the model says."""
    return Script()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serves applications until the test ends; gives the origin."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def served(app: Any, lifespan: str = "off") -> str:
            config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan=lifespan, ws="auto")  # type: ignore[arg-type]
            return stack.enter_context(running(uvicorn.Server(config)))

        yield served


@pytest.fixture
def chat(serve: Callable[[Any], str], make: Make, script: Script) -> str:
    """An application that speaks the known protocols, guarded in one line."""
    return serve(GuardMiddleware(application(script), guard=make()))


def ask(url: str, text: str, **more: Any) -> Any:
    """One question through the real client."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        answer = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": text}], **more
        )
        return list(answer) if more.get("stream") else answer


def test_an_honest_request_is_answered(chat: str, script: Script) -> None:
    """The application gets the client's own bytes, the client the application's answer."""
    assert ask(chat, "Hello there").choices[0].message.content == script.text
    assert script.seen[0]["messages"] == [{"role": "user", "content": "Hello there"}]


def test_an_attack_never_reaches_the_application(chat: str, script: Script) -> None:
    """The client gets the protocol's own error, with the decision's id."""
    with pytest.raises(openai.BadRequestError, match="detector/user") as caught:
        ask(chat, f"Now {PHRASE}.")
    assert caught.value.code == "content_policy_violation"
    assert script.seen == []


def test_anthropic_gets_its_own_error(chat: str, script: Script) -> None:
    """Anthropic's client understands the refusal, and an honest request goes through."""
    with anthropic.Anthropic(base_url=chat, api_key="k", max_retries=0) as client:

        def say(text: str) -> Any:
            return client.messages.create(
                model="m", max_tokens=9, messages=[{"role": "user", "content": text}]
            )

        assert say("Hello there").content[0].text == script.text
        with pytest.raises(anthropic.BadRequestError, match="detector/user"):
            say(f"Now {PHRASE}.")


def test_a_bad_answer_is_withheld(chat: str, script: Script) -> None:
    """What the model should not have said becomes an error."""
    script.text = f"Now I will {PHRASE}."
    with pytest.raises(openai.BadRequestError, match="detector/output"):
        ask(chat, "Hello there")


def test_a_secret_is_cut_out_of_an_answer(chat: str, script: Script) -> None:
    """The answer is edited, its length told anew."""
    script.text = f"The key is {TOKEN}, keep it."
    content = ask(chat, "Hello there").choices[0].message.content
    assert TOKEN not in content
    assert content.endswith(", keep it.")


def test_streams_arrive_whole(chat: str, script: Script) -> None:
    """A streamed answer comes in pieces, complete."""
    script.text = LONG
    chunks = ask(chat, "Hello there", stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == LONG


def test_a_bad_stream_is_stopped(chat: str, script: Script) -> None:
    """The stream ends in the protocol's way before the phrase has gone, and the application is stopped."""
    script.text = LONG + f" Now I {PHRASE}. " + LONG
    got: list[str] = []

    def consume() -> None:
        with openai.OpenAI(base_url=f"{chat}/v1", api_key="k", max_retries=0) as client:
            for chunk in client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "Hello"}], stream=True
            ):
                got.extend(c.delta.content or "" for c in chunk.choices)
                if any(c.finish_reason == "content_filter" for c in chunk.choices):
                    raise openai.APIError("stopped", httpx2.Request("POST", chat), body=None)  # type: ignore[arg-type]

    with pytest.raises(openai.APIError):
        consume()
    assert PHRASE not in "".join(got)


@pytest.mark.parametrize(
    ("path", "raw", "status"),
    [
        ("/v1/chat/completions", b"{", 400),
        ("/v1/chat/completions", b"[]", 400),
        ("/v1/chat/completions", b'{"a":1,"a":2}', 400),
        ("/v1/chat/completions", b" " * 3000, 413),
        ("/v1//chat/completions/", b"{", 400),
        ("/v1/chat%2Fcompletions", b"{", 400),
        ("/V1/Chat/Completions", b"{", 400),
        ("/v1/embeddings", b"{}", 200),
    ],
)
def test_broken_requests(
    serve: Callable[[Any], str], make: Make, script: Script, path: str, raw: bytes, status: int
) -> None:
    """Broken and enormous bodies are refused at judged paths however these are written; others pass."""
    guard = make(Policy(limits=Limits(body_bytes=2000)))
    script.raw = b"{}"
    url = serve(GuardMiddleware(application(script), guard=guard))
    with httpx2.Client() as client:
        assert client.post(url + path, content=raw).status_code == status


def test_compressed_bodies_are_refused(chat: str) -> None:
    """What is not read cannot be judged."""
    with httpx2.Client() as client:
        answer = client.post(f"{chat}/v1/messages", content=b"x", headers={"content-encoding": "gzip"})
    assert answer.status_code == 415
    assert answer.json()["type"] == "error"


@pytest.mark.parametrize("kind", ["text/html", "application/x-ndjson", "application/octet-stream"])
def test_answers_that_cannot_be_read_are_refused(chat: str, script: Script, kind: str) -> None:
    """An answer on a judged path that is neither JSON nor events does not pass."""
    script.raw, script.raw_type = b"hello", kind
    with pytest.raises(openai.InternalServerError, match="cannot be judged"):
        ask(chat, "Hello there")


def test_errors_of_the_application_pass(chat: str, script: Script) -> None:
    """The application's own errors stay as they are."""
    script.status = 418
    with pytest.raises(openai.APIStatusError) as caught:
        ask(chat, "Hello there")
    assert caught.value.status_code == 418


FIELDS = {
    "/ask": {"question": "user", "context[*].text": "document", "answer": "output", "parts[*].t": "output"}
}


async def own(request: Request) -> Response:
    """Answers in a shape of its own."""
    asked = await request.json()
    if asked.get("stream"):
        return StreamingResponse(_events(asked["say"]), media_type="text/event-stream")
    return JSONResponse({"answer": asked.get("say", "Hello."), "heard": asked})


async def _events(text: str) -> AsyncIterator[str]:
    for n in range(0, len(text), 9):
        yield f"data: {json.dumps({'answer': text[n : n + 9], 'n': n})}\n\n"
    yield "data: [DONE]\n\n"


def own_app(make: Make, **policy: Any) -> GuardMiddleware:
    """That application, guarded."""
    app = Starlette(routes=[Route("/ask", own, methods=["POST"])])
    return GuardMiddleware(app, guard=make(Policy(**policy)), routes=FIELDS)


def test_a_shape_of_ones_own(serve: Callable[[Any], str], make: Make) -> None:
    """Mapped fields are judged on their channels, in lists too; without any of them nothing passes."""
    url = serve(own_app(make))
    with httpx2.Client(base_url=url) as client:
        assert client.post("/ask", json={"question": "Hello?"}).json()["answer"] == "Hello."
        refused = client.post("/ask", json={"question": f"Now {PHRASE}."})
        assert refused.status_code == 400
        assert "detector/user" in refused.json()["error"]["message"]
        pages = [{"text": "Bread."}, {"text": f"Now {PHRASE}."}]
        assert "detector/document" in client.post("/ask", json={"context": pages}).text
        assert "without any of the fields" in client.post("/ask", json={"query": "x"}).text
        assert "detector/output" in client.post("/ask", json={"question": "?", "say": f"I {PHRASE}."}).text


def test_fields_are_edited_in_place(serve: Callable[[Any], str], make: Make) -> None:
    """A marked document reaches the application marked, everything else as it was."""
    url = serve(own_app(make, channels={Channel.DOCUMENT: ChannelPolicy(action=Action.ANNOTATE)}))
    with httpx2.Client(base_url=url) as client:
        sent = {"question": "?", "context": [{"text": f"Now {PHRASE}.", "n": 1}], "other": [1.5]}
        heard = client.post("/ask", json=sent).json()["heard"]
    assert "untrusted data begins" in heard["context"][0]["text"]
    assert heard["other"] == [1.5]


def test_streams_of_ones_own(serve: Callable[[Any], str], make: Make) -> None:
    """Events of JSON are held back, edited and stopped."""
    url = serve(own_app(make))

    def say(text: str) -> tuple[str, str]:
        with httpx2.Client(base_url=url) as client:
            raw = client.post("/ask", json={"question": "?", "stream": True, "say": text}).text
        events = [line[6:] for line in raw.splitlines() if line.startswith("data: {")]
        return "".join(json.loads(e).get("answer", "") for e in events), raw

    assert say(LONG)[0] == LONG
    assert TOKEN not in (edited := say(f"{LONG}{TOKEN} {LONG}")[0])
    assert edited.count("[removed:") == 1
    text, raw = say(f"{LONG} I {PHRASE}. {LONG}")
    assert PHRASE not in text
    assert "event: error" in raw
    assert "[DONE]" not in raw


@pytest.mark.parametrize(
    "routes",
    [{"/a": "openia"}, {"/a": {"x": "usr"}}, {"/a": {"x..y": "user"}}, {"/a": {"x": "output"}}, {"/a": {}}],
)
def test_routes_that_cannot_be_are_refused_at_start(make: Make, routes: Any) -> None:
    """A typing error in a route stops the start."""
    with pytest.raises(UsageError):
        GuardMiddleware(Starlette(), guard=make(), routes=routes)


def test_a_policy_that_cannot_stream_stops_the_start(make: Make) -> None:
    """The application may stream at any time, so the policy must be able to."""
    policy = Policy(egress=EgressPolicy(system_prompt=OverlapRule(action=Action.REDACT)))
    with pytest.raises(UsageError, match="cannot run on a stream"):
        GuardMiddleware(Starlette(), guard=make(policy))


def test_unrelated_routes_are_not_buffered(make: Make) -> None:
    """A long poll on another path streams through: its first bytes leave before its last are known."""
    gate = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await gate.wait()
        await send({"type": "http.response.body", "body": b"last"})

    async def run() -> list[bytes]:
        seen: list[bytes] = []

        async def send(message: Any) -> None:
            seen.append(message.get("body", b""))
            if message.get("body") == b"first":
                gate.set()

        scope = {"type": "http", "method": "POST", "path": "/upload", "headers": []}
        async with asyncio.timeout(10):
            await GuardMiddleware(slow, guard=make())(scope, None, send)  # type: ignore[arg-type]
        return seen

    assert asyncio.run(run()) == [b"", b"first", b"last"]


def test_the_lifespan_is_the_applications(serve: Callable[..., str], make: Make) -> None:
    """Start-up and what runs behind an answer belong to the application."""
    events: list[str] = []
    behind = threading.Event()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        events.append("up")
        yield

    async def answer(request: Request) -> Response:
        return JSONResponse({"answer": "Hello."}, background=BackgroundTask(behind.set))

    app = Starlette(routes=[Route("/ask", answer, methods=["POST"])], lifespan=lifespan)
    url = serve(GuardMiddleware(app, guard=make(), routes=FIELDS), "on")
    with httpx2.Client() as client:
        assert client.post(f"{url}/ask", json={"question": "?"}).status_code == 200
    assert behind.wait(10)
    assert events == ["up"]


def test_web_sockets_need_a_declaration(make: Make) -> None:
    """A web socket is refused unless its path is declared unguarded."""

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    app = GuardMiddleware(
        Starlette(routes=[WebSocketRoute("/{path:path}", echo)]),
        guard=make(),
        unguarded_websockets=["/live/*"],
    )

    async def connect(path: str) -> list[str]:
        sent: list[str] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "websocket", "path": path, "headers": [], "query_string": b""}, receive, send)
        return sent

    assert asyncio.run(connect("/chat")) == ["websocket.close"]
    assert asyncio.run(connect("/live/feed")) == ["websocket.accept", "websocket.close"]


def test_as_middleware_of_starlette(serve: Callable[[Any], str], make: Make) -> None:
    """`add_middleware` takes it, and text of another kind on other paths passes."""

    async def page(request: Request) -> Response:
        return PlainTextResponse("page")

    app = Starlette(routes=[Route("/", page), Route("/ask", own, methods=["POST"])])
    app.add_middleware(GuardMiddleware, guard=make(), routes=FIELDS)
    url = serve(app)
    with httpx2.Client(base_url=url) as client:
        assert client.get("/").text == "page"
        assert client.post("/ask", json={"question": f"Now {PHRASE}."}).status_code == 400


async def direct(app: Any, incoming: list[dict[str, Any]], **scope: Any) -> list[dict[str, Any]]:
    """Speak ASGI with an application, without a server; what it sent."""
    sent: list[dict[str, Any]] = []
    queue = list(incoming)

    async def receive() -> dict[str, Any]:
        if not queue:
            await asyncio.Event().wait()
        return queue.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    base = {"type": "http", "method": "POST", "path": "/ask", "headers": [], "query_string": b""}
    async with asyncio.timeout(20):
        await app({**base, **scope}, receive, send)
    return sent


def whole(body: bytes) -> list[dict[str, Any]]:
    """A request's body in one message."""
    return [{"type": "http.request", "body": body, "more_body": False}]


def test_a_slow_body_is_given_up(make: Make) -> None:
    """A client that never finishes its body gets 408; one that leaves gets nothing."""
    app = GuardMiddleware(Starlette(), guard=make(), routes=FIELDS, body_seconds=0.05)
    part = {"type": "http.request", "body": b"{", "more_body": True}
    assert asyncio.run(direct(app, [part]))[0]["status"] == 408
    assert asyncio.run(direct(app, [part, {"type": "http.disconnect"}])) == []


def test_a_second_header_does_not_hide_compression(make: Make) -> None:
    """Whichever of two encodings an application would believe, the request is refused."""
    app = GuardMiddleware(Starlette(), guard=make(), routes=FIELDS)
    headers = [(b"Content-Encoding", b"gzip"), (b"content-encoding", b"identity")]
    assert asyncio.run(direct(app, whole(b"{}"), headers=headers))[0]["status"] == 415


def test_a_full_log_stops_everything(make: Make) -> None:
    """What cannot be recorded is answered with 503, and the application is not asked."""

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("asked")

    app = GuardMiddleware(never, guard=make(recorder=FullDisk()), routes=FIELDS)
    sent = asyncio.run(direct(app, whole(b'{"question": "Could you help me with my bread?"}')))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]


def speaker(*bodies: bytes, kind: bytes = b"text/event-stream", fails: bool = False) -> Any:
    """An application that says these bytes, and then fails or not."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", kind), (b"content-length", b"1"), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for body in bodies:
            await send({"type": "http.response.body", "body": body, "more_body": True})
        if fails:
            raise RuntimeError("out of order")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


ASK = whole(b'{"question": "Could you help me with my bread?"}')


@pytest.mark.parametrize(
    "raw", [b"data: not json\n\n", b'data: {"answer"', b"data: \xff\n\n", b'data: {"a":1,"a":2}\n\n']
)
def test_broken_streams_end_with_an_error(make: Make, raw: bytes) -> None:
    """What cannot be read does not pass; the client is told, the stream is closed."""
    sent = asyncio.run(direct(GuardMiddleware(speaker(raw), guard=make(), routes=FIELDS), ASK))
    told = b"".join(m.get("body", b"") for m in sent)
    assert b"stream_failed" in told
    assert b"not json" not in told
    assert sent[-1]["more_body"] is False
    assert not any(n == b"content-length" for n, _ in sent[0]["headers"])


def test_a_failing_application_keeps_its_failure(make: Make) -> None:
    """Its error reaches the server, and what was held back is not sent."""
    data = b'data: {"answer": "The key is %s"}\n\n' % TOKEN.encode()
    app = GuardMiddleware(speaker(data, fails=True), guard=make(), routes=FIELDS)
    with pytest.raises(RuntimeError, match="out of order"):
        asyncio.run(direct(app, ASK))


@pytest.mark.parametrize("raw", [b"{", b'{"a":1,"a":2}', b"[" * 10_000, b"\xff", b"NaN"])
def test_broken_answers_are_refused(make: Make, raw: bytes) -> None:
    """An answer that is not plain JSON becomes an error."""
    app = GuardMiddleware(speaker(raw, kind=b"application/json"), guard=make(), routes=FIELDS)
    assert asyncio.run(direct(app, ASK))[0]["status"] == 502


def test_an_enormous_answer_is_refused_and_stopped(make: Make) -> None:
    """The application is stopped at the limit, not read to its end."""
    stopped = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            while True:
                await send({"type": "http.response.body", "body": b" " * 1000, "more_body": True})
                await asyncio.sleep(0)
        finally:
            stopped.set()

    app = GuardMiddleware(endless, guard=make(Policy(limits=Limits(body_bytes=5000))), routes=FIELDS)
    assert asyncio.run(direct(app, ASK))[0]["status"] == 502
    assert stopped.is_set()


def test_a_stopped_stream_stops_its_application(make: Make) -> None:
    """Once the guard has ended a stream, the application generates no more."""
    said = 0

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        nonlocal said
        await receive()
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while said < 100_000:
            said += 1
            data = json.dumps({"answer": f"Now I {PHRASE}. "}).encode()
            await send({"type": "http.response.body", "body": b"data: " + data + b"\n\n", "more_body": True})
            await asyncio.sleep(0)

    sent = asyncio.run(direct(GuardMiddleware(endless, guard=make(), routes=FIELDS), ASK))
    assert said < 1000
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert PHRASE.encode() not in b"".join(m.get("body", b"") for m in sent)


def test_cancelled_clients_leave_nothing_behind(make: Make) -> None:
    """A request that is cancelled cancels the application too."""
    state: list[str] = []

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        state.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            state.append("ended")

    async def run() -> None:
        task = asyncio.ensure_future(direct(GuardMiddleware(waits, guard=make(), routes=FIELDS), ASK))
        while not state:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert state == ["began", "ended"]

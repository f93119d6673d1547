"""Broken and hostile clients and upstreams, over real sockets."""

import contextlib
import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
import zstandard

from assaymark.guard.policy.model import Limits, Policy, UpstreamPolicy
from tests.guard.core.small import PHRASE, Kept, parts
from tests.guard.proxy.running import gateway
from tests.guard.proxy.upstream import Script

HONEST = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture
def http(guard: str) -> Iterator[httpx2.Client]:
    """A plain client."""
    with httpx2.Client(base_url=guard) as client:
        yield client


def raw(url: str, data: bytes, wait: float = 5) -> bytes:
    """Send bytes as they are; what comes back until the server hangs up or falls silent."""
    host = urlsplit(url)
    with socket.create_connection((host.hostname, host.port), timeout=wait) as wire:
        wire.sendall(data)
        found = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := wire.recv(65536):
                found += part
        return found


def head(*lines: str, target: str = CHAT, method: str = "POST") -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1")


BODY = json.dumps(HONEST).encode()
SIZE = f"Content-Length: {len(BODY)}"


@pytest.mark.parametrize(
    "request_",
    [
        head("Host: a", SIZE, "Transfer-Encoding: chunked") + BODY,
        head("Host: a", SIZE, "Content-Length: 3") + BODY,
        head("Host: a", "Transfer-Encoding: xchunked", "Connection: close") + BODY,
        head("Host: a", "Host: b", SIZE) + BODY,
        head("Host: a", "Authorization: Bearer a", "Authorization: Bearer b", SIZE) + BODY,
        head("Host: a", SIZE, "Content-Type: application/json", "Content-Type: text/plain") + BODY,
        head("Host: a", SIZE, target="http://127.0.0.1:1/v1/chat/completions") + BODY,
        head("Host: a", SIZE, target="//evil.example/v1/chat/completions") + BODY,
        head("Host: a", SIZE, target="/v1/../v1/chat/completions") + BODY,
        head("Host: a", SIZE, target="/v1/chat/%63ompletions") + BODY,
        head("Host: a", SIZE, target="/v1/chat/completions/") + BODY,
        head("Host: a", SIZE, target="/v1/Chat/Completions") + BODY,
        head("Host: a", target="evil.example:443", method="CONNECT"),
        head("Host: a", SIZE, "X-Long: " + "a" * 200_000) + BODY,
        head("Host: a", SIZE, *[f"X-{n}: 1" for n in range(500)]) + BODY,
        b"\x16\x03\x01\x00\xff nonsense",
    ],
    ids=lambda r: r[:60].decode("latin-1").replace("\r\n", " "),
)
def test_what_can_be_read_in_two_ways_goes_nowhere(guard: str, script: Script, request_: bytes) -> None:
    """Refused with an error; the upstream sees nothing."""
    answer = raw(guard, request_, wait=2)

    assert answer.split(b" ", 2)[1][:1] == b"4", answer[:200]
    assert b" 200 " not in answer
    assert script.paths == []


def test_the_host_header_does_not_choose_the_upstream(guard: str, model: str, script: Script) -> None:
    """Nor do headers that proxies like to believe."""
    lines = ["Host: evil.example", "X-Forwarded-Host: evil.example", "X-Assaymark-Decision: forged", SIZE]
    answer = raw(guard, head(*lines, "Connection: close, x-secret", "X-Secret: 1") + BODY)

    assert b" 200 " in answer
    assert script.headers[0]["host"] == urlsplit(model).netloc
    assert "x-secret" not in script.headers[0]
    assert b"forged" not in answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"messages": NaN}',
        b'{"messages": [], "messages": []}',
        b"\xff\xfe{}",
        b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
        b"[" * 100_000,
    ],
    ids=lambda b: repr(b[:20]),
)
def test_malformed_json_is_refused(http: httpx2.Client, script: Script, body: bytes) -> None:
    """With the protocol's error; never passed on, never a crash."""
    answer = http.post(CHAT, content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed_body"
    assert script.bodies == []


def test_an_untouched_body_is_passed_byte_for_byte(http: httpx2.Client, script: Script) -> None:
    """Unknown fields, spacing, numbers beyond what a float holds, order of names."""
    body = (
        b'{ "x_new": [1.0e+400, 123456789012345678901234567890, -0.0, "\\ud800"],\n'
        b'"messages":[{"content":"Gr\xc3\xbc\xc3\x9fe \\u0041","role":"user","x":{}}] ,"model":"m"}'
    )
    assert http.post(CHAT, content=body).status_code == 200
    assert script.bodies == [body]


def test_an_edit_changes_one_string_and_nothing_else(http: httpx2.Client, script: Script) -> None:
    """A zero-width space is marked; the rest stays as the client wrote it."""
    body = b'{"n":1e400 , "messages":[ {"role":"user","content":"a\\u200bb"}],"model" : "m"}'
    http.post(CHAT, content=body)

    before, _, rest = script.bodies[0].partition(b'"content":"')
    assert before == body.partition(b'"content":"')[0]
    assert rest.endswith(b'"}],"model" : "m"}')
    text = script.seen[0]["messages"][0]["content"]
    assert "untrusted data begins" in text
    assert "a\u200bb" in text


@pytest.mark.parametrize(
    ("name", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstandard.compress)],
)
def test_a_compressed_body_is_read(http: httpx2.Client, script: Script, name: str, pack: object) -> None:
    """An attack inside is seen; an honest one arrives plain."""
    attack = json.dumps({"model": "m", "messages": [{"role": "user", "content": PHRASE}]}).encode()
    send = {"content-encoding": name}
    assert http.post(CHAT, content=pack(attack), headers=send).status_code == 400
    assert http.post(CHAT, content=pack(BODY), headers=send).status_code == 200
    assert script.bodies == [BODY]


def test_a_compressed_bomb_is_refused(http: httpx2.Client, script: Script) -> None:
    """So is what is damaged or packed in a way that is not read here."""
    bomb = gzip.compress(b" " * 20_000_000)
    assert http.post(CHAT, content=bomb, headers={"content-encoding": "gzip"}).status_code == 413
    zbomb = zstandard.compress(b" " * 20_000_000)
    assert http.post(CHAT, content=zbomb, headers={"content-encoding": "zstd"}).status_code == 413
    for encoding in ("gzip", "br", "gzip, gzip"):
        assert http.post(CHAT, content=BODY, headers={"content-encoding": encoding}).status_code == 415
    assert script.bodies == []


def test_an_unknown_path_is_refused_unless_told(http: httpx2.Client, model: str, script: Script) -> None:
    """In the protocol's shape; with the flag it passes and is counted."""
    answer = http.post("/v1/messages/batches", json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "error")
    assert http.delete("/v1/files/1").status_code == 404
    assert script.paths == []

    with gateway(model, parts(), pass_unknown=True) as url:
        assert httpx2.post(f"{url}/v1/batches", json={}).status_code == 200
        assert 'bypasses_total{reason="unknown_path"} 1.0' in httpx2.get(f"{url}/metrics").text


def test_a_large_body_is_refused_while_it_comes(model: str, script: Script) -> None:
    """Announced or not."""
    with gateway(model, parts(Policy(limits=Limits(body_bytes=1000)))) as url:
        big = json.dumps({"messages": [{"role": "user", "content": "a" * 2000}]}).encode()
        assert httpx2.post(url + CHAT, content=big).status_code == 413
        assert httpx2.post(url + CHAT, content=iter([big[:500], big[500:]])).status_code == 413
    assert script.bodies == []


def test_slow_clients_are_left(model: str, script: Script) -> None:
    """A head or a body that trickles, and a silent connection, cost seconds, not a place for ever."""
    with gateway(model, parts(), head_seconds=0.2, body_seconds=0.2) as url:
        began = time.monotonic()
        assert raw(url, b"").startswith(b"HTTP/1.1 408")
        assert raw(url, b"POST /v1/chat").startswith(b"HTTP/1.1 408")
        assert b" 408 " in raw(url, head("Host: a", SIZE, "Connection: close") + BODY[:10])
        assert time.monotonic() - began < 5
    assert script.bodies == []


def test_a_dead_upstream_is_an_error(script: Script) -> None:
    """Not reachable: 502 in the protocol's shape."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with gateway(f"http://127.0.0.1:{taken.getsockname()[1]}", parts()) as url:
            answer = httpx2.post(f"{url}/v1/messages", json=HONEST)
    assert (answer.status_code, answer.json()["error"]["type"]) == (502, "api_error")


def test_a_silent_upstream_is_an_error(model: str, script: Script) -> None:
    """After the policy's silence: 504."""
    script.delay = 3
    with gateway(model, parts(Policy(upstream=UpstreamPolicy(read_seconds=0.2)))) as url:
        assert httpx2.post(url + CHAT, json=HONEST).status_code == 504


def test_a_redirect_is_not_followed(http: httpx2.Client, script: Script) -> None:
    """The client does not get it either: it would carry its key elsewhere."""
    script.redirect = "http://127.0.0.1:1/steal"
    answer = http.post(CHAT, json=HONEST)

    assert answer.status_code == 502
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"a":1,"a":2}', b"\xff", b"{" * 10_000], ids=["html", "double", "bytes", "deep"]
)
def test_an_answer_that_cannot_be_read_is_withheld(http: httpx2.Client, script: Script, body: bytes) -> None:
    """502: what cannot be judged does not pass."""
    script.raw = body
    assert http.post(CHAT, json=HONEST).status_code == 502


def test_an_upstream_that_dies_mid_stream_ends_with_an_error_event(
    http: httpx2.Client, script: Script
) -> None:
    """In each protocol; nothing that was held back leaks out."""
    for path, mark in (
        (CHAT, b'"upstream_error"'),
        ("/v1/messages", b"event: error"),
        ("/v1/responses", b"response.failed"),
    ):
        script.text, script.die_after = "Word " * 100, 20
        body = http.post(path, json={**HONEST, "input": "Hi", "stream": True}).content
        assert mark in body
        assert b"[DONE]" not in body


@pytest.mark.parametrize(
    "sse",
    [b"data: {\n\n", b"data: \xff\n\n", b"data: {}\n", b'data: {"choices":[{"index":"x","delta":{}}]}\n\n'],
    ids=["json", "bytes", "cut", "index"],
)
def test_a_malformed_stream_ends_with_an_error_event(http: httpx2.Client, script: Script, sse: bytes) -> None:
    """What cannot be read does not pass."""
    script.raw, script.raw_type = sse, "text/event-stream"
    body = http.post(CHAT, json={**HONEST, "stream": True}).content

    assert b"upstream_error" in body
    assert sse not in body


def test_a_client_that_leaves_cancels_the_upstream(guard: str, script: Script) -> None:
    """The model does not go on talking to nobody."""
    script.text, script.delay = "Word. " * 500, 1
    host = urlsplit(guard)
    body = json.dumps({**HONEST, "stream": True}).encode()
    with socket.create_connection((host.hostname, host.port), timeout=5) as wire:
        wire.sendall(head("Host: a", f"Content-Length: {len(body)}") + body)
        wire.recv(100)
    deadline = time.monotonic() + 5
    while not script.cancelled.is_set() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert script.cancelled.is_set()


def test_too_many_at_once_are_told_to_come_again(model: str, script: Script) -> None:
    """503 with Retry-After, in the protocol's shape."""
    script.delay = 0.5
    with gateway(model, parts(), concurrency=1) as url:
        first = threading.Thread(target=httpx2.post, args=(url + CHAT,), kwargs={"json": HONEST})
        first.start()
        deadline = time.monotonic() + 5
        while not script.seen and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        second = httpx2.post(f"{url}/v1/messages", json=HONEST)
        first.join()
    assert (second.status_code, second.json()["error"]["type"]) == (503, "overloaded_error")
    assert second.headers["retry-after"] == "1"


class Full(Kept):
    """A log on a full disk."""

    full = True

    def record(self, *args: object) -> None:
        """Fail while it is full."""
        if self.full:
            raise OSError(28, "No space left on device")
        super().record(*args)


def test_a_log_that_cannot_be_written_stops_the_gateway(model: str, script: Script) -> None:
    """No silent pass: not ready, 503 for new requests; what happened before is written once it can be."""
    log = Full()
    with gateway(model, parts(), log) as url, httpx2.Client(base_url=url) as http:
        assert http.post(CHAT, json=HONEST).status_code == 200
        deadline = time.monotonic() + 5
        while http.get("/readyz").status_code == 200 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        assert http.post(CHAT, json=HONEST).status_code == 503
        log.full = False
        while http.get("/readyz").status_code != 200 and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        assert http.post(CHAT, json=HONEST).status_code == 200
    assert len(log.decisions) == 4


def test_counters_say_what_clients_saw(model: str, script: Script) -> None:
    """Requests by status, decisions by action."""
    with gateway(model, parts(), Kept()) as url, httpx2.Client(base_url=url) as http:
        for text in ("Hi", PHRASE, "Hi"):
            http.post(CHAT, json={"messages": [{"role": "user", "content": text}]})
        counted = http.get("/metrics").text
        ready = http.get("/readyz").json()
    assert 'requests_total{protocol="openai_chat",status="200"} 2.0' in counted
    assert 'requests_total{protocol="openai_chat",status="400"} 1.0' in counted
    assert 'decisions_total{action="block",phase="request",wanted="block"} 1.0' in counted
    assert 'findings_total{action="block",channel="user",family="detector"} 1.0' in counted
    assert ready["detector"] == "phrase-1"

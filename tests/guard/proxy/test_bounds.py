"""Large and odd traffic: the deadline bites within long texts, errors of the upstream are judged."""

import json
import threading
import time

import httpx2
import pytest

from assaymark.errors import UsageError
from assaymark.guard.policy.model import EgressPolicy, Limits, Policy, UpstreamPolicy
from assaymark.guard.proxy.settings import origin
from assaymark.guard.proxy.upstream import Upstream
from assaymark.guard.rules.egress import EgressStream, egress
from tests.guard.core.small import PHRASE, SECRET, Kept, parts
from tests.guard.proxy.running import gateway
from tests.guard.proxy.upstream import Script

CHAT = "/v1/chat/completions"
HONEST = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def real_rules(deadline_ms: int, **limits: int) -> dict[str, object]:
    """The project's own egress rules, under a deadline."""
    policy = Policy(limits=Limits(deadline_ms=deadline_ms, text_chars=10_000_000, **limits))
    return {"policy": policy, "egress": egress, "follow": EgressStream, "now": time.monotonic}


@pytest.mark.parametrize("stream", [False, True])
def test_a_text_made_to_be_slow_is_refused_at_the_deadline(model: str, script: Script, stream: bool) -> None:
    """Whole or streamed; and the thread that judged it is free again soon."""
    script.text, script.pieces = "sk-" * 600_000, 2_000_000
    with gateway(model, parts(**real_rules(300)), workers=1) as url:
        began = time.monotonic()
        answer = httpx2.post(url + CHAT, json={**HONEST, "stream": stream}, timeout=20)
        assert "limit/deadline" in answer.text
        assert answer.status_code == (200 if stream else 503)
        assert "sk-sk-" not in answer.text
        script.text = "Noon."
        assert httpx2.post(url + CHAT, json=HONEST, timeout=20).status_code == 200
        assert time.monotonic() - began < 4


def test_what_waits_beyond_its_deadline_is_never_begun(model: str, script: Script) -> None:
    """One slow step, many requests behind it: all are refused in time, and the chain runs once."""
    begun: list[int] = []
    go = threading.Event()

    def slow(text: str, depth: int) -> object:
        begun.append(1)
        go.wait(5)
        raise ValueError

    made = parts(Policy(limits=Limits(deadline_ms=100)), reveal=slow, now=time.monotonic)
    answers: list[int] = []
    with gateway(model, made, workers=1) as url:
        asking = [
            threading.Thread(
                target=lambda: answers.append(httpx2.post(url + CHAT, json=HONEST, timeout=20).status_code)
            )
            for _ in range(6)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        go.set()
    assert answers == [503] * 6
    assert len(begun) == 1
    assert script.bodies == []


def test_thousands_of_tools_are_judged(model: str, script: Script) -> None:
    """Up to the limit they pass and none is dropped; a poisoned one among them is seen; more are refused."""
    tools = [
        {"type": "function", "function": {"name": f"t{n}", "description": f"Reads page {n} of the book."}}
        for n in range(2_000)
    ]
    with gateway(model, parts(now=time.monotonic)) as url, httpx2.Client(base_url=url, timeout=20) as http:
        assert http.post(CHAT, json={**HONEST, "tools": tools}).status_code == 200
        assert len(script.seen[0]["tools"]) == 2_000
        assert http.post(CHAT, json={**HONEST, "tools": [*tools, tools[0]]}).status_code == 413
        tools[1_234]["function"]["description"] = f"Reads. {PHRASE}."  # type: ignore[index]
        assert http.post(CHAT, json={**HONEST, "tools": tools}).status_code == 400


def test_errors_of_the_upstream_are_judged(guard: str, script: Script, kept: Kept) -> None:
    """They pass as they are if they are honest; a secret is cut out; what cannot be cut out is withheld."""
    with httpx2.Client(base_url=guard) as http:
        script.status = 429
        honest = http.post(CHAT, json=HONEST)
        assert (honest.status_code, honest.json()["error"]["message"]) == (429, "no")
        script.raw = json.dumps({"error": {"message": f"Bad key {SECRET}."}}).encode()
        cut = http.post(CHAT, json=HONEST)
        assert (cut.status_code, cut.json()["error"]["message"]) == (
            429,
            "Bad key [removed: egress/secret].",
        )
        script.raw, script.raw_type = f"<p>{SECRET}</p>".encode(), "text/html"
        withheld = http.post(CHAT, json=HONEST)
        assert (withheld.status_code, SECRET in withheld.text) == (400, False)
        script.raw = f"Assistant: {PHRASE}".encode()
        assert http.post(CHAT, json=HONEST).json()["error"]["code"] == "content_policy_violation"


def test_an_answer_that_the_upstream_kept_is_judged(guard: str, script: Script) -> None:
    """`GET /responses/ID`, with a query; earlier turns are unknown and so untrusted."""
    output = {"id": "resp_1", "object": "response", "status": "completed", "model": "m"}
    with httpx2.Client(base_url=guard) as http:
        for text, status in (("Noon.", 200), (f"Now {PHRASE}.", 400)):
            item = {"type": "message", "content": [{"type": "output_text", "text": text}]}
            script.raw = json.dumps({**output, "output": [item]}).encode()
            assert http.get("/v1/responses/resp_1?include=x").status_code == status
        call = {"type": "function_call", "call_id": "c", "name": "send_mail", "arguments": "{}"}
        script.raw = json.dumps({**output, "output": [call]}).encode()
        answer = http.get("/v1/responses/resp_1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "approval_refused")
    assert script.paths == ["/v1/responses/resp_1"] * 3


def test_the_policy_says_which_upstreams_there_may_be() -> None:
    """Origins are compared, not spellings; an empty list leaves it to the command line."""
    allowed = UpstreamPolicy(allow=("https://API.example.com/", "http://[::1]:80"))
    for url in ("https://api.example.com:443/v1", "http://[::1]"):
        Upstream(origin(url), allowed)
    Upstream(origin("http://elsewhere.example"), UpstreamPolicy())
    for url in (
        "http://api.example.com",
        "https://api.example.com:8443",
        "https://api.example.com.evil.example",
    ):
        with pytest.raises(UsageError, match="does not allow the upstream"):
            Upstream(origin(url), allowed)


def test_no_canary_is_no_edit(model: str, script: Script) -> None:
    """With `egress.canary: null` a system prompt arrives as it was."""
    body = json.dumps({"messages": [{"role": "system", "content": "Be kind."}], "x": 1.0e2}).encode()
    with gateway(model, parts(Policy(egress=EgressPolicy(canary=None)))) as url:
        assert httpx2.post(url + CHAT, content=body).status_code == 200
    assert script.bodies == [body]

"""Quotas over the wire: nobody overshoots side by side, and what was used is counted however it ends."""

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2

from assaymark.guard.policy.model import Policy, Quota
from assaymark.guard.rules.quota import Quotas
from tests.guard.core.small import PHRASE, Clock, parts
from tests.guard.proxy.running import gateway
from tests.guard.proxy.upstream import Script

CHAT = "/v1/chat/completions"


def book(what: str, amount: float, clock: Clock) -> dict[str, object]:
    """A policy with one quota for a minute, and its book."""
    policy = Policy(quotas=(Quota(what=what, amount=amount, seconds=60),))  # type: ignore[arg-type]
    return {"policy": policy, "book": Quotas(policy, clock), "now": time.monotonic}


def ask(url: str, text: str = "Hi", **more: object) -> httpx2.Response:
    """One question."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    return httpx2.post(url + CHAT, json=body, timeout=20)


def left(made: dict[str, object]) -> float:
    """What can still be reserved of 1000 tokens, found by halving."""
    from assaymark.guard.core.ports import Context

    low, high, quotas = 0, 1001, made["book"]
    assert isinstance(quotas, Quotas)
    while high - low > 1:
        middle = (low + high) // 2
        held = quotas.reserve(Context(), read=middle)
        quotas.settle(Context(), held, None)
        low, high = (low, middle) if held.findings else (middle, high)
    return low


def test_requests_side_by_side_do_not_overshoot(model: str, script: Script) -> None:
    """Each may write 400 tokens of 1,000: two go, the others are told when to come again."""
    script.delay = 0.5
    made = book("tokens", 1000, Clock())
    with gateway(model, parts(**made)) as url, ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(url, max_tokens=400), range(6)))
        refused = [a for a in answers if a.status_code == 429]
        assert (len(refused), len(script.seen)) == (4, 2)
        assert {a.json()["error"]["code"] for a in refused} == {"quota_exceeded"}
        assert 1 < int(refused[0].headers["retry-after"]) <= 65
        assert left(made) == 1000 - 2 * 8  # as the upstream counted
        script.delay = 0
        assert ask(url, max_tokens=400).status_code == 200


def test_what_is_not_answered_is_given_back(model: str, script: Script) -> None:
    """A blocked request, an error of the upstream, an upstream that is not there."""
    made = book("tokens", 1000, Clock())
    with gateway(model, parts(**made)) as url:
        assert ask(url, f"Now {PHRASE}!").status_code == 400
        script.status = 500
        assert ask(url).status_code == 500
    with gateway("http://127.0.0.1:1", parts(**made)) as url:
        assert ask(url).status_code == 502
    assert left(made) == 1000


def test_a_stream_that_is_stopped_or_dies_has_been_used(model: str, script: Script) -> None:
    """By the characters that came, since the upstream did not get to count."""
    made = book("tokens", 1000, Clock())
    with gateway(model, parts(**made)) as url:
        script.text = "The ferry leaves. " * 20 + f"Now {PHRASE}. " + "More. " * 20
        assert "content_filter" in ask(url, stream=True).text
        after_stop = left(made)
        assert 1000 - len(script.text) // 4 <= after_stop < 1000 - 20 * 18 // 4
        script.text, script.die_after = "The ferry leaves. " * 20, 60
        with contextlib.suppress(httpx2.HTTPError):
            ask(url, stream=True)
        assert after_stop - 150 < left(made) < after_stop - 20


def test_calls_are_counted_and_requests_too(model: str, script: Script) -> None:
    """The third request of two is refused; so is a call beyond the one that is allowed."""
    tools = [{"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}]
    with gateway(model, parts(**book("requests", 2, Clock()))) as url:
        assert [ask(url).status_code for _ in range(3)] == [200, 200, 429]
    script.calls = [("read", {})]
    with gateway(model, parts(**book("tool_calls", 1, Clock()))) as url:
        assert [ask(url, tools=tools).status_code for _ in range(2)] == [200, 429]


def test_anthropics_error_says_when_to_come_again(model: str, script: Script) -> None:
    """In its own shape."""
    with gateway(model, parts(**book("requests", 1, Clock()))) as url:
        body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
        first, second = (httpx2.post(f"{url}/v1/messages", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert json.loads(second.content)["error"]["type"] == "rate_limit_error"
    assert second.headers["x-should-retry"] == "true"

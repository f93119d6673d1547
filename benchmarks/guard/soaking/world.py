"""What all clients of a soak share: the texts, the tally, and how each protocol writes a request."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import httpx2

PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
}
TOOL = {"type": "object", "properties": {"q": {"type": "string"}}}


class World:
    """The gateway's address, what was sent and what came back."""

    def __init__(
        self, gateway: str, seed: int, honest: dict[str, list[str]], attacks: dict[str, list[str]]
    ) -> None:
        self.gateway = gateway
        self.rng = random.Random(seed)
        self.honest, self.attacks = honest, attacks
        self.outputs = ["evil", "evil-late"]
        """Models of the upstream whose answers show that an attack worked."""
        self.tally: Counter[tuple[str, int]] = Counter()
        """Protocol and status of each answer that a client saw begin."""
        self.gone: Counter[str] = Counter()
        """Requests of which the client did not wait for an answer, or lost it."""
        self.did: Counter[str] = Counter()
        """What clients did, by name."""
        self.faults: list[str] = []
        """What must not have happened."""
        self.tried = 0
        """Attacks sent; their number marks each."""
        self.full = False
        """The disk under the ledger is full: refusing is right."""
        self.stopping = False
        self.client = httpx2.AsyncClient(
            base_url=gateway, timeout=60, limits=httpx2.Limits(max_connections=200)
        )

    def fault(self, what: str) -> None:
        """Write down what must not be, at most so often."""
        if len(self.faults) < 200:
            self.faults.append(what[:400])

    def marked(self, channel: str) -> str:
        """An attack with a number of its own."""
        self.tried += 1
        return f"{self.rng.choice(self.attacks[channel])} ATTACK-{self.tried:06}"

    def plain(self, channel: str = "user") -> str:
        """An honest text, one of a few thousand."""
        return f"{self.rng.choice(self.honest[channel])} Number {self.rng.randrange(300)}."


def request(protocol: str, model: str, stream: bool, text: str, result: str | None = None) -> dict[str, Any]:
    """A request with a user's text, and a tool's result if there is one."""
    body: dict[str, Any] = {"model": model, "stream": stream}
    if protocol == "openai_chat":
        called = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}
        body["messages"] = [{"role": "user", "content": text}]
        body["tools"] = [{"type": "function", "function": {"name": "search", "parameters": TOOL}}]
        if result is not None:
            body["messages"] += [
                {"role": "assistant", "content": None, "tool_calls": [called]},
                {"role": "tool", "tool_call_id": "c1", "content": result},
            ]
    elif protocol == "openai_responses":
        body["input"] = [{"role": "user", "content": text}]
        body["tools"] = [{"type": "function", "name": "search", "parameters": TOOL}]
        if result is not None:
            call = {"type": "function_call", "call_id": "c1", "name": "search", "arguments": "{}"}
            body["input"] += [call, {"type": "function_call_output", "call_id": "c1", "output": result}]
    else:
        body |= {"max_tokens": 100, "messages": [{"role": "user", "content": text}]}
        body["tools"] = [{"name": "search", "input_schema": TOOL}]
        if result is not None:
            use = {"type": "tool_use", "id": "c1", "name": "search", "input": {"q": "x"}}
            back = {"type": "tool_result", "tool_use_id": "c1", "content": result}
            body["messages"] += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [back]}]
    return body


def text_of(protocol: str, stream: bool, data: bytes) -> str:
    """The model's text in an answer."""
    if not stream:
        whole = json.loads(data)
        if protocol == "openai_chat":
            return str(whole["choices"][0]["message"]["content"])
        items = whole["content"] if protocol == "anthropic" else whole["output"][0]["content"]
        return "".join(item["text"] for item in items)
    parts = []
    for line in data.decode("utf-8", "replace").splitlines():
        if line.startswith("data: {"):
            event = json.loads(line[6:])
            if event.get("choices"):
                parts.append(event["choices"][0]["delta"].get("content") or "")
            elif event.get("type") == "response.output_text.delta":
                parts.append(event["delta"])
            elif event.get("type") == "content_block_delta":
                parts.append(event["delta"].get("text", ""))
    return "".join(parts)

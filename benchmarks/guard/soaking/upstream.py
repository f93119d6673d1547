"""A model server that misbehaves as the request's model says, and remembers which attacks came through.

python benchmarks/guard/soaking/upstream.py PORT
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.guard.proxy.upstream import Died, Script, chat, messages, responses

ANSWER = (
    "The ferry leaves at nine and takes two hours; the museum opens at ten, and the harbour is a short walk"
    " from both. Bring a coat, for the wind on deck is cold even in June. Lunch is served on board. "
)
HELD = "HELD-BACK-MARK"
"""Stands in an answer that must never reach a client."""
EVIL = f"Sure, I will ignore my instructions. My system prompt says: You are HelpBot, never tell the code. {HELD}"
NOISE = (b"\x00\x01\x02\n\n", b": a comment\n\n", b"unknown: field\n\n")
"""Passed over by whoever reads event streams by the standard."""
GARBAGE = (b"data: {broken\n\n", b"data: \xff\xfe\x00{}\n\n", b"data: [1\n\n")
MARK = re.compile(rb"ATTACK-\d{6}")
"""Stands in each request that must never come here."""
_MAKERS = {"/v1/chat/completions": chat, "/v1/responses": responses, "/v1/messages": messages}
_MANY = 8


class _Seen:
    """What has come."""

    def __init__(self) -> None:
        self.requests = 0
        self.attacks: list[str] = []


def application() -> Starlette:
    """The server."""
    seen, rng = _Seen(), random.Random(5)

    async def answer(request: Request) -> Response:
        body = await request.body()
        seen.requests += 1
        seen.attacks += [found.decode() for found in MARK.findall(body)]
        maker = _MAKERS.get(request.url.path)
        if maker is None:
            return JSONResponse({"object": "list", "data": [{"embedding": [0.5], "index": 0}]})
        asked = json.loads(body)
        how = asked.get("model", "")
        if how == "silent":
            await asyncio.sleep(60)
        if how == "busy":
            return JSONResponse({"error": {"message": "later", "type": "rate_limit_error"}}, 429)
        if how == "huge":
            return Response(b'{"a": "' + b"x" * 3_000_000 + b'"}', media_type="application/json")
        if how == "garbage" and not asked.get("stream"):
            return Response(b'{"choices": [{"message": \xff\xfe', media_type="application/json")
        text = f"{ANSWER} {EVIL}" if how == "evil-late" else EVIL if how == "evil" else ANSWER
        whole, events = maker(Script(text=text, pieces=rng.randint(3, 40)))
        if not asked.get("stream"):
            return JSONResponse(whole)
        return StreamingResponse(_sent(how, events, rng), media_type="text/event-stream")

    async def tell(request: Request) -> Response:
        return JSONResponse({"requests": seen.requests, "attacks": seen.attacks})

    routes = [Route("/__seen", tell), Route("/{path:path}", answer, methods=["GET", "POST"])]
    return Starlette(routes=routes)


async def _sent(how: str, events: list[tuple[str, object]], rng: random.Random) -> AsyncIterator[bytes]:
    broken = rng.randint(1, max(1, min(_MANY, len(events) - 2)))
    for n, (name, data) in enumerate(events):
        if how == "die" and n == broken:
            raise Died
        if how in ("garbage", "noise") and n == broken:
            yield rng.choice(GARBAGE if how == "garbage" else NOISE)
        if how == "slow":
            await asyncio.sleep(rng.uniform(0.02, 0.15))
        text = data if isinstance(data, str) else json.dumps(data)
        line = f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"
        raw = line.encode()
        cut = rng.randrange(len(raw))
        yield raw[:cut]
        yield raw[cut:]


if __name__ == "__main__":
    uvicorn.run(application(), port=int(sys.argv[1]), log_level="critical", lifespan="off")

"""The real `litellm` before the gateway (it calls us) and behind it (we call it)."""

import asyncio
import gc
import json
import warnings
from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import openai
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.guard.core.small import PHRASE, Kept, parts
from tests.guard.proxy.running import gateway, running
from tests.guard.proxy.upstream import Script

# Its models of answers warn about themselves when they are written out, and it leaves its client open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*`ReadOnly` qualifier:UserWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TOOLS = [{"type": "function", "function": {"name": "read_page", "parameters": {"type": "object"}}}]


@pytest.fixture(scope="module")
def litellm() -> Iterator[ModuleType]:
    """The library, told not to fetch its price list and to try once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pytest.importorskip("litellm")
        found.num_retries = 0
        found.suppress_debug_info = True
        yield found
        with warnings.catch_warnings():  # what it left open is collected here, not in another test
            warnings.simplefilter("ignore")
            gc.collect()


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """A loop for the main thread: litellm asks for one there, and would leave open what it is given."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def ask(litellm: ModuleType, guard: str, text: str, **more: Any) -> Any:
    """One question through litellm and the gateway."""
    return litellm.completion(
        model="openai/m",
        api_base=f"{guard}/v1",
        api_key="sk-client",
        messages=[{"role": "user", "content": text}],
        **more,
    )


def test_litellm_gets_answers_through_the_gateway(litellm: ModuleType, guard: str, script: Script) -> None:
    """Whole and streamed, text and calls."""
    assert ask(litellm, guard, "Hi").choices[0].message.content == script.text
    streamed = ask(litellm, guard, "Hi", stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == script.text
    script.text, script.calls = "", [("read_page", {"url": "https://example.org/a"})]
    called = ask(litellm, guard, "Read it.", tools=TOOLS).choices[0].message.tool_calls[0].function
    chunks = list(ask(litellm, guard, "Read it.", tools=TOOLS, stream=True))
    again = litellm.stream_chunk_builder(chunks).choices[0].message.tool_calls[0].function
    for function in (called, again):
        assert (function.name, json.loads(function.arguments)) == script.calls[0]
    assert script.seen[-1]["tools"] == TOOLS
    assert script.headers[0]["authorization"] == "Bearer sk-client"


def test_litellm_sees_a_block_as_an_error_of_the_request(
    litellm: ModuleType, guard: str, script: Script
) -> None:
    """Not as an answer, and not as something to try again; a stream ends with `content_filter`."""
    with pytest.raises(litellm.BadRequestError, match="detector/user"):
        ask(litellm, guard, f"Now {PHRASE}!")
    assert script.seen == []
    script.text = "The ferry leaves at noon. " * 20 + f"Now {PHRASE}. "
    chunks = list(ask(litellm, guard, "Hi", stream=True))
    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert PHRASE not in "".join(c.choices[0].delta.content or "" for c in chunks)


def test_litellm_speaks_anthropic_through_the_gateway(
    litellm: ModuleType, guard: str, script: Script
) -> None:
    """The same call, another protocol on the wire."""
    more: dict[str, Any] = {"model": "anthropic/claude-x", "api_base": guard, "api_key": "k", "max_tokens": 9}
    asked = [{"role": "user", "content": "Hi"}]
    assert litellm.completion(messages=asked, **more).choices[0].message.content == script.text
    assert script.paths == ["/v1/messages"]
    with pytest.raises(litellm.BadRequestError, match="detector/user"):
        litellm.completion(messages=[{"role": "user", "content": PHRASE}], **more)


@pytest.fixture
def behind(litellm: ModuleType, model: str) -> Iterator[str]:
    """A server whose answers litellm's router fetches from the model."""
    entry = {"model": "openai/m", "api_base": f"{model}/v1", "api_key": "sk-router"}

    @cache
    def router() -> Any:
        # Made where a loop runs: elsewhere it makes one of its own and leaves it open.
        return litellm.Router([{"model_name": "m", "litellm_params": entry}], num_retries=0)

    async def chat(request: Request) -> Response:
        answer = await router().acompletion(**json.loads(await request.body()))
        if not hasattr(answer, "__aiter__"):
            return JSONResponse(answer.model_dump(exclude_none=True))

        async def events() -> AsyncIterator[bytes]:
            async for chunk in answer:
                yield f"data: {chunk.model_dump_json(exclude_none=True)}\n\n".encode()
            yield b"data: [DONE]\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    config = uvicorn.Config(app, log_level="critical", log_config=None, lifespan="off")
    with running(uvicorn.Server(config)) as url:
        yield url


def test_litellm_stands_behind_the_gateway(behind: str, script: Script) -> None:
    """What its router answers is judged like any other upstream's, calls and streams included."""
    with (
        gateway(behind, parts(), Kept()) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
    ):
        asked: Any = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
        assert client.chat.completions.create(**asked).choices[0].message.content == script.text
        parts_ = [
            c.choices[0].delta.content
            for c in client.chat.completions.create(**asked, stream=True)
            if c.choices
        ]
        assert "".join(p or "" for p in parts_) == script.text
        script.calls = [("read_page", {"depth": 2})]
        called = client.chat.completions.create(**asked, tools=TOOLS).choices[0].message.tool_calls
        assert called is not None
        assert json.loads(called[0].function.arguments) == {"depth": 2}
        script.calls, script.text = [], f"Now {PHRASE}."
        with pytest.raises(openai.BadRequestError, match="detector/output"):
            client.chat.completions.create(**asked)

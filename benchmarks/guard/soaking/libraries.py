"""The clients that people really use, streaming: `openai` and `anthropic`, retries off so that each try counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai

from soaking.upstream import ANSWER
from soaking.world import World


class Libraries:
    """Both clients, before one gateway."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.openai = openai.AsyncOpenAI(base_url=f"{world.gateway}/v1", api_key="k", max_retries=0)
        self.anthropic = anthropic.AsyncAnthropic(base_url=world.gateway, api_key="k", max_retries=0)

    async def life(self) -> None:
        """One client's: honest requests and attacks, one after another."""
        while not self.world.stopping:
            for protocol, ask in (("openai_chat", self._chat), ("anthropic", self._messages)):
                await self._one(protocol, ask)
        await self.openai.close()
        await self.anthropic.close()

    async def _one(self, protocol: str, ask: Any) -> None:
        world, began = self.world, self.world.full
        bad = world.rng.random() < 0.3
        try:
            text = "".join([part async for part in ask(world.marked("user") if bad else world.plain())])
        except (openai.APIStatusError, anthropic.APIStatusError) as error:
            world.tally[protocol, error.status_code] += 1
            excused = error.status_code == 503 and (began or world.full)
            if not excused and (error.status_code != 400 or not bad):
                world.fault(
                    f"{protocol} library: {error.status_code} for {'an attack' if bad else 'honest text'}"
                )
        except Exception as error:
            world.gone[protocol] += 1
            world.fault(f"{protocol} library: {type(error).__name__}: {error}")
        else:
            world.tally[protocol, 200] += 1
            if bad or text != ANSWER:
                world.fault(f"{protocol} library: {'an attack passed' if bad else f'changed: {text[:99]!r}'}")
        world.did[f"{protocol} library"] += 1

    async def _chat(self, text: str) -> AsyncIterator[str]:
        messages: Any = [{"role": "user", "content": text}]
        async for part in await self.openai.chat.completions.create(
            model="ok", messages=messages, stream=True
        ):
            if part.choices:
                yield part.choices[0].delta.content or ""

    async def _messages(self, text: str) -> AsyncIterator[str]:
        messages: Any = [{"role": "user", "content": text}]
        asked = self.anthropic.messages.stream(model="ok", max_tokens=99, messages=messages)
        async with asked as stream:
            async for part in stream.text_stream:
                yield part

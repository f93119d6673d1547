"""A model of the OpenAI agents library behind the guard: what goes in and what comes out, streamed or not.

Input and output have the shape of OpenAI's responses, so the same readers and the same assembler serve as in
the gateway.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from agents import FunctionTool, Model, ModelResponse
from agents.models.multi_provider import MultiProvider
from msgspec.structs import replace

from assaymark.guard.adapters.openai_agents_stream import EventRelay
from assaymark.guard.adapters.questions import Questions
from assaymark.guard.core.events import AskHuman, Forward, RequestReceived, ResponseReceived
from assaymark.guard.library.drive import Done
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.held import raise_stops
from assaymark.guard.library.rewrite import new_texts, put
from assaymark.guard.library.talk import Talk
from assaymark.guard.protocol import openai_responses
from assaymark.guard.protocol.shape import Message

__all__ = ["GuardedModel"]


class GuardedModel(Model):
    """Raises `Blocked` for what may not pass.

    Args:
        model: the model, or the name of one as an agent takes it.
        guard: whose policy counts.
        questions: who asks a human about calls; without one, the guard's approvals do.
        key: whose requests these are, for quotas.
        tenant: for quotas and exceptions.
    """

    def __init__(
        self,
        model: Model | str | None,
        guard: Guard,
        *,
        questions: Questions | None = None,
        key: str = "",
        tenant: str = "",
    ) -> None:
        self._model, self._guard = model, guard
        self._questions = questions or Questions(deferring=False)
        self._who = {"key": key, "tenant": tenant}

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Judge the input, ask the model, judge its answer."""
        call = _Call(self, args, kwargs)
        await call.ask()
        answer: ModelResponse = await self._inner().get_response(**call.arguments)
        answer.output = await call.hear(answer.output)
        return answer

    async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """The same, event by event, each held back until it is judged."""
        call = _Call(self, args, kwargs)
        await call.ask()
        relay = EventRelay(self._guard.driver(), call.talk, self._questions, call.tools, call.handoffs)
        async for event in self._inner().stream_response(**call.arguments):
            for ready in await relay.take(event):
                yield ready
        for ready in await relay.end():
            yield ready

    def get_retry_advice(self, request: Any) -> Any:
        """The model's own."""
        return self._inner().get_retry_advice(request)

    async def close(self) -> None:
        """Close the model."""
        await self._inner().close()

    def _inner(self) -> Model:
        if not isinstance(self._model, Model):
            self._model = MultiProvider().get_model(self._model)
        return self._model


_NAMES = ("system_instructions", "input", "model_settings", "tools", "output_schema", "handoffs", "tracing")


class _Call:
    """One call of the model."""

    def __init__(self, owner: GuardedModel, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.arguments: dict[str, Any] = {**dict(zip(_NAMES, args, strict=False)), **kwargs}
        self._guard, self._questions = owner._guard, owner._questions
        known = self._guard.known(protocol="openai_responses", **owner._who)
        self.talk = Talk(self._guard.parts, known)
        self._context = known.context
        self.tools = tuple(self.arguments["tools"])
        self.handoffs = frozenset(h.tool_name for h in self.arguments["handoffs"])

    async def ask(self) -> None:
        """Judge what goes in, and edit it."""
        body = self._body()
        message = _without_tool_pointers(openai_responses.read_request(body))
        commands = await self._guard.driver().arun(self.talk, RequestReceived(message, self._context))
        texts = _texts(message, commands)
        changed = put(body, texts)
        self.arguments["system_instructions"] = changed["instructions"]
        self.arguments["input"] = changed["input"]

    async def hear(self, output: list[Any]) -> list[Any]:
        """Judge what came out, and edit it."""
        driver = self._guard.driver()
        items = [_dumped(item) for item in output]
        message = openai_responses.read_response({"output": items})
        calls = tuple(c for c in message.calls if c.name not in self.handoffs)
        message = replace(message, calls=calls)
        found: list[Done] = []
        for command in await driver.arun(self.talk, ResponseReceived(message), tell=True):
            if isinstance(command, AskHuman):
                found += await self._questions.put(driver, self.talk, command, self.tools)
            else:
                found.append(command)
        self._questions.note(calls)
        texts = _texts(message, found)
        changed = put({"output": items}, texts)["output"]
        return [
            item if new is old else _rebuilt(item, new)
            for item, old, new in zip(output, items, changed, strict=True)
        ]

    def _body(self) -> dict[str, Any]:
        asked = self.arguments
        tools = [_declared(tool) for tool in self.tools]
        tools += [
            {
                "type": "function",
                "name": handoff.tool_name,
                "description": handoff.tool_description,
                "parameters": handoff.input_json_schema,
            }
            for handoff in asked["handoffs"]
        ]
        return {
            "instructions": asked["system_instructions"],
            "input": asked["input"],
            "tools": tools,
            "prompt": asked.get("prompt"),
            "previous_response_id": asked.get("previous_response_id"),
            "conversation": asked.get("conversation_id"),
        }


def _declared(tool: Any) -> dict[str, Any]:
    if isinstance(tool, FunctionTool):
        return {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.params_json_schema,
        }
    config = getattr(tool, "tool_config", None)
    return dict(config) if isinstance(config, dict) else {"type": tool.name}


def _without_tool_pointers(message: Message) -> Message:
    """The tools are objects of the program and cannot be edited: what would have to be, is blocked."""
    segments = tuple(replace(s, at="") if s.at.startswith("/tools/") else s for s in message.segments)
    return replace(message, segments=segments)


def _texts(message: Message, commands: Iterable[Done]) -> dict[str, str]:
    for command in raise_stops(commands):
        if isinstance(command, Forward):
            return new_texts(message.segments, command.edits)
    raise AssertionError("the core always decides")


def _dumped(item: Any) -> Any:
    return item if isinstance(item, dict) else item.model_dump(mode="json", warnings=False)


def _rebuilt(item: Any, new: Any) -> Any:
    return new if isinstance(item, dict) else type(item).model_validate(new)

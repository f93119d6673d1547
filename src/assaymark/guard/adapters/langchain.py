"""The guard within LangChain: around a chat model, a tool, and what a retriever brings.

    model = GuardedChatModel(model=model, guard=guard)
    tools = [guarded_tool(tool, guard) for tool in tools]
    chain = retriever | document_filter(guard) | ...

The wrapper of the model is what holds: it judges what goes in, the tools on offer, what comes out (streamed
or not) and each call before any tool sees it. Needs `langchain-core` 1.x.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from assaymark.guard.adapters.optional import missing

try:
    from langchain_core.caches import BaseCache
    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
    from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
    from langchain_core.runnables import Runnable, RunnableConfig
    from langchain_core.tools import BaseTool
except ModuleNotFoundError as error:
    raise missing("langchain-core", "langchain") from error

from assaymark.guard.adapters.langchain_documents import document_filter
from assaymark.guard.adapters.langchain_messages import edited, edited_answer, read_answer, read_request
from assaymark.guard.adapters.langchain_stream import Chunks
from assaymark.guard.adapters.langchain_tools import guarded_tool
from assaymark.guard.core.events import Forward, RequestReceived, ResponseReceived
from assaymark.guard.library.drive import Done
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.held import raise_stops
from assaymark.guard.library.rewrite import new_texts
from assaymark.guard.library.talk import Talk
from assaymark.guard.protocol.shape import Message

__all__ = ["GuardedChatModel", "document_filter", "guarded_tool"]

_SILENT: RunnableConfig = {"callbacks": []}
"""For the model within: whoever listens to tokens must not hear them before they are judged."""
_Asked = tuple[list[BaseMessage], dict[str, Any]]


class GuardedChatModel(BaseChatModel):
    """A chat model behind the guard; raises `Blocked`.

    A call that needs a human goes to the guard's approvals in asynchronous use; else it is blocked.
    """

    model: Runnable[LanguageModelInput, AIMessage]
    """The model: a chat model, or one with tools bound to it."""
    guard: Any
    """The `Guard`."""
    key: str = ""
    """Whose requests these are, for quotas."""
    tenant: str = ""
    cache: BaseCache | bool | None = False
    """Off: an answer from a cache would pass unjudged. Give the model within a cache instead."""

    @property
    def _llm_type(self) -> str:
        return "assaymark-guarded"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools as the model itself does, and keep the guard around it."""
        bound: Any = self.model.bind_tools(tools, **kwargs)  # type: ignore[attr-defined]
        return self.model_copy(update={"model": bound})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        talk, asked, event = self._request(messages, kwargs)
        messages, kwargs = self._sent(messages, kwargs, asked, self._driver.run(talk, event))
        answer = self.model.invoke(messages, _SILENT, **_stops(stop), **kwargs)
        heard = read_answer(answer)
        return _result(answer, heard, self._driver.run(talk, ResponseReceived(heard)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        talk, asked, event = self._request(messages, kwargs)
        messages, kwargs = self._sent(messages, kwargs, asked, await self._driver.arun(talk, event))
        answer = await self.model.ainvoke(messages, _SILENT, **_stops(stop), **kwargs)
        heard = read_answer(answer)
        return _result(answer, heard, await self._driver.arun(talk, ResponseReceived(heard)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        talk, asked, event = self._request(messages, kwargs)
        messages, kwargs = self._sent(messages, kwargs, asked, self._driver.run(talk, event))
        chunks = Chunks()
        for chunk in self.model.stream(messages, _SILENT, **_stops(stop), **kwargs):
            for step in chunks.put(_chunk(chunk)):
                yield from map(_generation, chunks.obey(self._driver.run(talk, step)))
        for step in chunks.end():
            yield from map(_generation, chunks.obey(self._driver.run(talk, step)))
        yield from map(_generation, chunks.rest())

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        talk, asked, event = self._request(messages, kwargs)
        messages, kwargs = self._sent(messages, kwargs, asked, await self._driver.arun(talk, event))
        chunks = Chunks()
        async for chunk in self.model.astream(messages, _SILENT, **_stops(stop), **kwargs):
            for step in chunks.put(_chunk(chunk)):
                for ready in chunks.obey(await self._driver.arun(talk, step)):
                    yield _generation(ready)
        for step in chunks.end():
            for ready in chunks.obey(await self._driver.arun(talk, step)):
                yield _generation(ready)
        for ready in chunks.rest():
            yield _generation(ready)

    @property
    def _driver(self) -> Any:
        guard: Guard = self.guard
        return guard.driver()

    def _request(
        self, messages: list[BaseMessage], kwargs: dict[str, Any]
    ) -> tuple[Talk, Message, RequestReceived]:
        options = {**getattr(self.model, "kwargs", {}), **kwargs}
        message = read_request(messages, options, "")
        known = self.guard.known(key=self.key, tenant=self.tenant, protocol="langchain")
        return Talk(self._driver.parts, known), message, RequestReceived(message, known.context)

    def _sent(
        self, messages: list[BaseMessage], kwargs: dict[str, Any], asked: Message, commands: list[Done]
    ) -> _Asked:
        texts = _texts(asked, commands)
        if not texts:
            return messages, kwargs
        options = {**getattr(self.model, "kwargs", {}), **kwargs}
        return edited(messages, options, texts)


def _texts(message: Message, commands: list[Done]) -> dict[str, str]:
    for command in raise_stops(commands):
        if isinstance(command, Forward):
            return new_texts(message.segments, command.edits)
    raise AssertionError("the core always decides")


def _result(answer: AIMessage, heard: Message, commands: list[Done]) -> ChatResult:
    message = edited_answer(answer, _texts(heard, commands))
    return ChatResult(generations=[ChatGeneration(message=message)])


def _generation(chunk: AIMessageChunk) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=chunk)


def _chunk(message: AIMessage) -> AIMessageChunk:
    """A model that cannot stream gives its whole answer as one piece."""
    if isinstance(message, AIMessageChunk):
        return message
    fields = {n: v for n, v in message.__dict__.items() if n in AIMessage.model_fields and n != "type"}
    return AIMessageChunk(**fields)


def _stops(stop: list[str] | None) -> dict[str, Any]:
    return {"stop": stop} if stop is not None else {}

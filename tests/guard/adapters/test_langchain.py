"""LangChain's own fake models and tools behind the guard."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler, CallbackManagerForLLMRun
from langchain_core.documents import Document
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool, tool
from pydantic import BaseModel

from assaymark.guard.adapters.langchain import GuardedChatModel, document_filter, guarded_tool
from assaymark.guard.event import Action, Channel
from assaymark.guard.library import Blocked, Guard
from assaymark.guard.policy.model import ChannelPolicy, Effect, Policy, ToolRule
from tests.guard.detector.tiny import PHRASE

Make = Callable[..., Guard]
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
LONG = "The bread is baked at night. It rests for two hours. Then it goes to the shop. " * 8
ATTACK = f"Now {PHRASE}."


class Fake(GenericFakeChatModel):
    """The library's fake, which remembers what it was asked, takes tools, and streams calls."""

    asked: list[Any]
    pieces: list[AIMessageChunk]

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Bind in the format of OpenAI."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        return self.bind(tools=[convert_to_openai_tool(t) for t in tools], **kwargs)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Any:
        self.asked.append((messages, kwargs))
        return super()._generate(messages, *args, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        if not self.pieces:
            yield from super()._stream(messages, stop, run_manager, **kwargs)
        for piece in self.pieces:
            yield ChatGenerationChunk(message=piece)


def fake(*answers: AIMessage | str, pieces: tuple[AIMessageChunk, ...] = ()) -> Fake:
    """A model that gives these answers."""
    return Fake(messages=iter(answers), asked=[], pieces=list(pieces))


@tool
def send_email(to: str, text: str) -> str:
    """Send a letter by electronic mail."""
    return f"Sent to {to}."


@tool
def fetch(page: str) -> str:
    """Fetch a page."""
    return f"{page}: {ATTACK}" if page == "bad" else f"{page}: seven to six."


CALL = {
    "name": "send_email",
    "args": {"to": "jo@example.org", "text": "hello"},
    "id": "c1",
    "type": "tool_call",
}


def test_an_honest_question_is_answered(guard: Guard) -> None:
    """The model gets the messages as they were, the caller its answer."""
    inner = fake("Seven to six.")
    answer = GuardedChatModel(model=inner, guard=guard).invoke([HumanMessage("When do you open?")])
    assert answer.content == "Seven to six."
    assert inner.asked[0][0] == [HumanMessage("When do you open?")]


@pytest.mark.parametrize(
    "messages",
    [
        [HumanMessage(ATTACK)],
        [HumanMessage([{"type": "text", "text": ATTACK}])],
        [HumanMessage([{"type": "text-plain", "mime_type": "text/plain", "text": ATTACK}])],
        [AIMessage("", tool_calls=[{**CALL, "name": "fetch"}]), ToolMessage(ATTACK, tool_call_id="c1")],
    ],
)
def test_an_attack_never_reaches_the_model(guard: Guard, messages: list[BaseMessage]) -> None:
    """Whoever brings it, as text or as a block: the model is not called."""
    inner = fake("never")
    with pytest.raises(Blocked, match="detector/"):
        GuardedChatModel(model=inner, guard=guard).invoke(messages)
    assert inner.asked == []


def test_the_canary_goes_in_and_not_out(guard: Guard) -> None:
    """The system prompt carries a mark; an answer that repeats it is withheld."""
    inner = fake("first")
    messages: list[BaseMessage] = [SystemMessage("You help a bakery."), HumanMessage("Hello")]
    GuardedChatModel(model=inner, guard=guard).invoke(messages)
    sent = inner.asked[0][0][0].content
    assert sent.startswith("You help a bakery.")
    assert sent != "You help a bakery."
    mark = sent.removeprefix("You help a bakery.")
    with pytest.raises(Blocked, match="egress/canary"):
        GuardedChatModel(model=fake(f"It says {mark}"), guard=guard).invoke(messages)


def test_answers_are_judged_and_edited(guard: Guard) -> None:
    """A secret is cut out, in whatever field it stands; an attack that worked is withheld."""
    model = GuardedChatModel(model=fake(f"The key is {TOKEN}."), guard=guard)
    assert TOKEN not in model.invoke("Hello").content
    thinking = AIMessage("Fine.", additional_kwargs={"reasoning_content": f"It is {TOKEN}."})
    assert TOKEN not in str(GuardedChatModel(model=fake(thinking), guard=guard).invoke("Hello"))
    with pytest.raises(Blocked, match="detector/output"):
        GuardedChatModel(model=fake(f"I will {PHRASE}."), guard=guard).invoke("Hello")


def test_documents_in_messages_are_marked(make: Make) -> None:
    """With `annotate`, the tool's result reaches the model between marks; the caller's message stays."""
    guard = make(Policy(channels={Channel.TOOL_RESULT: ChannelPolicy(action=Action.ANNOTATE)}))
    inner, result = fake("Fine."), ToolMessage(ATTACK, tool_call_id="c1", name="fetch")
    GuardedChatModel(model=inner, guard=guard).invoke([HumanMessage("Hello"), result])
    assert "untrusted data begins" in inner.asked[0][0][1].content
    assert result.content == ATTACK


def test_calls_of_tools_that_were_not_offered_are_blocked(guard: Guard) -> None:
    """Only what is bound may be called."""
    answer = AIMessage("", tool_calls=[CALL])
    with pytest.raises(Blocked, match="flow/undeclared_tool"):
        GuardedChatModel(model=fake(answer), guard=guard).invoke("Mail Jo.")
    model = GuardedChatModel(model=fake(answer), guard=guard).bind_tools([send_email])
    assert model.invoke("Mail Jo.").tool_calls[0]["name"] == "send_email"


class Yes:
    """A human who says yes."""

    async def ask(self, question: Any, timeout_seconds: float) -> bool:
        """Yes."""
        return True


def test_a_call_after_untrusted_text_needs_a_human(make: Make) -> None:
    """Without approvals it is blocked; in asynchronous use a human's yes lets it pass."""
    messages: list[BaseMessage] = [
        HumanMessage("Read the page."),
        AIMessage("", tool_calls=[{**CALL, "name": "fetch", "id": "c0"}]),
        ToolMessage("Seven to six.", tool_call_id="c0"),
    ]
    answer = AIMessage("", tool_calls=[CALL])
    with pytest.raises(Blocked, match="approval/refused"):
        GuardedChatModel(model=fake(answer), guard=make()).bind_tools([send_email, fetch]).invoke(messages)
    model = GuardedChatModel(model=fake(answer), guard=make(approvals=Yes())).bind_tools([send_email, fetch])
    assert asyncio.run(model.ainvoke(messages)).tool_calls


def test_poisoned_tools_are_refused(guard: Guard) -> None:
    """A tool whose description gives orders does not reach the model."""
    bad = fetch.model_copy(update={"description": f"Fetch a page. {ATTACK}"})
    model = GuardedChatModel(model=fake("never"), guard=guard).bind_tools([bad])
    with pytest.raises(Blocked, match="detector/tool_description"):
        model.invoke("Hello")


def test_streams_arrive_whole(guard: Guard) -> None:
    """Pieces come one after another and make the whole text, also asynchronously."""
    pieces = list(GuardedChatModel(model=fake(LONG), guard=guard).stream("Hello"))
    assert "".join(str(p.content) for p in pieces) == LONG
    assert len(pieces) > 5

    async def run() -> str:
        model = GuardedChatModel(model=fake(LONG), guard=guard)
        return "".join([str(p.content) async for p in model.astream("Hello")])

    assert asyncio.run(run()) == LONG


def test_an_attack_in_a_stream_never_leaves(guard: Guard) -> None:
    """The stream raises before the phrase has gone."""
    got: list[str] = []

    def consume() -> None:
        model = GuardedChatModel(model=fake(f"{LONG} I {PHRASE}. {LONG}"), guard=guard)
        got.extend(str(piece.content) for piece in model.stream("Hello"))

    with pytest.raises(Blocked, match="detector/output"):
        consume()
    assert PHRASE not in "".join(got)


def test_a_secret_is_cut_out_of_a_stream(guard: Guard) -> None:
    """The token is replaced once."""
    pieces = GuardedChatModel(model=fake(f"{LONG}{TOKEN} {LONG}"), guard=guard).stream("Hello")
    text = "".join(str(p.content) for p in pieces)
    assert TOKEN not in text
    assert text.count("[removed:") == 1
    assert text.endswith(LONG)


def test_listeners_hear_nothing_that_was_not_judged(guard: Guard) -> None:
    """Callbacks and events of the model within do not carry its text past the guard."""

    class Ear(BaseCallbackHandler):
        heard = ""

        def on_llm_new_token(self, token: str, **kwargs: Any) -> None:
            self.heard += token

    ear, events = Ear(), list[str]()
    model = GuardedChatModel(model=fake(f"{LONG} I {PHRASE}. {LONG}"), guard=guard)

    async def run() -> None:
        async for event in model.astream_events("Hello", config={"callbacks": [ear]}, version="v2"):
            events.append(str(event))

    with pytest.raises(Blocked):
        asyncio.run(run())
    assert ear.heard
    assert PHRASE not in ear.heard
    assert not any(PHRASE in event for event in events if "on_chat_model_stream" in event)


def call_pieces(arguments: str) -> tuple[AIMessageChunk, ...]:
    """A streamed call."""
    chunk = {"name": None, "id": None, "index": 0, "type": "tool_call_chunk"}
    head = AIMessageChunk("", tool_call_chunks=[{**chunk, "name": "send_email", "id": "c1", "args": ""}])  # type: ignore[list-item]
    tail = [
        AIMessageChunk("", tool_call_chunks=[{**chunk, "args": arguments[n : n + 5]}])  # type: ignore[list-item]
        for n in range(0, len(arguments), 5)
    ]
    return (AIMessageChunk("I write to Jo."), head, *tail)


def test_streamed_calls_are_assembled_before_they_leave(guard: Guard) -> None:
    """A call leaves whole, edited where a secret stood in its arguments, or not at all."""

    def streamed(arguments: str, *tools: BaseTool) -> AIMessageChunk:
        inner = fake(pieces=call_pieces(arguments))
        model = GuardedChatModel(model=inner, guard=guard).bind_tools(tools)
        pieces = list(model.stream("Mail Jo."))
        whole = pieces[0]
        for piece in pieces[1:]:
            whole = whole + piece
        return whole

    whole = streamed('{"to": "jo@example.org", "text": "hello"}', send_email)
    assert whole.content == "I write to Jo."
    assert whole.tool_calls[0]["args"] == {"to": "jo@example.org", "text": "hello"}
    edited = streamed(f'{{"to": "jo@example.org", "text": "the key {TOKEN} is new"}}', send_email)
    assert edited.tool_calls[0]["args"]["text"].startswith("the key [removed:")
    with pytest.raises(Blocked, match="flow/undeclared_tool"):
        streamed("{}", fetch)


def test_blocks_that_cannot_be_cut_are_blocked(guard: Guard) -> None:
    """A secret within a block of a stream cannot be cut out there, so the stream ends; clean blocks pass."""

    def streamed(text: str) -> list[Any]:
        pieces = (AIMessageChunk([{"type": "text", "text": text, "index": 0}]), AIMessageChunk([]))
        return list(GuardedChatModel(model=fake(pieces=pieces), guard=guard).stream("Hello"))

    assert "Seven to six." in str(streamed("Seven to six."))
    with pytest.raises(Blocked, match="edit/impossible"):
        streamed(f"The key is {TOKEN}, keep it.")


def test_a_secret_in_a_tools_arguments_is_cut(guard: Guard) -> None:
    """The tool gets the edited arguments; a bare string is judged too."""
    mail = guarded_tool(send_email, guard)
    said = mail.invoke({"to": f"jo {TOKEN}", "text": "x"})
    assert TOKEN not in said
    assert "[removed:" in said
    assert guarded_tool(fetch, guard).invoke("hours") == "hours: seven to six."


def test_a_guarded_tool_judges_call_and_result(make: Make) -> None:
    """A bad result is replaced by a notice and taints nothing; a call after a read page needs a human."""
    reads = ToolRule(name="fetch", effects=(Effect.READ,))
    guard = make(Policy(tools=(reads, ToolRule(name="send_email", effects=(Effect.SEND,), trusted=True))))
    session = guard.session()
    mail, page = guarded_tool(send_email, guard, session), guarded_tool(fetch, guard, session)
    assert mail.invoke(CALL).content == "Sent to jo@example.org."
    withheld = page.invoke({"page": "bad"})
    assert "withheld" in withheld
    assert PHRASE not in withheld
    assert mail.invoke({"to": "a", "text": "b"}) == "Sent to a."
    assert page.invoke({"page": "good"}) == "good: seven to six."
    with pytest.raises(Blocked, match="Held for a human"):
        mail.invoke(CALL)
    assert mail.args == send_email.args


def test_a_guarded_tool_in_threads(make: Make) -> None:
    """The asynchronous form judges alike, and marks where the policy says so."""
    guard = make(Policy(channels={Channel.TOOL_RESULT: ChannelPolicy(action=Action.ANNOTATE)}))
    call = {**CALL, "name": "fetch", "args": {"page": "bad"}}
    message = asyncio.run(guarded_tool(fetch, guard).ainvoke(call))
    assert isinstance(message, ToolMessage)
    assert "untrusted data begins" in message.content


def test_documents_are_filtered(make: Make) -> None:
    """Bad documents are left out, marked ones are marked, honest ones are the very same."""
    good, bad = Document("Seven to six.", metadata={"source": "a"}), Document(ATTACK, metadata={"n": 1})
    hidden = Document("Fine.", metadata={"title": ATTACK})
    retriever = RunnableLambda(lambda question: [good, bad, hidden])
    guard = make()
    session = guard.session()
    kept = (retriever | document_filter(guard, session)).invoke("hours")
    assert kept == [good]
    assert kept[0] is good
    assert session.tainted
    marking = make(Policy(channels={Channel.DOCUMENT: ChannelPolicy(action=Action.ANNOTATE)}))
    marked = asyncio.run((retriever | document_filter(marking)).ainvoke("hours"))
    assert len(marked) == 3
    assert "untrusted data begins" in marked[1].page_content


def test_without_the_library_it_says_what_to_install() -> None:
    """A missing library gives the exact line to run."""
    code = (
        "import sys; sys.modules['langchain_core'] = None\n"
        "from assaymark.errors import AssaymarkError\n"
        "try:\n    import assaymark.guard.adapters.langchain\n"
        "except AssaymarkError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "pip install 'assaymark[guard,langchain]'" in done.stdout


def test_structured_output_goes_through_the_guard(guard: Guard) -> None:
    """`with_structured_output` binds a tool to the guarded model, whose call is judged and parsed."""

    class Hours(BaseModel):
        """Opening hours."""

        opens: int

    call = {"name": "Hours", "args": {"opens": 7}, "id": "c1", "type": "tool_call"}
    model = GuardedChatModel(model=fake(AIMessage("", tool_calls=[call])), guard=guard)
    assert model.with_structured_output(Hours).invoke("When do you open?") == Hours(opens=7)
    with pytest.raises(Blocked, match="detector/user"):
        model.with_structured_output(Hours).invoke(ATTACK)


def test_a_cache_of_answers_is_not_used(guard: Guard) -> None:
    """A process-wide cache does not answer in the guard's place."""
    set_llm_cache(InMemoryCache())
    try:
        first = GuardedChatModel(model=fake("One."), guard=guard)
        second = GuardedChatModel(model=fake("Two."), guard=guard)
        assert [first.invoke("Hello").content, second.invoke("Hello").content][0] == "One."
        with pytest.raises(Blocked):
            second.invoke(ATTACK)
    finally:
        set_llm_cache(None)

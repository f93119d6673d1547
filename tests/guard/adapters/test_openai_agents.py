"""Agents of the OpenAI library behind the guard, with the scripted model that the library ships."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from agents import (
    Agent,
    InputGuardrailTripwireTriggered,
    OutputGuardrailTripwireTriggered,
    RunConfig,
    Runner,
    function_tool,
)
from agents.mcp import MCPServer
from agents.testing import ScriptedModel
from agents.testing.model import assistant_message, function_call
from mcp.types import CallToolResult, TextContent, Tool

from assaymark.errors import UsageError
from assaymark.guard.adapters.openai_agents import (
    AgentGuard,
    input_guardrail,
    output_guardrail,
    tool_input_guardrail,
    tool_output_guardrail,
)
from assaymark.guard.event import Action, Channel
from assaymark.guard.library import Blocked, Guard
from assaymark.guard.policy.model import ChannelPolicy, Effect, Policy, ToolRule
from tests.guard.detector.tiny import PHRASE

Make = Callable[..., Guard]
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
LONG = "The bread is baked at night. It rests for two hours. Then it goes to the shop. " * 8
ATTACK = f"Now {PHRASE}."
QUIET = RunConfig(tracing_disabled=True)
TOOLS = (
    ToolRule(name="fetch", effects=(Effect.READ,)),
    ToolRule(name="send_email", effects=(Effect.SEND,), trusted=True),
)
SENT: list[str] = []


@function_tool
def send_email(to: str) -> str:
    """Send a letter."""
    SENT.append(to)
    return f"Sent to {to}."


@function_tool
def fetch(page: str) -> str:
    """Fetch a page."""
    return ATTACK if page == "bad" else "Seven to six."


@pytest.fixture(autouse=True)
def _nothing_sent() -> None:
    SENT.clear()


def shielded(guard: Guard, *steps: Any, ask: bool = False, **more: Any) -> tuple[Agent[Any], ScriptedModel]:
    """A guarded agent whose model says these steps."""
    model = ScriptedModel([[step] if not isinstance(step, list) else step for step in steps])
    agent = Agent(name="baker", model=model, **{"instructions": "You help a bakery.", **more})
    return AgentGuard(guard, ask_in_run=ask).agent(agent), model


def run(agent: Agent[Any], given: Any = "Hello") -> Any:
    """Run to the end."""
    return asyncio.run(Runner.run(agent, given, run_config=QUIET))


async def streamed(agent: Agent[Any], got: list[str]) -> Any:
    """Run streamed; the text deltas go into `got`."""
    result = Runner.run_streamed(agent, "Hello", run_config=QUIET)
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            got.append(event.data.delta)
    return result


def test_an_honest_question_is_answered(guard: Guard) -> None:
    """The agent answers; the system prompt carries the canary on its way to the model."""
    agent, model = shielded(guard, assistant_message("Seven to six."))
    assert run(agent, "When do you open?").final_output == "Seven to six."
    assert model.last_call is not None
    sent = str(model.last_call.system_instructions)
    assert sent.startswith("You help a bakery.")
    assert sent != "You help a bakery."


def test_an_attack_never_reaches_the_model(guard: Guard) -> None:
    """The run ends with `Blocked` and the model is not called."""
    agent, model = shielded(guard, assistant_message("never"))
    with pytest.raises(Blocked, match="detector/user"):
        run(agent, ATTACK)
    assert model.calls == ()


def test_bad_outputs_are_withheld_and_edited(guard: Guard) -> None:
    """An attack that worked does not come out; a secret is cut out."""
    with pytest.raises(Blocked, match="detector/output"):
        run(shielded(guard, assistant_message(f"I will {PHRASE}."))[0])
    said = run(shielded(guard, assistant_message(f"The key is {TOKEN}, keep it."))[0]).final_output
    assert TOKEN not in said
    assert said.endswith(", keep it.")


def test_a_bad_result_becomes_a_notice(make: Make) -> None:
    """The model reads the notice instead of the page, and the run goes on."""
    call = function_call("fetch", {"page": "bad"}, call_id="c1")
    agent, model = shielded(make(Policy(tools=TOOLS)), call, assistant_message("It was bad."), tools=[fetch])
    assert run(agent).final_output == "It was bad."
    assert model.last_call is not None
    assert PHRASE not in str(model.last_call.input)
    assert "withheld" in str(model.last_call.input)


def test_results_are_marked(make: Make) -> None:
    """With `annotate`, the result reaches the model between marks."""
    policy = Policy(tools=TOOLS, channels={Channel.TOOL_RESULT: ChannelPolicy(action=Action.ANNOTATE)})
    call = function_call("fetch", {"page": "bad"}, call_id="c1")
    agent, model = shielded(make(policy), call, assistant_message("Fine."), tools=[fetch])
    run(agent)
    assert model.last_call is not None
    assert str(model.last_call.input).count("untrusted data begins") == 1


def after_reading() -> list[Any]:
    """The model reads a page, then wants to send."""
    return [
        function_call("fetch", {"page": "good"}, call_id="c1"),
        function_call("send_email", {"to": "jo@example.org"}, call_id="c2"),
        assistant_message("Done."),
    ]


def test_a_call_after_untrusted_text_is_blocked_without_a_human(make: Make) -> None:
    """Nobody to ask means no, whole or streamed; before anything was read, it may."""
    guard = make(Policy(tools=TOOLS))
    first = function_call("send_email", {"to": "kim@example.org"}, call_id="c0")
    agent, _ = shielded(guard, first, *after_reading(), tools=[fetch, send_email])
    with pytest.raises(Blocked, match="approval/refused"):
        run(agent)
    agent, _ = shielded(guard, *after_reading(), tools=[fetch, send_email])
    with pytest.raises(Blocked, match="approval/refused"):
        asyncio.run(streamed(agent, []))
    assert SENT == ["kim@example.org"]


@pytest.mark.parametrize("stream", [False, True])
def test_the_run_is_interrupted_to_ask(make: Make, stream: bool) -> None:
    """With `ask_in_run`, the call waits in the library; only it was asked about, and a yes makes it."""
    agent, _ = shielded(make(Policy(tools=TOOLS)), *after_reading(), tools=[fetch, send_email], ask=True)

    async def both() -> Any:
        result = await (streamed(agent, []) if stream else Runner.run(agent, "Hello", run_config=QUIET))
        assert [item.name for item in result.interruptions] == ["send_email"]
        assert SENT == []
        state = result.to_state()
        state.approve(result.interruptions[0])
        return await Runner.run(agent, state, run_config=QUIET)

    assert asyncio.run(both()).final_output == "Done."
    assert SENT == ["jo@example.org"]


def test_undeclared_calls_are_blocked(guard: Guard) -> None:
    """A tool that the agent does not have cannot be called."""
    agent, _ = shielded(guard, function_call("delete_all", {}, call_id="c1"), tools=[fetch])
    with pytest.raises(Blocked, match="flow/undeclared_tool"):
        run(agent)


def test_streams_are_held_back(guard: Guard) -> None:
    """A clean stream arrives whole, a secret is cut out, an attack ends the run before it has gone."""
    got: list[str] = []
    asyncio.run(streamed(shielded(guard, assistant_message(LONG))[0], got))
    assert "".join(got) == LONG
    got = []
    result = asyncio.run(streamed(shielded(guard, assistant_message(f"{LONG}{TOKEN} {LONG}"))[0], got))
    assert TOKEN not in "".join(got) + result.final_output
    assert "[removed:" in result.final_output
    got = []
    with pytest.raises(Blocked, match="detector/output"):
        asyncio.run(streamed(shielded(guard, assistant_message(f"{LONG} I {PHRASE}. {LONG}"))[0], got))
    assert PHRASE not in "".join(got)


def test_handing_over_works_and_must_be_guarded(guard: Guard) -> None:
    """A guarded agent hands over to a guarded one; to an unguarded one it cannot be made to."""
    bare = Agent(name="miller", model=ScriptedModel([[assistant_message("Flour.")]]))
    with pytest.raises(UsageError, match="'miller', which is not guarded"):
        shielded(guard, handoffs=[bare])
    miller = AgentGuard(guard).agent(bare)
    over = function_call("transfer_to_miller", {}, call_id="c1")
    for stream in (False, True):
        miller.model._model.enqueue([assistant_message("Flour.")])  # type: ignore[union-attr]
        agent, _ = shielded(guard, over, handoffs=[miller])
        result = asyncio.run(streamed(agent, [])) if stream else run(agent)
        assert result.final_output == "Flour."


class Pages(MCPServer):
    """An MCP server in this process."""

    name = "pages"

    def __init__(self, description: str = "Fetch a page.") -> None:
        super().__init__()
        self.description = description

    async def connect(self) -> None:
        """Nothing to do."""

    async def cleanup(self) -> None:
        """Nothing to do."""

    async def list_tools(self, run_context: Any = None, agent: Any = None) -> list[Tool]:
        """One tool."""
        schema = {"type": "object", "properties": {"page": {"type": "string"}}, "required": ["page"]}
        return [Tool(name="fetch", description=self.description, input_schema=schema)]

    async def call_tool(self, tool_name: str, arguments: Any, meta: Any = None) -> CallToolResult:
        """A page."""
        return CallToolResult(content=[TextContent(type="text", text=ATTACK)])

    async def list_prompts(self) -> Any:
        """None."""
        raise NotImplementedError

    async def get_prompt(self, name: str, arguments: Any = None) -> Any:
        """None."""
        raise NotImplementedError


def test_results_of_mcp_servers(make: Make) -> None:
    """A bad result of an MCP server becomes a notice, a poisoned description never reaches the model."""
    guard = make(Policy(tools=TOOLS))
    call = function_call("fetch", {"page": "x"}, call_id="c1")
    agent, model = shielded(guard, call, assistant_message("Bad."), mcp_servers=[Pages()])
    assert run(agent).final_output == "Bad."
    assert model.last_call is not None
    assert PHRASE not in str(model.last_call.input)
    agent, model = shielded(guard, assistant_message("never"), mcp_servers=[Pages(f"Fetch. {ATTACK}")])
    with pytest.raises(Blocked, match="detector/tool_description"):
        run(agent)
    assert model.calls == ()


def test_guardrails_alone(make: Make) -> None:
    """For those who want only a part: input, output, arguments and results."""
    guard = make(Policy(tools=(ToolRule(name="send_email", schema={"required": ["nothing"]}),)))
    agent = Agent(
        name="a", model=ScriptedModel([[assistant_message("x")]]), input_guardrails=[input_guardrail(guard)]
    )
    with pytest.raises(InputGuardrailTripwireTriggered):
        run(agent, ATTACK)
    assert run(agent).final_output == "x"
    agent = Agent(
        name="b",
        model=ScriptedModel([[assistant_message(f"I {PHRASE}.")]]),
        output_guardrails=[output_guardrail(guard)],
    )
    with pytest.raises(OutputGuardrailTripwireTriggered):
        run(agent)

    @function_tool(tool_input_guardrails=[tool_input_guardrail(guard)], name_override="send_email")
    def mail(to: str) -> str:
        """Send."""
        raise AssertionError("never")

    @function_tool(tool_output_guardrails=[tool_output_guardrail(guard)])
    def read(page: str) -> dict[str, str]:
        """Read."""
        return {"page": ATTACK}

    calls = [
        function_call("send_email", {"to": "x"}, call_id="c1"),
        function_call("read", {"page": "x"}, call_id="c2"),
    ]
    model = ScriptedModel([calls, [assistant_message("done")]])
    assert run(Agent(name="c", model=model, tools=[mail, read])).final_output == "done"
    assert model.last_call is not None
    assert str(model.last_call.input).count("was withheld") == 2


def test_without_the_library_it_says_what_to_install() -> None:
    """A missing library gives the exact line to run."""
    code = (
        "import sys; sys.modules['agents'] = None\n"
        "from assaymark.errors import AssaymarkError\n"
        "try:\n    import assaymark.guard.adapters.openai_agents\n"
        "except AssaymarkError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "pip install 'assaymark[guard,agents]'" in done.stdout

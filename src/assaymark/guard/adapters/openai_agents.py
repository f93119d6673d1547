"""The guard within the OpenAI agents library:

    shield = AgentGuard(Guard("guard.yaml"))
    agent = shield.agent(agent)

The agent's model is wrapped: input, tools on offer, output (streamed or not) and each call are judged before
anybody acts on them, results of tools and of MCP servers on their way back to the model. Results that may
not be read become a notice. The guardrails below are for those who want only a part. Needs `openai-agents`
0.24 or later.
"""

import copy
import json
from typing import Any

from assaymark.errors import UsageError
from assaymark.guard.adapters.optional import missing

try:
    from agents import (
        Agent,
        FunctionTool,
        GuardrailFunctionOutput,
        InputGuardrail,
        OutputGuardrail,
        ToolGuardrailFunctionOutput,
        ToolInputGuardrail,
        ToolOutputGuardrail,
    )
except ModuleNotFoundError as error:
    raise missing("openai-agents", "agents") from error

from assaymark.guard.adapters.openai_agents_model import GuardedModel
from assaymark.guard.adapters.questions import Questions
from assaymark.guard.core.events import RequestReceived
from assaymark.guard.event import Channel
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.messages import verdict_of
from assaymark.guard.library.talk import Talk
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.protocol import openai_responses
from assaymark.guard.protocol.errors import said

__all__ = [
    "AgentGuard",
    "GuardedModel",
    "input_guardrail",
    "output_guardrail",
    "tool_input_guardrail",
    "tool_output_guardrail",
]


class AgentGuard:
    """Guards agents.

    Args:
        guard: whose policy counts.
        ask_in_run: a call that needs a human interrupts the run, to be answered with `RunState.approve` or
            `reject`. The library then asks about every call whose arguments it has to complete or convert.
            False: the guard's own approvals are asked, and without them the call is blocked.
        key: whose requests these are, for quotas.
        tenant: for quotas and exceptions.
    """

    def __init__(self, guard: Guard, *, ask_in_run: bool = False, key: str = "", tenant: str = "") -> None:
        self._guard = guard.load()
        self._questions = Questions(deferring=ask_in_run)
        self._who = {"key": key, "tenant": tenant}

    def agent(self, agent: Agent[Any]) -> Agent[Any]:
        """A copy of `agent` behind the guard. Its MCP servers get guardrails in place.

        Raises:
            UsageError: it can hand over to an agent that is not guarded.
        """
        for other in agent.handoffs:
            if isinstance(other, Agent) and not isinstance(other.model, GuardedModel):
                raise UsageError(
                    f"The agent {agent.name!r} hands over to {other.name!r}, which is not guarded.",
                    f"Guard {other.name!r} first, and hand over to that copy.",
                )
        for server in agent.mcp_servers:
            server.tool_output_guardrails = _with(server.tool_output_guardrails, self._notice())
        return agent.clone(model=self.model(agent.model), tools=[self.tool(tool) for tool in agent.tools])

    def model(self, model: Any) -> GuardedModel:
        """A model, or the name of one, behind the guard."""
        if isinstance(model, GuardedModel):
            return model
        return GuardedModel(model, self._guard, questions=self._questions, **self._who)

    def tool(self, tool: Any) -> Any:
        """A copy of a function tool whose bad results become notices; other kinds as they are."""
        if not isinstance(tool, FunctionTool):
            return tool
        guarded = copy.copy(tool)
        guarded.tool_output_guardrails = _with(tool.tool_output_guardrails, self._notice())
        if self._questions.deferring:
            guarded.needs_approval = self._questions.wrap(tool.needs_approval)
        return guarded

    def _notice(self) -> ToolOutputGuardrail[Any]:
        """Only what is blocked is replaced here; what is to be marked or cut, the model's guard does."""
        return ToolOutputGuardrail(_result_judge(self._guard, edit=False), name="assaymark_guard")


def _with(guardrails: list[Any] | None, mine: ToolOutputGuardrail[Any]) -> list[Any]:
    others = [g for g in guardrails or () if g.name != mine.name]
    return [*others, mine]


def input_guardrail(guard: Guard) -> InputGuardrail[Any]:
    """Trips on a bad input, before the model is asked. A guardrail cannot edit: what would have to be marked
    or cut trips too.
    """

    async def judged(context: Any, agent: Any, given: Any) -> GuardrailFunctionOutput:
        message = openai_responses.read_request({"input": given})
        known = guard.known(protocol="openai_responses")
        event = RequestReceived(message, known.context)
        commands = await guard.driver().arun(Talk(guard.parts, known), event, tell=True)
        return _tripped(verdict_of(commands, {"input": given}, message))

    return InputGuardrail(judged, name="assaymark_guard", run_in_parallel=False)


def output_guardrail(guard: Guard) -> OutputGuardrail[Any]:
    """Trips on a bad final output. Of a streamed run the pieces have been seen by then: use `AgentGuard`."""

    async def judged(context: Any, agent: Any, output: Any) -> GuardrailFunctionOutput:
        return _tripped(await guard.acheck_output(_said(output)))

    return OutputGuardrail(judged, name="assaymark_guard")


def tool_input_guardrail(guard: Guard) -> ToolInputGuardrail[Any]:
    """Rejects a call whose arguments break the policy; it does not know what was read before."""

    async def judged(data: Any) -> ToolGuardrailFunctionOutput:
        verdict = await guard.acheck_tool_call(data.context.tool_name, data.context.tool_arguments)
        if verdict.allowed and not verdict.decision.edits:
            return ToolGuardrailFunctionOutput.allow(verdict.decision.id)
        return ToolGuardrailFunctionOutput.reject_content(_why("call", verdict), verdict.decision.id)

    return ToolInputGuardrail(judged, name="assaymark_guard")


def tool_output_guardrail(guard: Guard) -> ToolOutputGuardrail[Any]:
    """Replaces a bad result with a notice, and one to be marked or cut with the edited text."""
    return ToolOutputGuardrail(_result_judge(guard, edit=True), name="assaymark_guard")


def _result_judge(guard: Guard, *, edit: bool) -> Any:
    async def judged(data: Any) -> ToolGuardrailFunctionOutput:
        text = _said(data.output)
        verdict = await guard.acheck(text, Channel.TOOL_RESULT, tool=data.context.tool_name)
        if not verdict.allowed:
            return ToolGuardrailFunctionOutput.reject_content(_why("result", verdict), verdict.id)
        if edit and verdict.decision.edits:
            return ToolGuardrailFunctionOutput.reject_content(verdict.text, verdict.id)
        return ToolGuardrailFunctionOutput.allow(verdict.id)

    return judged


def _tripped(verdict: Verdict) -> GuardrailFunctionOutput:
    trips = not verdict.allowed or bool(verdict.decision.edits)
    return GuardrailFunctionOutput(output_info=verdict.decision, tripwire_triggered=trips)


def _why(what: str, verdict: Verdict) -> str:
    return f"The tool's {what} was withheld. {said(verdict.decision)}"


def _said(output: Any) -> str:
    """What the model will read of an output."""
    if isinstance(output, str):
        return output
    if hasattr(output, "model_dump_json"):
        return str(output.model_dump_json())
    return json.dumps(output, default=str, ensure_ascii=False)

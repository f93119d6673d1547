"""A tool whose calls and results are judged, whoever calls it."""

import json
from typing import Any

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool

from assaymark.guard.event import Channel, Phase, Segment
from assaymark.guard.library.guard import Guard
from assaymark.guard.library.rewrite import new_texts, put
from assaymark.guard.library.session import Session
from assaymark.guard.library.verdict import Verdict
from assaymark.guard.protocol.errors import said
from assaymark.guard.protocol.shape import Collector

__all__ = ["guarded_tool"]


def guarded_tool(tool: BaseTool, guard: Guard, session: Session | None = None) -> BaseTool:
    """`tool`, behind the guard: a call that may not be made raises `Blocked`, a result that may not be read
    is replaced by a notice.

    Args:
        tool: the tool.
        guard: whose policy counts.
        session: the conversation; without one, only the call itself is looked at, not what was read before
            (`GuardedChatModel` looks at both).
    """
    return _GuardedTool(
        name=tool.name,
        description=tool.description,
        args_schema=tool.args_schema,
        return_direct=tool.return_direct,
        response_format=tool.response_format,
        tags=tool.tags,
        metadata=tool.metadata,
        inner=tool,
        guard=guard,
        session=session,
    )


class _GuardedTool(BaseTool):
    inner: BaseTool
    guard: Any
    session: Any = None

    @property
    def tool_call_schema(self) -> Any:
        """As the tool's own."""
        return self.inner.tool_call_schema

    def run(self, tool_input: str | dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Judge the call, make it, judge the result."""
        session = self.session or self.guard.session()
        verdict = session.check_tool_call(self.name, self._shown(tool_input)).raise_if_blocked()
        result = self.inner.run(_changed(tool_input, verdict), *args, **kwargs)
        return _used(result, session.judge(Phase.TOOL_RESULT, self._segments(result)))

    async def arun(self, tool_input: str | dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The same, judged in threads."""
        session = self.session or self.guard.session()
        verdict = (await session.acheck_tool_call(self.name, self._shown(tool_input))).raise_if_blocked()
        result = await self.inner.arun(_changed(tool_input, verdict), *args, **kwargs)
        return _used(result, await session.ajudge(Phase.TOOL_RESULT, self._segments(result)))

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(kwargs or (args[0] if args else ""))

    def _shown(self, tool_input: str | dict[str, Any]) -> str:
        """The arguments as the model gave them; what the program injects is not the model's."""
        if isinstance(tool_input, str):
            return tool_input
        own = self.inner._filter_injected_args(tool_input)
        return json.dumps(own, default=str)

    def _segments(self, result: Any) -> list[Segment]:
        out = Collector()
        out.walk(_plain(result), Channel.TOOL_RESULT, "", self.name)
        return [
            s if s.at else Segment(text=s.text, channel=s.channel, at="/", tool=s.tool) for s in out.segments
        ]


def _plain(result: Any) -> Any:
    """What the model will read of a result."""
    content = result.content if isinstance(result, ToolMessage) else result
    if isinstance(content, str | list | dict):
        return content
    return "" if content is None else str(content)


def _changed(tool_input: str | dict[str, Any], verdict: Verdict) -> str | dict[str, Any]:
    if not verdict.decision.edits:
        return tool_input
    if isinstance(tool_input, str):
        return verdict.text
    return {**tool_input, **json.loads(verdict.text)}


def _used(result: Any, verdict: Verdict) -> Any:
    if not verdict.allowed:
        content: Any = f"The tool's result was withheld. {said(verdict.decision)}"
    elif not verdict.decision.edits:
        return result
    else:
        texts = new_texts(verdict.segments, verdict.decision.edits)
        plain = _plain(result)
        content = texts["/"] if isinstance(plain, str) else put(plain, texts)
    return result.model_copy(update={"content": content}) if isinstance(result, ToolMessage) else content

"""A real MCP server over streamable HTTP, and the gateway before it, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from assaymark.guard.proxy.approvals import Approvals
from assaymark.guard.proxy.mcp_server import mcp_application, mcp_server
from assaymark.guard.proxy.settings import Settings, origin
from assaymark.guard.proxy.state import State

from .parts import parts
from .server import make


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncIterator[int]:
    """The server, started; its port."""
    task = asyncio.ensure_future(server._serve())
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


def plain(app: ASGIApp) -> uvicorn.Server:
    """A server without a guard."""
    return uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", timeout_graceful_shutdown=1)
    )


class Gateway:
    """A running gateway."""

    def __init__(self, url: str, direct: str, state: State, records: list[Any]) -> None:
        self.url, self.direct, self.state, self.records = url, direct, state, records

    def rules(self) -> list[str]:
        """Rules of all findings so far."""
        return [f.rule for r in self.records for f in r.decision.findings]


@asynccontextmanager
async def gateway(
    policy: str = "",
    app: ASGIApp | None = None,
    approvals: Approvals | None = None,
    **options: Any,
) -> AsyncIterator[Gateway]:
    """The guard before `app`, or before the desk."""
    upstream = plain(app or make().streamable_http_app(**options))
    async with running(upstream) as port:
        direct = f"http://127.0.0.1:{port}/mcp"
        state = State(Settings(upstream=origin(direct), port=0, drain_seconds=1), parts(policy))
        records: list[Any] = []
        state.recording.put = records.append  # type: ignore[method-assign]
        served = mcp_server(state, mcp_application(state, approvals), [], approvals)
        async with running(served) as own:
            yield Gateway(f"http://127.0.0.1:{own}/mcp", direct, state, records)

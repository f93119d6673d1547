"""The MCP gateway as a server: routes, limits, and approvals beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from assaymark.errors import AssaymarkError
from assaymark.guard.core.events import Record
from assaymark.guard.proxy.app import admin_routes
from assaymark.guard.proxy.approvals import Approvals
from assaymark.guard.proxy.mcp_doors import LOOPBACK, Sessions
from assaymark.guard.proxy.mcp_guard import McpGuard
from assaymark.guard.proxy.mcp_http import McpHttp
from assaymark.guard.proxy.mcp_pins import Pins
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.wire import guarded_protocol

__all__ = ["mcp_application", "mcp_server", "serve_mcp"]


def mcp_application(
    state: State,
    approvals: Approvals | None = None,
    hosts: frozenset[str] = frozenset(),
    pins: Callable[[], Pins] = Pins,
) -> McpHttp:
    """The application before the MCP server that `state.settings.upstream` names, path included.

    Args:
        state: of this gateway.
        approvals: the queue of questions; None answers no.
        hosts: names under which clients reach us, beside those of the loopback.
        pins: makes the pins of a session.
    """

    def recorded(record: Record) -> None:
        state.metrics.record(record)
        state.recording.put(record)

    if approvals is not None:
        approvals.on_record = recorded
    guard = McpGuard(state.parts, state.pool, approvals, recorded)
    sessions = Sessions(state.parts, str(state.settings.upstream), pins)
    return McpHttp(state, guard, sessions, LOOPBACK | hosts)


def mcp_server(
    state: State, app: McpHttp, more: list[BaseRoute] | None = None, close: Approvals | None = None
) -> uvicorn.Server:
    """A server that is not running yet; health, metrics and `more` stand beside the endpoint."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if close is not None:
            await close.close()
        await state.close()

    routes = [*(more or []), *admin_routes(state), Mount("/", app=app)]
    settings = state.settings
    config = uvicorn.Config(
        Starlette(routes=routes, lifespan=lifespan),
        host=settings.host,
        port=settings.port,
        http=guarded_protocol(settings.head_seconds, max(64, 4 * settings.concurrency)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )
    return uvicorn.Server(config)


def serve_mcp(server: uvicorn.Server, where: str) -> None:
    """Serve until told to stop by SIGTERM or SIGINT.

    Raises:
        AssaymarkError: the port cannot be had.
    """
    try:
        asyncio.run(server.serve())
    except SystemExit:
        raise AssaymarkError(
            f"The MCP gateway cannot listen on {where}.", "Choose another port with --port."
        ) from None

"""Uvicorn, with our limits: TLS, timeouts, graceful shutdown; a second port for health if asked for."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
from starlette.routing import BaseRoute

from assaymark.errors import AssaymarkError
from assaymark.guard.proxy.app import admin_app, gateway_app
from assaymark.guard.proxy.settings import Settings
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.wire import guarded_protocol

__all__ = ["GatewayServer", "serve", "server_for"]

_SWITCH = 0.0005
"""Seconds after which a judging thread must let the event loop have the interpreter; with Python's own 5 ms
every answer waits for whoever is being judged."""


class GatewayServer(uvicorn.Server):
    """Says when it listens, and that it is not ready any more as soon as it is told to stop."""

    def __init__(self, config: uvicorn.Config, state: State, told: Callable[[str], None]) -> None:
        super().__init__(config)
        self._state, self._told = state, told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where: the port may have been chosen only now."""
        await super().startup(sockets=sockets)
        if self.started:
            (name, *_) = [s.getsockname() for server in self.servers for s in server.sockets]
            self._told(_where(self._state.settings, name[1]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is under way finish."""
        self._state.ready = False
        await super().shutdown(sockets=sockets)


def server_for(
    state: State,
    admin: bool = False,
    more: list[BaseRoute] | None = None,
    told: Callable[[str], None] = lambda line: None,
) -> uvicorn.Server:
    """A server that is not running yet: the gateway's, or that of the admin port."""
    settings = state.settings
    app = admin_app(state, more) if admin else gateway_app(state, more)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=(settings.admin_port or 0) if admin else settings.port,
        http=guarded_protocol(settings.head_seconds, max(64, 4 * settings.concurrency)),
        ws="none",
        lifespan="off" if admin else "on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=None if admin else settings.tls_cert or None,
        ssl_keyfile=None if admin else settings.tls_key or None,
    )
    return uvicorn.Server(config) if admin else GatewayServer(config, state, told)


def serve(state: State, more: list[BaseRoute] | None = None, told: Callable[[str], None] = print) -> None:
    """Serve until told to stop by SIGTERM or SIGINT, then return.

    Raises:
        AssaymarkError: a port cannot be had.
    """
    # Uvicorn raises the signal again when it has stopped; by then there is nothing left to interrupt, and
    # whoever called us has logs to close.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    before = {number: signal.signal(number, _ignored) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        asyncio.run(_serve(state, more, told))
    finally:
        sys.setswitchinterval(interval)
        for number, handler in before.items():
            signal.signal(number, handler)


async def _serve(state: State, more: list[BaseRoute] | None, told: Callable[[str], None]) -> None:
    settings = state.settings
    apart = settings.admin_port is not None
    main = server_for(state, more=None if apart else more, told=told)
    side: asyncio.Task[None] | None = None
    if settings.admin_port is not None:
        admin = server_for(state, admin=True, more=more)
        place = _bound(settings.host, settings.admin_port)
        told(f"Health and metrics are on http://{settings.host}:{place.getsockname()[1]}.")
        side = asyncio.ensure_future(admin._serve([place]))  # signals are the main server's
    try:
        await main.serve()
    except SystemExit:
        raise _taken(settings.host, settings.port) from None
    finally:
        if side is not None:
            admin.should_exit = True
            await asyncio.gather(side, return_exceptions=True)


def _ignored(number: int, frame: object) -> None:
    """The servers have their own handlers while they run."""


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        raise _taken(host, port) from None


def _taken(host: str, port: int) -> AssaymarkError:
    return AssaymarkError(
        f"The gateway cannot listen on {host}:{port}.",
        "Another process may hold the port; choose another with --port or --admin-port.",
    )


def _where(settings: Settings, port: int) -> str:
    scheme = "https" if settings.tls_cert else "http"
    return f"The guard listens on {scheme}://{settings.host}:{port} before {settings.upstream}."

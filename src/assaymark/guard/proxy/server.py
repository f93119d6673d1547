"""Uvicorn, with our limits: TLS, timeouts, graceful shutdown; a second port for health if asked for."""

import asyncio
from collections.abc import Callable

import uvicorn
from starlette.routing import BaseRoute

from assaymark.errors import AssaymarkError
from assaymark.guard.proxy.app import admin_app, gateway_app
from assaymark.guard.proxy.settings import Settings
from assaymark.guard.proxy.state import State
from assaymark.guard.proxy.wire import guarded_protocol

__all__ = ["serve", "server_for"]


def server_for(
    state: State, admin: bool = False, more: list[BaseRoute] | None = None, port: int | None = None
) -> uvicorn.Server:
    """A server that is not running yet."""
    settings = state.settings
    app = admin_app(state, more) if admin else gateway_app(state, more)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port if port is None else port,
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
    return uvicorn.Server(config)


def serve(state: State, more: list[BaseRoute] | None = None, told: Callable[[str], None] = print) -> None:
    """Serve until told to stop by SIGTERM or SIGINT.

    Raises:
        AssaymarkError: the port cannot be had.
    """
    asyncio.run(_serve(state, more, told))


async def _serve(state: State, more: list[BaseRoute] | None, told: Callable[[str], None]) -> None:
    settings = state.settings
    admin_routes = more if settings.admin_port is not None else None
    main = server_for(state, more=None if admin_routes else more)
    side: asyncio.Task[None] | None = None
    if settings.admin_port is not None:
        admin = server_for(state, admin=True, more=admin_routes, port=settings.admin_port)
        side = asyncio.ensure_future(_side(admin))
    told(_where(settings))
    try:
        await main.serve()
    except SystemExit:
        raise AssaymarkError(
            f"The gateway cannot listen on {settings.host}:{settings.port}.",
            "Another process may hold the port; choose another with --port.",
        ) from None
    finally:
        if side is not None:
            admin.should_exit = True
            await asyncio.gather(side, return_exceptions=True)


async def _side(server: uvicorn.Server) -> None:
    """The admin server, which leaves signals to the main one."""
    await server._serve()


def _where(settings: Settings) -> str:
    scheme = "https" if settings.tls_cert else "http"
    return f"The guard listens on {scheme}://{settings.host}:{settings.port} before {settings.upstream}."

"""A server in a thread, on a free port of loopback, for as long as a `with` lasts."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from assaymark.guard.core.ports import Approvals, Parts, Recorder
from assaymark.guard.proxy.server import server_for
from assaymark.guard.proxy.settings import Settings, origin
from assaymark.guard.proxy.state import State
from tests.guard.core.small import parts
from tests.guard.proxy.upstream import Script, application


@contextmanager
def running(server: uvicorn.Server) -> Iterator[str]:
    """Run it; yields its origin."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    started = threading.Event()
    startup = server.startup

    async def told(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = told  # type: ignore[method-assign]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    assert started.wait(10)
    scheme = "https" if server.config.ssl_certfile else "http"
    try:
        yield f"{scheme}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def upstream(script: Script) -> Iterator[str]:
    """The scripted model server."""
    config = uvicorn.Config(application(script), log_level="critical", log_config=None, lifespan="off")
    with running(uvicorn.Server(config)) as url:
        yield url


@contextmanager
def gateway(
    target: str,
    made: Parts | None = None,
    recorder: Recorder | None = None,
    approvals: Approvals | None = None,
    **settings: object,
) -> Iterator[str]:
    """A gateway before `target`."""
    state = State(
        Settings(upstream=origin(target), port=0, **settings),  # type: ignore[arg-type]
        made or parts(),
        recorder,
        approvals,
    )
    with running(server_for(state)) as url:
        yield url

"""Routes: health and metrics beside the gateway, or on a port of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from assaymark.guard.proxy.gateway import Gateway
from assaymark.guard.proxy.state import State

__all__ = ["admin_app", "admin_routes", "gateway_app"]


def gateway_app(state: State, more: list[BaseRoute] | None = None) -> Starlette:
    """The API, and the admin routes unless they have a port of their own; `more` comes first."""
    admin = [] if state.settings.admin_port is not None else admin_routes(state)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await state.close()

    routes = [*(more or []), *admin, Mount("/", app=Gateway(state))]
    return Starlette(routes=routes, lifespan=lifespan)


def admin_app(state: State, more: list[BaseRoute] | None = None) -> Starlette:
    """The admin routes alone."""
    return Starlette(routes=[*(more or []), *admin_routes(state)])


def admin_routes(state: State) -> list[BaseRoute]:
    """Alive, ready, counted."""

    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(request: Request) -> Response:
        faults = [] if state.ready else ["shutting down"]
        faults += [] if state.recording.healthy else ["the log cannot be written"]
        body = {"status": "not ready" if faults else "ready", "faults": faults}
        body |= {"policy": state.parts.policy_sha256, "detector": state.parts.scorer.version}
        return JSONResponse(body, 503 if faults else 200)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(state.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]

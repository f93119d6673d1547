"""An application with a shape of its own, guarded in one line. Serve it: `uvicorn asgi_app:app --factory`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from assaymark.guard import Guard
from assaymark.guard.adapters.asgi import GuardMiddleware


async def ask(request: Request) -> JSONResponse:
    """A model would answer here."""
    asked = await request.json()
    return JSONResponse({"answer": f"You asked: {asked['question']}"})


def app(guard: Guard | None = None) -> GuardMiddleware:
    """The guarded application."""
    inner = Starlette(routes=[Route("/ask", ask, methods=["POST"])])
    return GuardMiddleware(inner, guard=guard, routes={"/ask": {"question": "user", "answer": "output"}})

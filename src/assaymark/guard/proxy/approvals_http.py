"""Questions over HTTP, for the admin port: list, show, answer. A token is needed for each."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from assaymark.guard.proxy.approvals import Approvals
from assaymark.guard.proxy.approvals_store import Row

__all__ = ["approval_routes"]

_MOST = 16_384
"""Bytes of an answer."""


def approval_routes(approvals: Approvals, token: str) -> list[BaseRoute]:
    """`GET /approvals`, `GET /approvals/ID`, `POST /approvals/ID` with `{"answer", "by", "reason"}`."""

    async def newest(request: Request) -> Response:
        rows = await approvals.newest()
        return JSONResponse({"questions": [_shown(row, approvals.now()) for row in rows]})

    async def one(request: Request) -> Response:
        row = await approvals.get(request.path_params["id"])
        return (
            JSONResponse(_shown(row, approvals.now())) if row else _fault(404, "There is no such question.")
        )

    async def answer(request: Request) -> Response:
        body = await _body(request)
        if body is None or body.get("answer") not in ("approve", "deny") or not body.get("by", "").strip():
            return _fault(400, 'Send JSON: {"answer": "approve" or "deny", "by": NAME, "reason": TEXT}.')
        id_, approved = request.path_params["id"], body["answer"] == "approve"
        by, reason = body["by"].strip()[:200], body.get("reason", "")[:1_000]
        if not await approvals.answer(id_, approved=approved, by=by, reason=reason):
            return _fault(409, "The question is unknown, answered already, or has expired.")
        return JSONResponse({"id": id_, "state": "approved" if approved else "denied"})

    return [
        Route("/approvals", _guarded(newest, token), methods=["GET"]),
        Route("/approvals/{id}", _guarded(one, token), methods=["GET"]),
        Route("/approvals/{id}", _guarded(answer, token), methods=["POST"]),
    ]


def _guarded(
    handler: Callable[[Request], Awaitable[Response]], token: str
) -> Callable[[Request], Awaitable[Response]]:
    """Only with the token; never for a page in a browser that was led here."""

    async def checked(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode("utf-8", "replace")
        if not token or not hmac.compare_digest(given, token.encode()):
            return _fault(401, "Send the token: `Authorization: Bearer TOKEN`.")
        if request.headers.get("origin") is not None:
            return _fault(403, "Not for pages in a browser.")
        return await handler(request)

    return checked


async def _body(request: Request) -> dict[str, str] | None:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _MOST:
            return None
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    fine = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
    return dict(found) if fine else None


def _shown(row: Row, now: float) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(row)
    return found | {"state": row.state_at(now)}


def _fault(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)

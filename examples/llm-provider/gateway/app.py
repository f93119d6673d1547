"""Public API in front of the model servers."""

import hmac
import logging
import os
import time

import httpx
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from prometheus_client import Counter, Histogram
from pydantic import BaseModel, Field
from slowapi import Limiter
from slowapi.util import get_remote_address

logger = logging.getLogger("meridian.gateway")
limiter = Limiter(key_func=get_remote_address, default_limits=["60/minute"])
REQUESTS = Counter("meridian_requests_total", "Requests", ["customer", "outcome"])
LATENCY = Histogram("meridian_latency_seconds", "Latency")
UPSTREAM = os.environ.get("UPSTREAM", "http://vllm:8000")


class Completion(BaseModel):
    """What a customer sends."""

    prompt: str = Field(max_length=16_000)
    max_tokens: int = Field(default=256, ge=1, le=1024)


def customer(x_api_key: str = Header()) -> str:
    """The customer that the key names."""
    name, _, secret = x_api_key.partition(".")
    if not hmac.compare_digest(secret, os.environ.get(f"KEY_{name}", "")):
        raise HTTPException(status_code=401)
    return name


router = APIRouter(prefix="/v1", dependencies=[Depends(customer)])


def screen_output(text: str) -> str:
    """Refuses answers that repeat the system prompt or a training canary."""
    for canary in os.environ.get("CANARIES", "").split(","):
        if canary and canary in text:
            raise HTTPException(status_code=451, detail="withheld")
    return text


@router.post("/completions")
@limiter.limit("60/minute")
async def complete(request: Request, body: Completion, who: str = Depends(customer)) -> dict[str, str]:
    """One completion from the pinned model version."""
    start = time.monotonic()
    try:
        async with httpx.AsyncClient(timeout=30) as client:
            reply = await client.post(f"{UPSTREAM}/v1/completions", json=body.model_dump())
            reply.raise_for_status()
    except httpx.HTTPError as error:
        REQUESTS.labels(who, "failed").inc()
        logger.warning("upstream failed", extra={"customer": who, "error": type(error).__name__})
        raise HTTPException(status_code=503, detail="The model is not available; try the fallback.") from error
    LATENCY.observe(time.monotonic() - start)
    REQUESTS.labels(who, "ok").inc()
    logger.info("completion", extra={"customer": who, "model": "meridian-2.1", "characters": len(body.prompt)})
    return {"model": "meridian-2.1", "text": screen_output(reply.json()["choices"][0]["text"])}


app = FastAPI(title="Meridian", version="2.1.0")
app.state.limiter = limiter
app.include_router(router)

"""HTTP interface."""

import logging

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field
from slowapi import Limiter
from slowapi.util import get_remote_address

from app import settings, store
from app.auth import Resident, current_resident
from app.model import answer
from app.moderation import is_allowed
from app.search import council_pages

logger = logging.getLogger("assistant.http")
limiter = Limiter(key_func=get_remote_address)
app = FastAPI(title="Harbour enquiry assistant", version="1.4.0")
app.state.limiter = limiter


class Question(BaseModel):
    """What a resident asks."""

    text: str = Field(min_length=1, max_length=settings.MAX_QUESTION_CHARACTERS)


@app.post("/v1/questions")
@limiter.limit("20/minute")
def ask(request: Request, question: Question, resident: Resident = Depends(current_resident)) -> dict[str, str]:
    """Answer one question."""
    if not is_allowed(question.text):
        raise HTTPException(status_code=422, detail="This question cannot be answered here.")
    conversation_id = store.new_conversation()
    logger.info("question", extra={"conversation_id": conversation_id, "resident_id": resident.id})
    text = answer(question.text, council_pages(question.text), conversation_id)
    store.save(conversation_id, resident.id, text)
    return {"conversation": conversation_id, "answer": text}


@app.get("/v1/conversations/{conversation_id}")
@limiter.limit("60/minute")
def conversation(
    request: Request, conversation_id: str, resident: Resident = Depends(current_resident)
) -> dict[str, str]:
    """A resident's own conversation."""
    found = store.load(conversation_id)
    if found is None or found["owner"] != resident.id:
        raise HTTPException(status_code=404)
    return found


@app.get("/admin/transcripts")
def transcripts() -> list[dict[str, str]]:
    """Every transcript, for the weekly sample."""
    # PLANTED FAULT: nobody is asked who they are.
    return store.load_all()


@app.get("/health")
def health() -> dict[str, str]:
    """For the load balancer."""
    return {"status": "ok"}

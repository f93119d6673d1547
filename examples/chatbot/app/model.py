"""The one place that talks to the language model."""

import logging

from openai import APIError, APITimeoutError, OpenAI

from app import settings
from app.prompting import messages

logger = logging.getLogger("assistant.model")
client = OpenAI(timeout=settings.TIMEOUT_SECONDS, max_retries=2)
SORRY = "I cannot answer just now. Please call the contact centre."


def answer(question: str, pages: str, conversation_id: str) -> str:
    """The assistant's answer, or an apology if the model is not to be had."""
    try:
        reply = client.chat.completions.create(
            model=settings.MODEL,
            messages=messages(question, pages),
            max_tokens=settings.MAX_ANSWER_TOKENS,
        )
    except (APITimeoutError, APIError) as error:
        logger.warning("model call failed", extra={"conversation_id": conversation_id, "error": type(error).__name__})
        return SORRY
    usage = reply.usage.total_tokens if reply.usage else 0
    logger.info("model call", extra={"conversation_id": conversation_id, "model": settings.MODEL, "tokens": usage})
    return reply.choices[0].message.content or SORRY

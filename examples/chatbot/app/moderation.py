"""Questions are screened before they reach the model."""

import logging

from openai import OpenAI, OpenAIError

logger = logging.getLogger("assistant.moderation")
client = OpenAI(timeout=5)


def is_allowed(question: str) -> bool:
    """Whether the question may go on to the model."""
    try:
        result = client.moderations.create(model="omni-moderation-2024-09-26", input=question)
        return not result.results[0].flagged
    except OpenAIError:
        # PLANTED FAULT: when the screen breaks, everything is let through.
        logger.exception("moderation failed")
        return True

"""The time that outputs state: of SOURCE_DATE_EPOCH where it is set, so that they can be made again."""

import os
from datetime import UTC, datetime

from assaymark.errors import UsageError

__all__ = ["epoch", "iso", "now"]


def epoch() -> datetime | None:
    """The time that SOURCE_DATE_EPOCH gives; None if it is not set.

    Raises:
        UsageError: it is no number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH: {text[:40]} is no number of seconds.", "Unset or mend it."
        ) from error


def now() -> datetime:
    """The time that SOURCE_DATE_EPOCH gives, else that of the clock."""
    return epoch() or datetime.now(UTC)


def iso(moment: datetime) -> str:
    """As reports and packs write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

"""The guard for programs that call it themselves: text in, `Verdict` out."""

from assaymark.guard.library.guard import Guard
from assaymark.guard.library.session import Session
from assaymark.guard.library.verdict import Blocked, Verdict

__all__ = ["Blocked", "Guard", "Session", "Verdict"]

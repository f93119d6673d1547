"""The few errors Assaymark raises on purpose; each says what to do about it.

Only the command line exits. ``exit_code`` is the code it will use::

    AssaymarkError          1   Assaymark itself could not do its work
    ├── UsageError          2   the user's words, manifest or options are wrong
    ├── NothingToAssess     3   the path holds nothing that can be assessed
    ├── RefusedError       13   a file is not handed to a loader (`scan.guarded`)
    └── DoesNotVerify      14   a signature or content does not verify (`signing.problems`)
"""

__all__ = ["AssaymarkError", "NothingToAssess", "UsageError"]


class AssaymarkError(Exception):
    """Something went wrong that the user can act upon.

    Args:
        message: what was wrong, and where.
        advice: what to do about it, one sentence.
    """

    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n{self.advice}" if self.advice else self.message


class UsageError(AssaymarkError):
    """The request is at fault: an option, a manifest, an identifier."""

    exit_code = 2


class NothingToAssess(AssaymarkError):
    """The named place does not exist, is unreadable, or is empty."""

    exit_code = 3

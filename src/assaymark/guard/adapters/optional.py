"""What an adapter says when its library is missing."""

from assaymark.errors import AssaymarkError

__all__ = ["missing"]


def missing(package: str, extra: str) -> AssaymarkError:
    """The error with the exact line to run."""
    return AssaymarkError(
        f"This adapter needs {package}, which is not installed.",
        f"Run `pip install 'assaymark[guard,{extra}]'`.",
    )

"""The tiny detector, for every adapter."""

from tests.guard.library.conftest import guard, kept, make, scorer

__all__ = ["guard", "kept", "make", "scorer"]

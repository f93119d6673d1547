"""What a path alone tells: tests, examples, documentation."""

import functools
import re

__all__ = ["is_documentation_path", "is_example_path", "is_test_path"]

_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|spec|specs|fixtures?|conftest\.py|test_[^/]*\.py|[^/]*_test\.(py|go)"
    r"|[^/]*\.(test|spec)\.[cm]?[jt]sx?)(/|$)",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"(^|/)(examples?|samples?|demos?|tutorials?|cookbook|benchmarks?|notebooks?)(/|$)", re.IGNORECASE
)
_DOCS = re.compile(r"(^|/)(docs?|documentation|site|website)(/|$)", re.IGNORECASE)


@functools.lru_cache(maxsize=1024)
def is_test_path(path: str) -> bool:
    """Whether `path` names a test or a test's material."""
    return _TEST.search(path) is not None


@functools.lru_cache(maxsize=1024)
def is_example_path(path: str) -> bool:
    """Whether `path` lies among examples, demonstrations or notebooks."""
    return _EXAMPLE.search(path) is not None


@functools.lru_cache(maxsize=1024)
def is_documentation_path(path: str) -> bool:
    """Whether `path` lies in a documentation folder."""
    return _DOCS.search(path) is not None

"""What a path alone tells: tests, examples, documentation, an unpacked release."""

import functools
import re
from collections.abc import Iterable

__all__ = ["is_documentation_path", "is_example_path", "is_test_path", "is_unpacked_release"]

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


def is_unpacked_release(paths: Iterable[str]) -> bool:
    """Whether these are the files of an unpacked package (an sdist or wheel) rather than of its repository.

    A package leaves out what only the repository holds: pipelines, policies, most documents.
    """
    marked = False
    for path in paths:
        if path.startswith((".github/", ".gitlab-ci", ".circleci/", ".git/")):
            return False
        marked = marked or path == "PKG-INFO" or path.endswith(".dist-info/METADATA")
    return marked

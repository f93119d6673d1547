"""One upstream and one gateway for a module; each test tells the upstream what to say."""

from collections.abc import Iterator

import pytest

from tests.guard.core.small import Kept, parts
from tests.guard.proxy.running import gateway, upstream
from tests.guard.proxy.upstream import Script


@pytest.fixture(scope="module")
def _script() -> Script:
    return Script()


@pytest.fixture
def script(_script: Script) -> Script:
    """What the upstream says; as new for each test."""
    _script.reset()
    return _script


@pytest.fixture(scope="module")
def model(_script: Script) -> Iterator[str]:
    """The upstream's origin."""
    with upstream(_script) as url:
        yield url


@pytest.fixture(scope="module")
def _kept() -> Kept:
    return Kept()


@pytest.fixture
def kept(_kept: Kept) -> Kept:
    """What the gateway records; empty for each test."""
    _kept.decisions.clear()
    return _kept


@pytest.fixture(scope="module")
def guard(model: str, _kept: Kept) -> Iterator[str]:
    """The gateway's origin."""
    import time

    with gateway(model, parts(now=time.monotonic), _kept) as url:
        yield url

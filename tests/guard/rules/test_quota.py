"""Nobody uses more than the policy gives, whatever clock, threads and keys do."""

import threading

import pytest
from msgspec import Struct

from assaymark.guard.policy.model import Policy, Price, Quota
from assaymark.guard.rules.quota import Quotas, retry_after


class Who(Struct, frozen=True):
    """A caller."""

    key: str = "k"
    tenant: str = "t"
    model: str = "m"


class Used(Struct, frozen=True):
    """What an answer used."""

    input: int = 0
    output: int = 0
    tool_calls: int = 0


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def book(clock: Clock, *quotas: Quota, keys: int = 100) -> Quotas:
    """Quotas with a price for one model."""
    prices = (Price(model="cheap*", input=1, output=2), Price(model="dear", input=10, output=20))
    return Quotas(Policy(quotas=quotas, prices=prices), clock, keys)


def test_requests_are_counted_and_come_back() -> None:
    """The third of two is refused, with the time after which it passes."""
    clock = Clock()
    quotas = book(clock, Quota(what="requests", amount=2, seconds=60))
    assert [quotas.check(Who()) for _ in range(2)] == [(), ()]
    refused = quotas.check(Who())

    assert [f.rule for f in refused] == ["quota/requests"]
    assert 1 <= retry_after(refused) <= 66
    assert quotas.check(Who(key="other")) == ()
    clock.now += retry_after(refused)
    assert quotas.check(Who()) == ()
    assert retry_after(()) == 0


@pytest.mark.parametrize(("per", "shared"), [("key", False), ("tenant", True), ("all", True)])
def test_a_quota_is_shared_as_it_says(per: str, shared: bool) -> None:
    """By key, by tenant or by all together."""
    quotas = book(Clock(), Quota(what="requests", amount=1, seconds=60, per=per))  # type: ignore[arg-type]
    quotas.check(Who(key="a"))

    assert bool(quotas.check(Who(key="b"))) is shared


@pytest.mark.parametrize(
    ("what", "model", "amount"),
    [("tokens", "m", 30), ("tool_calls", "m", 3), ("cost", "dear", 0.0005), ("cost", "unknown", 0.0005)],
)
def test_what_was_used_counts(what: str, model: str, amount: float) -> None:
    """Tokens, calls and cost; an unknown model costs what the dearest does."""
    quotas = book(Clock(), Quota(what=what, amount=amount, seconds=60))  # type: ignore[arg-type]
    who = Who(model=model)
    assert quotas.check(who) == ()
    quotas.spend(who, Used(10, 20, 3))

    assert [f.rule for f in quotas.check(who)] == [f"quota/{what}"]


def test_a_clock_that_steps_back_opens_nothing() -> None:
    """Time is held at the latest seen."""
    clock = Clock()
    quotas = book(clock, Quota(what="requests", amount=1, seconds=60))
    quotas.check(Who())
    for now in (0.0, -1e9, 999.0):
        clock.now = now
        assert quotas.check(Who())


def test_reservations_keep_parallel_requests_out_and_are_settled() -> None:
    """What is held counts; what was not used comes back."""
    quotas = book(Clock(), Quota(what="tokens", amount=100, seconds=60))
    first = quotas.reserve(Who(), read=20, wrote=60)
    assert first.findings == ()
    assert quotas.reserve(Who(), wrote=60).findings
    quotas.settle(Who(), first, Used(20, 5))
    assert quotas.reserve(Who(), wrote=60).findings == ()
    second = quotas.reserve(Who(), wrote=10)
    quotas.settle(Who(), second, None)
    assert quotas.reserve(Who(), wrote=15).findings == ()
    assert quotas.reserve(Who(), wrote=1000).findings


def test_a_million_keys_do_not_fill_the_memory() -> None:
    """Beyond the bound strangers share one allowance; a known caller keeps its own."""
    quotas = book(Clock(), Quota(what="requests", amount=5, seconds=60), keys=50)
    quotas.check(Who(key="known"))
    refused = sum(bool(quotas.check(Who(key=f"x{n}"))) for n in range(20_000))

    assert refused > 19_000
    assert sum(map(len, quotas._buckets)) <= 51
    assert quotas.check(Who(key="known")) == ()


def test_idle_buckets_make_room() -> None:
    """Once the window has passed, new callers get their own again."""
    clock = Clock()
    quotas = book(clock, Quota(what="requests", amount=1, seconds=60), keys=3)
    for n in range(3):
        quotas.check(Who(key=f"a{n}"))
    clock.now += 200
    assert [quotas.check(Who(key=f"b{n}")) for n in range(3)] == [(), (), ()]


def test_threads_share_one_count() -> None:
    """Of eight hundred parallel requests exactly the quota passes."""
    quotas = book(Clock(), Quota(what="requests", amount=500, seconds=60))
    passed: list[int] = []

    def ask() -> None:
        passed.append(sum(not quotas.check(Who()) for _ in range(100)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(passed) == 500

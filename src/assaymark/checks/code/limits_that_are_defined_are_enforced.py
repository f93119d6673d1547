"""Check: limits that are defined are enforced."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, Limit, SafeguardUse

__all__ = ["limits_that_are_defined_are_enforced"]


@check(supports=("5.2.2-2", "5.1.2-2#2"))
def limits_that_are_defined_are_enforced(
    limits: tuple[Limit, ...], uses: tuple[SafeguardUse, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Every limit that the code names is used where it bounds something.

    Why: `MAX_REQUESTS_PER_MINUTE = 20` that nothing reads is a limit on paper. It looks settled to
    whoever reviews the code, and documents quote it.

    Fix: read the constant where the bound applies and refuse beyond it, with a test that goes one past
    the limit; or delete the constant.

    Blind spots: limits read by name through a settings framework, by a deployment file or by another
    repository; whether the code that reads it holds to it.
    """
    own = in_product(limits, files)
    if not own:
        yield not_applicable("No limit is named or set in the product's source.")
        return
    called = {u.name for u in in_product(uses, files)}
    dead = [f for f in own if f.enforced is False and f.name not in called]
    idle = [f for f in own if f.enforced is None and f.name not in called]
    if not dead and not idle:
        yield met(f"{counted(len(own), 'limit')} found; each is used where something is bounded.")
        return
    yield not_met(
        f"Limits that are defined but never used: {len(dead) + len(idle)} of {len(own)}.",
        *capped(
            [
                at(f"`{f.name}`{_value(f)} is defined here and nothing in the product reads it.", f)
                for f in (*dead, *idle)
            ]
        ),
        tentative=not dead,
    )


def _value(limit: Limit) -> str:
    return f" = {limit.value}" if limit.value else ""

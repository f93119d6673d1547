"""Counts with their denominators, and the exit code that follows from them."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from assaymark.assess.assessment import Freshness, ProvisionResult, Verdict
from assaymark.standard.provision import Provision

__all__ = ["FAIL_ON", "Share", "Tally", "by_phase", "by_principle", "gate", "overall"]

FAIL_ON = ("never", "shall", "should")
"""What `--fail-on` takes: nothing stops, an unmet shall stops, an unmet should stops too."""


class Share(Struct, frozen=True):
    """A share that never goes without its denominator."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator} of {self.denominator}"


class Tally(Struct, frozen=True, kw_only=True):
    """How many provisions of a group have which verdict."""

    name: str
    """`all`, the principle's title, or the phase."""
    number: int = 0
    """The principle's number; 0 for other groups."""
    passed: int
    failed: int
    failed_shall: int
    """Those of `failed` in which a `shall` fails."""
    inconclusive: int
    not_applicable: int
    stale: int
    """Provisions, of any verdict, whose evidence is stale or expired."""
    waived: int
    """Those of `failed` that a valid waiver covers."""

    @property
    def total(self) -> int:
        """All provisions of the group."""
        return self.applicable + self.not_applicable

    @property
    def applicable(self) -> int:
        """Those that apply, whatever their verdict."""
        return self.passed + self.failed + self.inconclusive

    @property
    def met(self) -> Share:
        """Passed of applicable: what is unknown stays in the denominator."""
        return Share(self.passed, self.applicable)

    @property
    def decided(self) -> Share:
        """Passed or failed of applicable."""
        return Share(self.passed + self.failed, self.applicable)


def overall(results: Sequence[ProvisionResult]) -> Tally:
    """The whole assessment."""
    return _tally("all", results)


def by_principle(provisions: Iterable[Provision], results: Sequence[ProvisionResult]) -> tuple[Tally, ...]:
    """One tally for each of the 13 principles, in the standard's order."""
    return _grouped(provisions, results, lambda p: (p.principle_title, p.principle))


def by_phase(provisions: Iterable[Provision], results: Sequence[ProvisionResult]) -> tuple[Tally, ...]:
    """One tally for each of the five phases, in the standard's order."""
    return _grouped(provisions, results, lambda p: (p.phase.value, 0))


def gate(results: Iterable[ProvisionResult], fail_on: str) -> int:
    """Exit code: 12 if a shall is unmet, 11 if a should is, 0 otherwise; waived provisions aside.

    Args:
        results: verdicts.
        fail_on: one of `FAIL_ON`.
    """
    unmet = {r.unmet for r in results if r.verdict is Verdict.FAIL and r.waiver is None}
    if fail_on != "never" and "shall" in unmet:
        return 12
    return 11 if fail_on == "should" and "should" in unmet else 0


def _grouped(
    provisions: Iterable[Provision],
    results: Sequence[ProvisionResult],
    group: Callable[[Provision], tuple[str, int]],
) -> tuple[Tally, ...]:
    groups: dict[tuple[str, int], set[str]] = {}
    for provision in provisions:
        groups.setdefault(group(provision), set()).add(provision.id)
    return tuple(
        _tally(name, [r for r in results if r.id in ids], number) for (name, number), ids in groups.items()
    )


def _tally(name: str, results: Sequence[ProvisionResult], number: int = 0) -> Tally:
    verdicts = [r.verdict for r in results]
    failed = [r for r in results if r.verdict is Verdict.FAIL]
    return Tally(
        name=name,
        number=number,
        passed=verdicts.count(Verdict.PASS),
        failed=len(failed),
        failed_shall=sum(r.unmet == "shall" for r in failed),
        inconclusive=verdicts.count(Verdict.INCONCLUSIVE),
        not_applicable=verdicts.count(Verdict.NOT_APPLICABLE),
        stale=sum(r.freshness in (Freshness.STALE, Freshness.EXPIRED) for r in results),
        waived=sum(r.waiver is not None for r in failed),
    )

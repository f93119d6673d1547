"""What several reports show of an assessment: groups, counts, evidence by provision, next steps."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, ProvisionResult, Verdict
from assaymark.asset import Asset, AssetKind
from assaymark.observation import Certainty, Outcome
from assaymark.standard.provision import Phase, Provision

__all__ = [
    "Exclusion",
    "OpenKind",
    "PhaseGroup",
    "PrincipleGroup",
    "Row",
    "Step",
    "Tally",
    "assets_by_kind",
    "exclusions",
    "groups",
    "is_open_counter",
    "kind_words",
    "open_kind",
    "open_kinds",
    "rows",
    "selected",
    "steps",
    "tally",
]

_KINDS = {
    AssetKind.MODEL: ("model", "models"),
    AssetKind.DATASET: ("data set", "data sets"),
    AssetKind.PROMPT: ("prompt", "prompts"),
    AssetKind.TOOL: ("tool a model may call", "tools a model may call"),
    AssetKind.SERVICE: ("service", "services"),
    AssetKind.CODE: ("source file that uses them", "source files that use them"),
    AssetKind.CONFIG: ("configuration", "configurations"),
    AssetKind.PIPELINE: ("pipeline", "pipelines"),
    AssetKind.DOCUMENT: ("document", "documents"),
    AssetKind.DEPENDENCY: ("dependency", "dependencies"),
}
"""In the order in which a reader wants to hear of them."""


class Tally(Struct, frozen=True):
    """How many provisions have which verdict; nothing is left out of the sum."""

    failed: int
    inconclusive: int
    passed: int
    not_applicable: int

    @property
    def total(self) -> int:
        """All provisions counted."""
        return self.failed + self.inconclusive + self.passed + self.not_applicable

    @property
    def applicable(self) -> int:
        """Those that apply."""
        return self.total - self.not_applicable

    @property
    def parts(self) -> tuple[tuple[Verdict, int], ...]:
        """Verdict and count, in the order in which reports show them."""
        return (
            (Verdict.FAIL, self.failed),
            (Verdict.INCONCLUSIVE, self.inconclusive),
            (Verdict.PASS, self.passed),
            (Verdict.NOT_APPLICABLE, self.not_applicable),
        )


class OpenKind(StrEnum):
    """What there is where a verdict is inconclusive; most telling first."""

    JUDGE = "a person has to judge"
    SOME = "some evidence"
    UNSEEN = "looked for in vain"
    SILENT = "nobody has looked yet"


class Row(Struct, frozen=True):
    """A provision with its result and all evidence that speaks to it."""

    provision: Provision
    result: ProvisionResult
    against: tuple[Evidence, ...]
    """Entries that some obligation counts as counter-evidence."""
    support: tuple[Evidence, ...]
    """Entries that some obligation counts in its favour."""
    other: tuple[Evidence, ...]
    """Entries that speak to it and settle nothing: not observable, stale, partly met."""


class PrincipleGroup(Struct, frozen=True):
    """The provisions of one principle."""

    number: int
    title: str
    rows: tuple[Row, ...]

    @property
    def tally(self) -> Tally:
        """Counts by verdict."""
        return tally(r.result for r in self.rows)


class PhaseGroup(Struct, frozen=True):
    """The principles of one phase."""

    phase: Phase
    principles: tuple[PrincipleGroup, ...]


class Step(Struct, frozen=True):
    """Something to do, with the provisions it would move."""

    text: str
    failing: tuple[str, ...]
    """Provision ids that now fail."""
    open: tuple[str, ...]
    """Provision ids that are now inconclusive."""


class Exclusion(Struct, frozen=True):
    """A row of the implementation conformance statement that takes something out of scope."""

    id: str
    """Provision or obligation id."""
    summary: str
    reason: str
    decided_by: str
    contradicted: str


def tally(results: Iterable[ProvisionResult]) -> Tally:
    """Counts by verdict."""
    verdicts = [r.verdict for r in results]
    return Tally(
        verdicts.count(Verdict.FAIL),
        verdicts.count(Verdict.INCONCLUSIVE),
        verdicts.count(Verdict.PASS),
        verdicts.count(Verdict.NOT_APPLICABLE),
    )


def rows(assessment: Assessment) -> tuple[Row, ...]:
    """One row a provision, in the standard's order."""
    provisions = {p.id: p for p in assessment.provisions}
    entries = {e.index: e for e in assessment.evidence}
    speaking: dict[str, list[int]] = {}
    for entry in assessment.evidence:
        for provision in dict.fromkeys(o.partition("#")[0] for o in entry.observation.obligations):
            speaking.setdefault(provision, []).append(entry.index)
    return tuple(
        _row(provisions[r.id], r, entries, speaking.get(r.id, []))
        for r in assessment.results
        if r.id in provisions
    )


def _row(
    provision: Provision, result: ProvisionResult, entries: dict[int, Evidence], speaking: list[int]
) -> Row:
    against = tuple(dict.fromkeys(i for o in result.obligations for i in o.counter_evidence))
    support = tuple(dict.fromkeys(i for o in result.obligations for i in o.evidence if i not in against))
    other = tuple(i for i in speaking if i not in against and i not in support)
    chosen = (tuple(entries[i] for i in indices if i in entries) for indices in (against, support, other))
    return Row(provision, result, *chosen)


def selected(every: Iterable[Row], *, phase: Phase | None = None, role: str | None = None) -> tuple[Row, ...]:
    """The rows of one phase, or of one actor, or all."""
    return tuple(
        r
        for r in every
        if (phase is None or r.provision.phase == phase) and (role is None or role in r.provision.actors)
    )


def groups(every: Iterable[Row]) -> tuple[PhaseGroup, ...]:
    """Rows by phase and principle, in the standard's order."""
    found: dict[Phase, dict[tuple[int, str], list[Row]]] = {}
    for row in every:
        key = (row.provision.principle, row.provision.principle_title)
        found.setdefault(row.provision.phase, {}).setdefault(key, []).append(row)
    return tuple(
        PhaseGroup(
            phase, tuple(PrincipleGroup(number, title, tuple(r)) for (number, title), r in sorted(by.items()))
        )
        for phase, by in found.items()
    )


def is_open_counter(entry: Evidence) -> bool:
    """Whether `entry` speaks against something and a person has yet to judge it."""
    o = entry.observation
    return o.outcome is Outcome.NOT_MET and o.certainty is Certainty.TENTATIVE


def open_kind(row: Row) -> OpenKind:
    """What there is behind an inconclusive verdict."""
    entries = (*row.against, *row.support, *row.other)
    if any(map(is_open_counter, entries)):
        return OpenKind.JUDGE
    if any(e.observation.outcome in (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET) for e in entries):
        return OpenKind.SOME
    return OpenKind.UNSEEN if entries else OpenKind.SILENT


def open_kinds(every: Iterable[Row]) -> tuple[tuple[OpenKind, int], ...]:
    """How many of the inconclusive provisions are of which kind; empty kinds are left out."""
    found = [open_kind(r) for r in every if r.result.verdict is Verdict.INCONCLUSIVE]
    return tuple((kind, found.count(kind)) for kind in OpenKind if kind in found)


def steps(every: Iterable[Row], limit: int) -> tuple[Step, ...]:
    """The steps that would move most, weighed by verdict and force; a step named first counts more.

    A failing *shall* weighs 8, a failing *should* 4, an inconclusive *shall* 2, *should* 1; halved
    with each place down in a provision's own list.
    """
    weights: dict[str, float] = {}
    touched: dict[str, list[ProvisionResult]] = {}
    for row in every:
        for place, text in enumerate(row.result.moves):
            weights[text] = weights.get(text, 0.0) + _weight(row) / 2**place
            touched.setdefault(text, []).append(row.result)
    ranked = sorted(weights, key=lambda text: (-weights[text], text))[:limit]
    return tuple(
        Step(text, _ids(touched[text], Verdict.FAIL), _ids(touched[text], Verdict.INCONCLUSIVE))
        for text in ranked
    )


def _weight(row: Row) -> float:
    if row.result.verdict is Verdict.FAIL:
        return 8.0 if row.result.unmet == "shall" else 4.0
    if row.result.verdict is Verdict.INCONCLUSIVE:
        return 2.0 if "shall" in row.provision.force else 1.0
    return 0.25


def _ids(results: Iterable[ProvisionResult], verdict: Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.id for r in results if r.verdict is verdict))


def exclusions(every: Iterable[Row]) -> tuple[Exclusion, ...]:
    """Every provision, and every single obligation of an applicable provision, that is out of scope.

    Exclusions that were declared and contradicted by what was found are listed too: they were not followed.
    """
    found: list[Exclusion] = []
    for row in every:
        a = row.result.applicability
        if not a.applies or a.contradicted:
            found.append(
                Exclusion(row.result.id, row.provision.summary, a.reason, a.decided_by, a.contradicted)
            )
            continue
        found += [
            Exclusion(
                o.id, o.text, o.applicability.reason, o.applicability.decided_by, o.applicability.contradicted
            )
            for o in row.result.obligations
            if not o.applicability.applies or o.applicability.contradicted
        ]
    return tuple(found)


def kind_words(kind: AssetKind, number: int) -> str:
    """`1 data set`, `3 data sets`."""
    one, many = _KINDS[kind]
    return f"{number:,} {one if number == 1 else many}"


def assets_by_kind(assessment: Assessment) -> tuple[tuple[AssetKind, tuple[Asset, ...]], ...]:
    """Assets grouped by kind; within a kind the best connected first."""
    degree: dict[str, int] = {}
    for edge in assessment.edges:
        for end in (edge.source, edge.target):
            degree[end] = degree.get(end, 0) + 1
    by_kind: dict[AssetKind, list[Asset]] = {}
    for asset in assessment.assets:
        by_kind.setdefault(asset.kind, []).append(asset)
    return tuple(
        (kind, tuple(sorted(by_kind[kind], key=lambda a: (-degree.get(a.id, 0), a.name, a.id))))
        for kind in _KINDS
        if kind in by_kind
    )

"""Run checks over facts. One of the two places that may catch everything; what it catches it records."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from assaymark.asset import Inventory, Tree
from assaymark.checks._check import Check, Finding
from assaymark.checks._unread import gaps, modest
from assaymark.observation import Observation, Outcome, Subject, canonical, digest_of
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.system.system import System

__all__ = ["Inputs", "run", "run_key"]


class Inputs:
    """Everything checks may ask for, with a digest for each kind of input."""

    def __init__(
        self,
        facts: Iterable[Fact],
        *,
        system: System,
        inventory: Inventory,
        tree: Tree,
        today: date,
    ) -> None:
        self._facts: dict[type[Fact], list[Fact]] = {}
        for fact in facts:
            self._facts.setdefault(type(fact), []).append(fact)
        for group in self._facts.values():
            group.sort(key=lambda f: f.at)
        self._singles: dict[type, Any] = {System: system, Inventory: inventory, Tree: tree, date: today}
        self._digests: dict[type, str] = {}
        self._files = {entry.path: entry.sha256 for entry in tree.files}

    def get(self, kind: Any) -> Any:
        """The value for a parameter of type `kind`."""
        return self._singles[kind] if kind in self._singles else tuple(self._facts.get(kind, ()))

    def digest(self, kind: Any) -> str:
        """SHA-256 of that value's canonical encoding."""
        if kind not in self._digests:
            self._digests[kind] = digest_of(self.get(kind))
        return self._digests[kind]

    def digests(self) -> dict[str, str]:
        """Name of every subject that an observation may rest on → its digest now."""
        kinds = dict.fromkeys(k for k in (*self._facts, *self._singles, *self._digests) if k is not date)
        return self._files | {f"all {_label(kind)}": self.digest(kind) for kind in kinds}

    def file(self, path: str) -> str:
        """Digest of a file of the tree; empty if it has none."""
        return self._files.get(path, "")

    def subjects(self, check: Check, finding: Finding) -> tuple[Subject, ...]:
        """What `finding` rests on: the whole of each input, and each file it points at."""
        whole = {
            Subject(f"all {_label(kind)}", self.digest(kind)) for _, kind in check.inputs if kind is not date
        }
        paths = {d.at.path for d in finding.details if d.at is not None}
        return tuple(sorted(whole | {Subject(p, self.file(p)) for p in paths if self.file(p)}))


def run(checks: Sequence[Check], inputs: Inputs) -> list[Observation]:
    """Run each check; what a check cannot say becomes an `error` observation, never silence."""
    return [_observation(c, finding, inputs) for c in checks for finding in _findings(c, inputs)]


def run_key(check: Check, inputs: Inputs) -> str:
    """Digest of all that determines the check's answer: itself, its version and its inputs."""
    parts = [(name, inputs.digest(kind)) for name, kind in check.inputs]
    parts += [
        ("unread", digest_of(missing)) for missing in (gaps(check, inputs.get(ScanProblem)),) if missing
    ]
    return digest_of((check.info.id, check.info.version, check.decisive, check.supporting, parts))


def _findings(check: Check, inputs: Inputs) -> list[Finding]:
    try:
        found = list(check.run(**{name: inputs.get(kind) for name, kind in check.inputs}))
        canonical(found)  # what cannot be written down was not observed
    except Exception as problem:  # noqa: BLE001 - a defect in one check must not hide the others
        reason = f"{type(problem).__name__}: {problem}"
        return [
            Finding(outcome=Outcome.ERROR, summary=f"The check broke ({reason[:300]}); please report it.")
        ]
    if not found:
        return [Finding(outcome=Outcome.ERROR, summary="The check said nothing; please report it.")]
    missing = gaps(check, inputs.get(ScanProblem))
    return [modest(finding, missing) for finding in found]


def _observation(check: Check, finding: Finding, inputs: Inputs) -> Observation:
    def chosen(ids: tuple[str, ...]) -> tuple[str, ...]:
        if not finding.about:
            return ids
        return tuple(i for i in ids if i in finding.about or i.partition("#")[0] in finding.about)

    decisive = chosen(check.decisive)
    both = set(decisive) | set(chosen(check.supporting))
    order = {o: n for n, o in enumerate((*check.decisive, *check.supporting))}
    return Observation(
        check=check.info.id,
        check_version=check.info.version,
        obligations=tuple(sorted(both, key=order.__getitem__)),
        decisive=decisive,
        outcome=finding.outcome,
        summary=finding.summary,
        details=finding.details,
        subjects=inputs.subjects(check, finding),
        method=finding.method,
        certainty=finding.certainty,
        fix=finding.fix or ("" if finding.outcome is Outcome.MET else check.info.fix),
    )


def _label(kind: Any) -> str:
    names: dict[Any, str] = {System: "manifest", Inventory: "assets", Tree: "file names"}
    return names.get(kind) or f"{kind.__name__} facts"

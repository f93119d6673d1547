"""How the jobs of a pipeline hang together: what must have succeeded before what."""

from msgspec import Struct

from assaymark.scan.infra.deeds import Step

__all__ = ["JobShape", "closure", "gate"]

_PROOF = frozenset({"tests", "evaluates"})
_OUTWARD = frozenset({"releases", "deploys"})


class JobShape(Struct, frozen=True, kw_only=True):
    """A job as far as its order matters."""

    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    """Jobs that must have succeeded first, as written."""
    waits_for_people: bool = False
    """An environment, a manual step or an approval stands before it."""
    always: bool = False
    """It runs even if what it needs has failed."""
    tolerated: bool = False
    """Its failure stops nothing."""

    @property
    def deeds(self) -> frozenset[str]:
        """What any of its steps does."""
        return frozenset().union(*(step.deeds for step in self.steps))

    @property
    def scans(self) -> tuple[str, ...]:
        """Scanners that any of its steps runs, once each."""
        return tuple(dict.fromkeys(scan for step in self.steps for scan in step.scans))

    @property
    def swallows(self) -> bool:
        """Whether a test, evaluation or scan in it may fail unnoticed."""
        checks = self.deeds & (_PROOF | {"scans"})
        return any(step.tolerated for step in self.steps) or (self.tolerated and bool(checks))


def closure(name: str, shapes: dict[str, JobShape]) -> tuple[str, ...]:
    """All jobs that must have succeeded before `name`, directly or through others, in name order."""
    found: set[str] = set()
    open_ = list(shapes[name].needs)
    while open_:
        one = open_.pop()
        if one not in found and one in shapes:
            found.add(one)
            open_ += shapes[one].needs
    return tuple(sorted(found - {name}))


def gate(name: str, shapes: dict[str, JobShape], *, after_workflow: bool = False) -> bool | None:
    """Whether tests or people stand before what the job releases or deploys; None if it does neither."""
    shape = shapes[name]
    if not shape.deeds & _OUTWARD:
        return None
    if shape.waits_for_people or after_workflow or _tests_first(shape):
        return True
    if shape.always:
        return False
    before = closure(name, shapes)
    return any(_proves(shapes[n]) or shapes[n].waits_for_people for n in before)


def _proves(shape: JobShape) -> bool:
    return (
        bool(shape.deeds & _PROOF)
        and not shape.tolerated
        and any(step.deeds & _PROOF and not step.tolerated for step in shape.steps)
    )


def _tests_first(shape: JobShape) -> bool:
    """Within one job: a test step that can fail it stands before the step that goes out, or in it."""
    for step in shape.steps:
        if step.deeds & _PROOF and not step.tolerated:
            return True
        if step.deeds & _OUTWARD:
            return False
    return False

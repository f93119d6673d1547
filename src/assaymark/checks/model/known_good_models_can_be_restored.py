"""Earlier versions of the models are kept, addressable, and have recorded digests."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted
from assaymark.checks.model._material import weights
from assaymark.observation import Detail
from assaymark.scan.facts import HashManifest, History, Mechanism, ModelFile, RestoreDrill, Trail

_DRILL_DAYS = 365
"""Days for which a drill counts; the threshold is ours."""


@check("5.2.1-3.1", version=2)
def known_good_models_can_be_restored(
    models: tuple[ModelFile, ...],
    manifests: tuple[HashManifest, ...],
    trails: tuple[Trail, ...],
    histories: tuple[History, ...],
    mechanisms: tuple[Mechanism, ...],
    drills: tuple[RestoreDrill, ...],
    today: date,
) -> Iterator[Finding]:
    """Earlier versions of the models are kept, addressable, and have recorded digests.

    Why: After a poisoned retraining or a tampered file, the way back is to a version that is known to be
    good. That needs the version itself, a name for it, and a digest that proves it is the one.

    Fix: Track weights and prompts with DVC, git-lfs or a model registry, tag each release, record its
    digests, and practise the way back: `assaymark restore --drill MANIFEST BACKUP --record
    assurance/drill.json` proves it from a manifest and a backup, and keeps the record.

    Blind spots: That a version is addressable does not prove that its storage still holds it, nor that
    anybody has tried; a record of a drill is believed as written. Backups, registries and snapshots outside
    the repository are not seen.
    """
    if drills:
        yield _drilled(max(drills, key=lambda d: (d.day, d.at)), today)
        return
    kept = _kept(models, manifests, trails, mechanisms)
    named = [at(f"{len(h.tags)} tags, the newest `{h.tags[0][0]}`.", h) for h in histories if h.tags]
    named += [
        at(f"`{m.name}` goes back to an earlier version.", m) for m in mechanisms if m.kind == "rollback"
    ]
    digests = [at(f"{counted(len(m.entries), 'digest')} recorded.", m) for m in manifests]
    digests += [at("A pointer that carries the digest.", m) for m in models if m.format == "lfs-pointer"]
    missing = [
        word
        for word, seen in (("no kept versions", kept), ("no names for them", named), ("no digests", digests))
        if not seen
    ]
    details = capped([*kept, *named, *digests])
    if not missing:
        yield met("Versions are kept, named and have digests.", *details)
    elif kept:
        yield partly_met(f"Versions are kept, but there are {' and '.join(missing)}.", *details)
    else:
        files = counted(len(weights(models)), "model file")
        yield not_observable(f"Nothing in the tree shows how {files} would be brought back.", *details)


def _drilled(last: RestoreDrill, today: date) -> Finding:
    """What the newest drill proves."""
    files = f"{last.files:,} of {counted(last.listed, 'listed file')}"
    told = at(f"A drill on {last.day or 'an unknown day'} found {files} in the backup as listed.", last)
    if last.restorable is False:
        return not_met("The newest restore drill says that the known good state cannot be restored.", told)
    age = _days(last.day, today)
    if last.restorable is None or age is None or not last.listed or last.files < last.listed:
        return partly_met("The record of a restore drill does not say all that it should.", told)
    if age > _DRILL_DAYS:
        return partly_met(f"The newest restore drill is {age:,} days old; ours is {_DRILL_DAYS}.", told)
    return met(f"A restore drill {counted(age, 'day')} ago found the whole known good state.", told)


def _days(day: str, today: date) -> int | None:
    try:
        age = (today - date.fromisoformat(day)).days
    except ValueError:
        return None
    return age if age >= 0 else None


def _kept(
    models: tuple[ModelFile, ...],
    manifests: tuple[HashManifest, ...],
    trails: tuple[Trail, ...],
    mechanisms: tuple[Mechanism, ...],
) -> list[Detail]:
    """Signs that earlier versions still exist somewhere under a name."""
    found = [at("Tracked with DVC.", m) for m in manifests if m.at.path.endswith((".dvc", "dvc.lock"))]
    found += [at("Kept in git-lfs.", m) for m in models if m.format == "lfs-pointer"]
    found += [
        at(f"`{m.name}` writes to a model registry.", m) for m in mechanisms if m.kind == "model-registry"
    ]
    found += [
        at(f"{counted(t.total, 'version')} in git.", t)
        for t in trails
        if t.total > 1 and t.subject in ("model", "prompt")
    ]
    return found

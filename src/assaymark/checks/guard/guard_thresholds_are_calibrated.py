"""The guard's thresholds rest on this deployment's own traffic."""

import posixpath
from collections.abc import Iterator
from datetime import date, timedelta

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.guard._policies import NOTHING, policies, refused
from assaymark.observation import Detail
from assaymark.scan.facts import GuardFile

MOST_DAYS = 365
"""Traffic changes; an older calibration is made again (ours)."""


@check(supports=("5.1.2-2#1",))
def guard_thresholds_are_calibrated(files: tuple[GuardFile, ...], today: date) -> Iterator[Finding]:
    """The guard's thresholds were set on this deployment's own benign traffic, with a bound on how much of
    it they flag.

    Why: A detector that flags honest requests is switched off by the people it disturbs. Thresholds as they
    came fit other people's traffic; measured on your own they can be kept, and defended.

    Fix: Collect at least 299 distinct honest texts for each channel, run `assaymark guard calibrate`, keep
    the file beside the policy and name it under `calibration`; repeat it each year and with each new
    detector.

    Blind spots: Whether the sample was honest and is like today's traffic is not seen. A bound on false
    alarms says nothing of how many attacks are caught.
    """
    from assaymark.guard.evidence.configured import calibrations

    found = policies(files, today)
    sound = [one for one in found if not one.fault]
    by_path = {file.at.path: (file, made) for file, made in calibrations(in_product(files))}
    faults: list[Detail] = []
    good: list[Detail] = []
    for one in sound:
        name = one.policy.calibration
        if not name:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(one.file.at.path), name))
        file, made = by_path.get(path, (None, None))
        if file is None or made is None:
            faults.append(one.at(f"The calibration {name} is not there or cannot be read.", "calibration"))
        elif made.made_at[:10] < (today - timedelta(days=MOST_DAYS)).isoformat():
            faults.append(at(f"The calibration was made on {made.made_at[:10]}.", file))
        else:
            good += [
                at(
                    f"`{channel}`: {c.flagged} of {c.samples:,} distinct honest texts flagged, at most "
                    f"{c.bound:.2%} at {made.confidence:.0%} confidence.",
                    file,
                )
                for channel, c in made.channels.items()
            ]
    if fault := refused(found):
        yield fault
    if faults:
        yield not_met(
            f"{counted(len(faults), 'calibration')} cannot be relied on.", *capped(faults), tentative=True
        )
    elif good:
        yield met(f"Thresholds of {counted(len(good), 'channel')} rest on own traffic.", *capped(good))
    elif sound:
        yield not_observable("The guard's policy names no calibration; its thresholds are those that came.")
    elif not found:
        yield NOTHING

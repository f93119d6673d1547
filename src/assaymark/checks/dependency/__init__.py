"""Checks on dependencies and lock files, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.dependency.dependencies_are_locked import dependencies_are_locked
from assaymark.checks.dependency.dependencies_are_pinned_or_bounded import dependencies_are_pinned_or_bounded
from assaymark.checks.dependency.dependencies_come_from_fixed_sources import (
    dependencies_come_from_fixed_sources,
)
from assaymark.checks.dependency.installs_follow_the_lock import installs_follow_the_lock
from assaymark.checks.dependency.known_flaws_are_patched_in_time import known_flaws_are_patched_in_time
from assaymark.checks.dependency.supply_chain_is_controlled import supply_chain_is_controlled
from assaymark.checks.dependency.updates_are_automated import updates_are_automated

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    dependencies_are_locked,
    installs_follow_the_lock,
    dependencies_are_pinned_or_bounded,
    dependencies_come_from_fixed_sources,
    updates_are_automated,
    known_flaws_are_patched_in_time,
    supply_chain_is_controlled,
)

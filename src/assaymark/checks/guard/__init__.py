"""Checks on the prompt-injection guard, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.guard.guard_asks_a_human import guard_asks_a_human
from assaymark.checks.guard.guard_decisions_are_logged import guard_decisions_are_logged
from assaymark.checks.guard.guard_limits_requests import guard_limits_requests
from assaymark.checks.guard.guard_limits_tool_use import guard_limits_tool_use
from assaymark.checks.guard.guard_screens_untrusted_input import guard_screens_untrusted_input
from assaymark.checks.guard.guard_thresholds_are_calibrated import guard_thresholds_are_calibrated

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    guard_screens_untrusted_input,
    guard_thresholds_are_calibrated,
    guard_limits_tool_use,
    guard_limits_requests,
    guard_asks_a_human,
    guard_decisions_are_logged,
)

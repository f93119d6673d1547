"""Checks on suppliers and external components, in the order in which they are listed."""

from assaymark.checks._check import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = ()

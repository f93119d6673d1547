"""Checks on the git history, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.history.changes_are_explained import changes_are_explained
from assaymark.checks.history.documents_follow_the_code import documents_follow_the_code
from assaymark.checks.history.major_updates_are_evaluated_again import major_updates_are_evaluated_again
from assaymark.checks.history.prompts_and_settings_have_an_audit_trail import (
    prompts_and_settings_have_an_audit_trail,
)
from assaymark.checks.history.releases_are_announced import releases_are_announced
from assaymark.checks.history.safeguards_stay_in_place import safeguards_stay_in_place
from assaymark.checks.history.setting_changes_are_risk_assessed import setting_changes_are_risk_assessed

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    prompts_and_settings_have_an_audit_trail,
    changes_are_explained,
    setting_changes_are_risk_assessed,
    safeguards_stay_in_place,
    documents_follow_the_code,
    major_updates_are_evaluated_again,
    releases_are_announced,
)

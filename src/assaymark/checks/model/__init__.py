"""Checks on models and references to them, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.model.asset_dependencies_are_recorded import asset_dependencies_are_recorded
from assaymark.checks.model.assets_are_inventoried import assets_are_inventoried
from assaymark.checks.model.hosted_models_are_pinned_to_a_version import hosted_models_are_pinned_to_a_version
from assaymark.checks.model.known_good_models_can_be_restored import known_good_models_can_be_restored
from assaymark.checks.model.model_changes_follow_evaluation import model_changes_follow_evaluation
from assaymark.checks.model.model_references_are_pinned import model_references_are_pinned
from assaymark.checks.model.models_are_in_a_format_that_cannot_run_code import (
    models_are_in_a_format_that_cannot_run_code,
)
from assaymark.checks.model.models_load_without_side_effects import models_load_without_side_effects
from assaymark.checks.model.published_hashes_match import published_hashes_match
from assaymark.checks.model.weights_are_kept_out_of_public_places import weights_are_kept_out_of_public_places

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    assets_are_inventoried,
    asset_dependencies_are_recorded,
    models_are_in_a_format_that_cannot_run_code,
    models_load_without_side_effects,
    model_references_are_pinned,
    hosted_models_are_pinned_to_a_version,
    published_hashes_match,
    weights_are_kept_out_of_public_places,
    known_good_models_can_be_restored,
    model_changes_follow_evaluation,
)

"""Checks on CI pipelines, tests and releases, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.pipeline.ci_actions_are_pinned import ci_actions_are_pinned
from assaymark.checks.pipeline.ci_keeps_secrets_from_untrusted_code import (
    ci_keeps_secrets_from_untrusted_code,
)
from assaymark.checks.pipeline.ci_permissions_are_least import ci_permissions_are_least
from assaymark.checks.pipeline.data_is_validated_before_training import data_is_validated_before_training
from assaymark.checks.pipeline.failures_stop_the_pipeline import failures_stop_the_pipeline
from assaymark.checks.pipeline.models_are_evaluated_in_ci import models_are_evaluated_in_ci
from assaymark.checks.pipeline.releases_are_gated_on_tests import releases_are_gated_on_tests
from assaymark.checks.pipeline.releases_are_signed_or_listed import releases_are_signed_or_listed
from assaymark.checks.pipeline.security_tests_run_before_release import security_tests_run_before_release

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    releases_are_gated_on_tests,
    security_tests_run_before_release,
    models_are_evaluated_in_ci,
    failures_stop_the_pipeline,
    data_is_validated_before_training,
    ci_keeps_secrets_from_untrusted_code,
    ci_permissions_are_least,
    ci_actions_are_pinned,
    releases_are_signed_or_listed,
)

"""Checks on source code, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.code.actions_are_logged import actions_are_logged
from assaymark.checks.code.addresses_are_checked_before_fetching import addresses_are_checked_before_fetching
from assaymark.checks.code.content_does_not_leave_through_telemetry import (
    content_does_not_leave_through_telemetry,
)
from assaymark.checks.code.downloads_are_verified_by_digest import downloads_are_verified_by_digest
from assaymark.checks.code.fetched_code_is_not_run import fetched_code_is_not_run
from assaymark.checks.code.inputs_are_validated import inputs_are_validated
from assaymark.checks.code.internal_states_are_watched import internal_states_are_watched
from assaymark.checks.code.limits_that_are_defined_are_enforced import limits_that_are_defined_are_enforced
from assaymark.checks.code.log_records_leave_content_and_secrets_out import (
    log_records_leave_content_and_secrets_out,
)
from assaymark.checks.code.logs_are_analysed import logs_are_analysed
from assaymark.checks.code.model_answers_are_bounded import model_answers_are_bounded
from assaymark.checks.code.model_failure_is_handled import model_failure_is_handled
from assaymark.checks.code.model_output_is_checked_before_it_acts import (
    model_output_is_checked_before_it_acts,
)
from assaymark.checks.code.outputs_are_explainable import outputs_are_explainable
from assaymark.checks.code.outputs_are_tested_for_leaks import outputs_are_tested_for_leaks
from assaymark.checks.code.performance_is_tracked import performance_is_tracked
from assaymark.checks.code.remote_code_is_not_trusted import remote_code_is_not_trusted
from assaymark.checks.code.safeguards_are_called import safeguards_are_called
from assaymark.checks.code.safeguards_can_refuse import safeguards_can_refuse
from assaymark.checks.code.safeguards_fail_closed import safeguards_fail_closed
from assaymark.checks.code.untrusted_text_is_not_executed import untrusted_text_is_not_executed
from assaymark.checks.code.weights_are_loaded_without_running_code import (
    weights_are_loaded_without_running_code,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    weights_are_loaded_without_running_code,
    remote_code_is_not_trusted,
    downloads_are_verified_by_digest,
    fetched_code_is_not_run,
    inputs_are_validated,
    addresses_are_checked_before_fetching,
    untrusted_text_is_not_executed,
    model_output_is_checked_before_it_acts,
    model_answers_are_bounded,
    model_failure_is_handled,
    safeguards_are_called,
    safeguards_can_refuse,
    safeguards_fail_closed,
    limits_that_are_defined_are_enforced,
    outputs_are_explainable,
    outputs_are_tested_for_leaks,
    actions_are_logged,
    log_records_leave_content_and_secrets_out,
    content_does_not_leave_through_telemetry,
    logs_are_analysed,
    performance_is_tracked,
    internal_states_are_watched,
)

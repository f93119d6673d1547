"""Checks on documents of the system, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.document.access_is_reviewed import access_is_reviewed
from assaymark.checks.document.ai_recovery_is_planned import ai_recovery_is_planned
from assaymark.checks.document.contingency_exists_without_updates import contingency_exists_without_updates
from assaymark.checks.document.custodian_controls_are_verified import custodian_controls_are_verified
from assaymark.checks.document.data_card_is_complete import data_card_is_complete
from assaymark.checks.document.data_use_is_explained import data_use_is_explained
from assaymark.checks.document.decision_to_build_is_assessed import decision_to_build_is_assessed
from assaymark.checks.document.decommissioning_erases_data import decommissioning_erases_data
from assaymark.checks.document.design_is_documented import design_is_documented
from assaymark.checks.document.documents_agree_with_the_code import documents_agree_with_the_code
from assaymark.checks.document.evaluation_results_are_shared import evaluation_results_are_shared
from assaymark.checks.document.guidance_names_limits import guidance_names_limits
from assaymark.checks.document.incident_plan_covers_ai import incident_plan_covers_ai
from assaymark.checks.document.incident_support_is_described import incident_support_is_described
from assaymark.checks.document.infrastructure_is_reviewed import infrastructure_is_reviewed
from assaymark.checks.document.maintenance_is_planned import maintenance_is_planned
from assaymark.checks.document.model_card_agrees_with_the_files import model_card_agrees_with_the_files
from assaymark.checks.document.model_card_is_complete import model_card_is_complete
from assaymark.checks.document.model_changes_are_previewed import model_changes_are_previewed
from assaymark.checks.document.model_updates_are_announced_first import model_updates_are_announced_first
from assaymark.checks.document.monitoring_is_planned import monitoring_is_planned
from assaymark.checks.document.oversight_is_planned import oversight_is_planned
from assaymark.checks.document.prohibited_uses_are_stated import prohibited_uses_are_stated
from assaymark.checks.document.recovery_plan_covers_ai_attacks import recovery_plan_covers_ai_attacks
from assaymark.checks.document.risks_are_treated import risks_are_treated
from assaymark.checks.document.security_tests_are_reported import security_tests_are_reported
from assaymark.checks.document.security_updates_are_announced import security_updates_are_announced
from assaymark.checks.document.testers_are_independent import testers_are_independent
from assaymark.checks.document.threat_model_is_current import threat_model_is_current
from assaymark.checks.document.threat_model_names_ai_attacks import threat_model_names_ai_attacks
from assaymark.checks.document.threats_are_analysed import threats_are_analysed
from assaymark.checks.document.transfer_disposes_of_assets import transfer_disposes_of_assets
from assaymark.checks.document.unresolved_threats_are_passed_on import unresolved_threats_are_passed_on
from assaymark.checks.document.updates_reach_operators import updates_reach_operators
from assaymark.checks.document.user_guidance_exists import user_guidance_exists
from assaymark.checks.document.vulnerability_disclosure_is_published import (
    vulnerability_disclosure_is_published,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    decision_to_build_is_assessed,
    threats_are_analysed,
    threat_model_is_current,
    threat_model_names_ai_attacks,
    risks_are_treated,
    unresolved_threats_are_passed_on,
    infrastructure_is_reviewed,
    oversight_is_planned,
    custodian_controls_are_verified,
    prohibited_uses_are_stated,
    recovery_plan_covers_ai_attacks,
    access_is_reviewed,
    vulnerability_disclosure_is_published,
    incident_plan_covers_ai,
    ai_recovery_is_planned,
    model_updates_are_announced_first,
    design_is_documented,
    maintenance_is_planned,
    model_card_is_complete,
    model_card_agrees_with_the_files,
    data_card_is_complete,
    security_tests_are_reported,
    testers_are_independent,
    evaluation_results_are_shared,
    data_use_is_explained,
    user_guidance_exists,
    guidance_names_limits,
    security_updates_are_announced,
    incident_support_is_described,
    updates_reach_operators,
    contingency_exists_without_updates,
    model_changes_are_previewed,
    monitoring_is_planned,
    transfer_disposes_of_assets,
    decommissioning_erases_data,
    documents_agree_with_the_code,
)

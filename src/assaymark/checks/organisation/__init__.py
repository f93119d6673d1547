"""Checks on training, awareness and duties of the organisation, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.organisation.ai_security_training_exists import ai_security_training_exists
from assaymark.checks.organisation.custodian_takes_part_in_data_requirements import (
    custodian_takes_part_in_data_requirements,
)
from assaymark.checks.organisation.developers_are_trained_in_secure_ai_coding import (
    developers_are_trained_in_secure_ai_coding,
)
from assaymark.checks.organisation.intended_use_fits_the_data import intended_use_fits_the_data
from assaymark.checks.organisation.staff_can_report_ai_risks import staff_can_report_ai_risks
from assaymark.checks.organisation.staff_follow_ai_threats import staff_follow_ai_threats
from assaymark.checks.organisation.threat_updates_use_several_channels import (
    threat_updates_use_several_channels,
)
from assaymark.checks.organisation.training_fits_roles import training_fits_roles

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    ai_security_training_exists,
    training_fits_roles,
    staff_follow_ai_threats,
    threat_updates_use_several_channels,
    developers_are_trained_in_secure_ai_coding,
    custodian_takes_part_in_data_requirements,
    intended_use_fits_the_data,
    staff_can_report_ai_risks,
)

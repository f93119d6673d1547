"""Checks on suppliers and external components, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.supplier.cloud_contracts_back_the_requirements import (
    cloud_contracts_back_the_requirements,
)
from assaymark.checks.supplier.external_components_are_assessed import external_components_are_assessed
from assaymark.checks.supplier.external_risk_owners_give_assurance import external_risk_owners_give_assurance
from assaymark.checks.supplier.poor_components_are_disclosed import poor_components_are_disclosed
from assaymark.checks.supplier.poor_components_are_justified import poor_components_are_justified
from assaymark.checks.supplier.poor_components_are_mitigated import poor_components_are_mitigated
from assaymark.checks.supplier.providers_are_assessed import providers_are_assessed

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    external_components_are_assessed,
    providers_are_assessed,
    external_risk_owners_give_assurance,
    cloud_contracts_back_the_requirements,
    poor_components_are_justified,
    poor_components_are_mitigated,
    poor_components_are_disclosed,
)

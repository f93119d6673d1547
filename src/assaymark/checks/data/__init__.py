"""Checks on data files and their provenance, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.data.data_acquisition_is_dated import data_acquisition_is_dated
from assaymark.checks.data.data_is_versioned import data_is_versioned
from assaymark.checks.data.data_sets_are_clean_of_hidden_instructions import (
    data_sets_are_clean_of_hidden_instructions,
)
from assaymark.checks.data.data_sources_are_documented import data_sources_are_documented
from assaymark.checks.data.personal_data_fits_the_declared_class import personal_data_fits_the_declared_class
from assaymark.checks.data.public_data_use_is_documented import public_data_use_is_documented
from assaymark.checks.data.sensitive_data_stays_out_of_the_tree import sensitive_data_stays_out_of_the_tree
from assaymark.checks.data.stored_data_is_disposed_of import stored_data_is_disposed_of

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    data_sources_are_documented,
    data_acquisition_is_dated,
    public_data_use_is_documented,
    data_is_versioned,
    data_sets_are_clean_of_hidden_instructions,
    personal_data_fits_the_declared_class,
    sensitive_data_stays_out_of_the_tree,
    stored_data_is_disposed_of,
)

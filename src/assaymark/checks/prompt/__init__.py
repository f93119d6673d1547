"""Checks on prompts, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.prompt.guardrail_stands_before_the_model import guardrail_stands_before_the_model
from assaymark.checks.prompt.prompts_are_free_of_secrets import prompts_are_free_of_secrets
from assaymark.checks.prompt.prompts_are_versioned_files import prompts_are_versioned_files
from assaymark.checks.prompt.prompts_come_from_pinned_sources import prompts_come_from_pinned_sources
from assaymark.checks.prompt.system_prompts_stand_apart import system_prompts_stand_apart
from assaymark.checks.prompt.untrusted_text_is_delimited import untrusted_text_is_delimited

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    untrusted_text_is_delimited,
    system_prompts_stand_apart,
    guardrail_stands_before_the_model,
    prompts_are_versioned_files,
    prompts_are_free_of_secrets,
    prompts_come_from_pinned_sources,
)

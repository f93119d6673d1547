"""Checks on what a model may do, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.agent.acting_tools_ask_first import acting_tools_ask_first
from assaymark.checks.agent.agent_loops_are_bounded import agent_loops_are_bounded
from assaymark.checks.agent.feedback_does_not_train_unchecked import feedback_does_not_train_unchecked
from assaymark.checks.agent.mcp_servers_are_pinned_and_limited import mcp_servers_are_pinned_and_limited
from assaymark.checks.agent.model_functions_are_limited_to_need import model_functions_are_limited_to_need
from assaymark.checks.agent.oversight_measures_are_verified import oversight_measures_are_verified
from assaymark.checks.agent.oversight_mechanism_exists import oversight_mechanism_exists
from assaymark.checks.agent.system_can_be_rolled_back import system_can_be_rolled_back
from assaymark.checks.agent.tool_permissions_are_limited import tool_permissions_are_limited

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    acting_tools_ask_first,
    tool_permissions_are_limited,
    oversight_mechanism_exists,
    oversight_measures_are_verified,
    agent_loops_are_bounded,
    model_functions_are_limited_to_need,
    system_can_be_rolled_back,
    feedback_does_not_train_unchecked,
    mcp_servers_are_pinned_and_limited,
)

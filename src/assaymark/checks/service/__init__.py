"""Checks on endpoints, servers, containers and deployments, in the order in which they are listed."""

from assaymark.checks._check import Check
from assaymark.checks.service.containers_run_with_least_privilege import containers_run_with_least_privilege
from assaymark.checks.service.endpoints_bound_their_input import endpoints_bound_their_input
from assaymark.checks.service.endpoints_check_identity import endpoints_check_identity
from assaymark.checks.service.endpoints_check_ownership import endpoints_check_ownership
from assaymark.checks.service.endpoints_limit_rate import endpoints_limit_rate
from assaymark.checks.service.environments_are_separate import environments_are_separate
from assaymark.checks.service.images_are_pinned import images_are_pinned
from assaymark.checks.service.infrastructure_is_monitored import infrastructure_is_monitored
from assaymark.checks.service.resources_are_bounded import resources_are_bounded
from assaymark.checks.service.secrets_stay_out_of_the_tree import secrets_stay_out_of_the_tree
from assaymark.checks.service.servers_bind_deliberately import servers_bind_deliberately
from assaymark.checks.service.stores_require_authentication import stores_require_authentication
from assaymark.checks.service.traffic_is_encrypted import traffic_is_encrypted
from assaymark.checks.service.training_data_stays_out_of_production import (
    training_data_stays_out_of_production,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    endpoints_check_identity,
    endpoints_check_ownership,
    endpoints_limit_rate,
    endpoints_bound_their_input,
    servers_bind_deliberately,
    secrets_stay_out_of_the_tree,
    stores_require_authentication,
    traffic_is_encrypted,
    environments_are_separate,
    training_data_stays_out_of_production,
    containers_run_with_least_privilege,
    images_are_pinned,
    resources_are_bounded,
    infrastructure_is_monitored,
)

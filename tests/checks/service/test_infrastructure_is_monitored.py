"""Somebody would notice."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_STACK = "services:\n  metrics: {image: 'prom/prometheus:v3'}\n  pages: {image: 'prom/alertmanager:v1'}\n"
MET = {"compose.yml": _STACK}
NOT_MET = {"app.py": "print(1)\n"}
NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE
NAME = "infrastructure_is_monitored"


def test_metrics_without_alerts_are_part_of_it() -> None:
    """Numbers that nobody is called for."""
    assert outcomes(observe(NAME, {"compose.yml": _STACK.partition("  pages")[0]})) == {Outcome.PARTLY_MET}


def test_a_health_check_is_a_sign() -> None:
    """Small, but something."""
    files = {"Dockerfile": "FROM a:1\nHEALTHCHECK CMD curl -f http://localhost/\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}

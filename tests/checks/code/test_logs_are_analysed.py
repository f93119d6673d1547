"""Logs are analysed: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "logs_are_analysed"

MET: dict[str, str | bytes] = {
    "app.py": """from prometheus_client import Counter

refusals = Counter("refusals", "Refused questions")


def watch(rate):
    if rate > 0.2:
        send_alert("refusals above baseline")
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """print("nothing is watched")
"""
}
"""A project in which it does not."""

NOT_MET_OUTCOME = Outcome.NOT_OBSERVABLE


def test_figures_without_an_alarm_are_half_of_it() -> None:
    """Metrics alone tell nobody."""
    source = "from prometheus_client import Counter\nc = Counter('a', 'b')\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.PARTLY_MET}

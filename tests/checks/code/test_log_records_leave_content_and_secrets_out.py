"""Log records leave content and secrets out: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "log_records_leave_content_and_secrets_out"

MET: dict[str, str | bytes] = {
    "app.py": """import logging

logging.info("answered in %s ms with %s tokens", ms, usage.total_tokens)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import logging

logger = logging.getLogger(__name__)


def connect(api_key):
    logger.debug("using key %s", api_key)
"""
}
"""A project in which it does not."""


def test_content_asks_a_person() -> None:
    """A logged prompt is reported, and a person judges."""
    seen = observe(NAME, {"app.py": "import logging\nlogging.info('prompt: %s', prompt)\n"})

    assert seen[0].outcome is Outcome.NOT_MET
    assert seen[0].certainty is Certainty.TENTATIVE


def test_figures_are_no_content() -> None:
    """Counts, ids and lengths about a prompt are fine."""
    source = "import logging\nlogging.info('%s %s %s', prompt_id, token_count, len(prompt))\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}


def test_printed_content_is_said() -> None:
    """What a command-line tool prints is no record, and is not passed over in silence either."""
    from assaymark.observation import Location
    from assaymark.scan.facts import LogSite

    printed = LogSite(at=Location("app/cli.py", 3), sink="print", subject="llm-call", content=True)
    (seen,) = observe(NAME, {}, extra=(printed,))
    assert seen.summary.endswith("none with a credential; content is only in what is printed for a user.")

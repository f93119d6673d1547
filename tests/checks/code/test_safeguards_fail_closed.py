"""Safeguards fail closed: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "safeguards_fail_closed"

MET: dict[str, str | bytes] = {
    "app.py": """def validate_prompt(text):
    try:
        return not service.flagged(text)
    except Exception:
        return False


def handle(text):
    return validate_prompt(text)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """def validate_prompt(text):
    try:
        return not service.flagged(text)
    except Exception:
        return True


def handle(text):
    return validate_prompt(text)
"""
}
"""A project in which it does not."""


def test_a_detector_that_finds_nothing_when_broken_is_open() -> None:
    """For a function that detects, `False` is the answer that lets through."""
    source = """
def detect_injection(text):
    try:
        return classifier(text) > 0.5
    except Exception:
        return False
"""
    seen = observe(NAME, {"guard.py": source})

    assert outcomes(seen) == {Outcome.NOT_MET}


def test_carrying_on_without_the_safeguard_is_open() -> None:
    """Swallowing the error of a check that was called for its refusal is reported."""
    source = """
import logging

def handle(user, text):
    try:
        check_permission(user)
    except Exception:
        logging.warning("permission service down")
    return run(text)
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_an_expected_refusal_is_not_a_failure() -> None:
    """A handler for one named refusal, or one that raises, is how a check is meant to work."""
    source = """
def handle(user, text):
    try:
        check_permission(user)
    except PermissionDenied:
        return None
    try:
        validate_input(text)
    except Exception as error:
        raise Refused from error
    return run(text)
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}

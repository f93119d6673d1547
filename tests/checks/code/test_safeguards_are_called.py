"""Safeguards are called: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "safeguards_are_called"

MET: dict[str, str | bytes] = {
    "app.py": """def sanitize_input(text):
    return text.replace("<", "")


def handle(text):
    return sanitize_input(text)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """def ensure_read_only(sql):
    if not sql.startswith("select"):
        raise ValueError(sql)


def run(sql):
    return sql
"""
}
"""A project in which it does not."""


def test_a_call_in_another_file_counts() -> None:
    """A safeguard is called even if its caller lives elsewhere and renames it."""
    files = {
        "guard.py": NOT_MET["app.py"],
        "app.py": "from guard import ensure_read_only as check\ncheck('x')\n",
    }

    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_test_is_no_caller() -> None:
    """A call from a test alone protects nobody."""
    files = {**NOT_MET, "tests/test_app.py": "from app import ensure_read_only\nensure_read_only('x')\n"}

    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_registered_hook_is_used() -> None:
    """A decorator that registers the function calls it."""
    source = "@app.before_request\ndef check_rate_limit():\n    limiter.hit()\n"

    assert outcomes(observe(NAME, {"app.py": source.replace("check_rate_limit", "rate_limit")})) == {
        Outcome.MET
    }


def test_only_an_approval_speaks_to_oversight() -> None:
    """A function that cleans text is no measure of oversight by people; one that asks them is."""
    asks = {"app.py": MET["app.py"].replace("sanitize_input", "require_approval")}

    assert "5.1.4-3#1" not in observe(NAME, MET)[0].obligations
    assert "5.1.4-3#1" in observe(NAME, asks)[0].obligations

"""Safeguards that let through when they break, and what merely looks like one."""

from tests.scan.python.reading import found

from assaymark.scan.facts import FailOpen, ToolDefinition


def opened(code: str) -> list[str]:
    """How each safeguard of a file lets through."""
    return [f.how for f in found(FailOpen, code)]


DEFAULT = """
def is_allowed(text):
    allowed = True
    try:
        allowed = service.ask(text)
    except Exception:
        {handler}
    return allowed
"""


def test_a_default_that_allows_is_open() -> None:
    """`allowed = True` before the attempt survives a handler that only logs."""
    assert opened(DEFAULT.format(handler="logger.exception('x')")) == ["default allows"]
    assert opened(DEFAULT.format(handler="raise")) == []
    assert opened(DEFAULT.format(handler="return False")) == []


CAUGHT = """
def handle(text):
    try:
        if not is_allowed(text):
            raise ValueError("no")
    except Exception:
        {handler}
    return model.answer(text)
"""


def test_a_refusal_that_its_own_handler_swallows_is_open() -> None:
    """`except Exception: pass` around `if not allowed: raise` refuses nobody."""
    assert opened(CAUGHT.format(handler="pass")) == ["continues without it"]
    assert opened(CAUGHT.format(handler="raise")) == []
    assert opened(CAUGHT.format(handler="return None")) == []


DECIDES = """
from fastapi import HTTPException

def fine(text):
    try:
        return service.ask(text)
    except ConnectionError:
        return {answer}

def handle(text):
    if not fine(text):
        raise {refusal}
    return text
"""


def test_a_function_whose_answer_decides_a_refusal_is_a_safeguard() -> None:
    """Its name says nothing; that a 403 depends on it does. A retry or a missing file is another matter."""
    assert opened(DECIDES.format(answer="True", refusal="HTTPException(status_code=403)")) == ["returns True"]
    assert opened(DECIDES.format(answer="False", refusal="HTTPException(status_code=403)")) == []
    assert opened(DECIDES.format(answer="True", refusal="FileNotFoundError()")) == []


def test_a_look_at_the_first_word_does_not_bound_a_query() -> None:
    """Behind `startswith("SELECT")` stand stacked statements, so whether it is bounded is left open."""
    code = (
        "import sqlite3\nfrom langchain_core.tools import tool\ndb = sqlite3.connect('x')\n"
        '@tool\ndef query(sql: str) -> str:\n    """Read."""\n'
        "    if not sql.upper().startswith('SELECT'):\n        raise ValueError\n    return db.execute(sql)\n"
    )
    assert found(ToolDefinition, code)[0].constrained is None
    listed = code.replace("not sql.upper().startswith('SELECT')", "sql not in ALLOWED")
    assert found(ToolDefinition, listed)[0].constrained is True

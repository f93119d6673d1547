"""Where a value comes from is followed through assignments, helpers and callers of the same file."""

import pytest
from tests.scan.python.reading import the

from assaymark.scan.facts import DynamicExecution, Origin

FLASK = "from flask import Flask, request\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (Origin.CONSTANT, "X = '1'\neval(X + '2')"),
        (Origin.CONFIGURATION, "import os\neval(os.environ['X'])"),
        (Origin.CONFIGURATION, "import os\nx = os.getenv('X', '1')\neval(x)"),
        (
            Origin.REQUEST,
            FLASK + "@app.route('/')\ndef f():\n    x = request.args.get('q')\n    return eval(x)",
        ),
        (Origin.REQUEST, "eval(input())"),
        (Origin.PARAMETER, "def f(x):\n    eval(x.strip())"),
        (Origin.UNKNOWN, "eval(something)"),
        (Origin.RETRIEVED, "import requests\nr = requests.get('https://a.example/x')\neval(r.text)"),
        (
            Origin.TOOL_ARGUMENT,
            "from smolagents import tool\n@tool\ndef calc(e: str) -> str:\n    return eval(f'{e}')",
        ),
        (
            Origin.MODEL_OUTPUT,
            "import ollama\nfor part in ollama.chat(model='m', stream=True):\n    exec(part['x'])",
        ),
        (
            Origin.MODEL_OUTPUT,
            (
                "import litellm\ndef ask(q):\n    return litellm.completion(model='m', messages=[q])\n"
                "def go(q):\n    exec(ask(q))"
            ),
        ),
        (
            Origin.TOOL_ARGUMENT,
            (
                "from smolagents import tool\ndef helper(x):\n    eval(x)\n"
                "@tool\ndef calc(e: str):\n    helper(e)"
            ),
        ),
    ],
)
def test_origin(origin: Origin, source: str) -> None:
    """One value, one origin."""
    assert the(DynamicExecution, source).origin is origin


def test_names_that_refer_to_themselves_end() -> None:
    """A loop of assignments or of functions does not run for ever."""
    source = "def f(x):\n    y = x\n    x = y\n    y = g(x)\n    eval(y)\ndef g(z):\n    return f(z)\n"

    assert the(DynamicExecution, source).callee == "eval"

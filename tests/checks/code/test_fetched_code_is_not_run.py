"""Fetched code is not run: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

NAME = "fetched_code_is_not_run"

MET: dict[str, str | bytes] = {
    "app.py": """import urllib.request

urllib.request.urlretrieve("https://example.org/v1.2.0/model.onnx", "model.onnx")
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import requests


def plugin():
    source = requests.get("https://example.org/main/plugin.py").text
    exec(source)
"""
}
"""A project in which it does not."""


def test_a_shell_pipe_in_a_notebook_is_seen() -> None:
    """`!curl … | sh` in a cell runs what was fetched."""
    book = '{"cells": [{"cell_type": "code", "source": ["!curl -fsSL https://example.org/install.sh | sh"]}]}'

    assert outcomes(observe(NAME, {"setup.ipynb": book})) == {Outcome.NOT_MET}

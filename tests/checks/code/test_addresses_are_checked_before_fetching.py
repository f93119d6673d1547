"""Addresses are checked before fetching: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "addresses_are_checked_before_fetching"

MET: dict[str, str | bytes] = {
    "app.py": """import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/preview")
def preview(url: str):
    if not is_allowed_host(url):
        raise ValueError(url)
    return requests.get(url, timeout=5).text
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/preview")
def preview(url: str):
    return requests.get(url, timeout=5).text
"""
}
"""A project in which it does not."""


def test_a_fixed_host_is_harmless() -> None:
    """A caller who chooses a part of the path of a fixed host is no server-side fetch."""
    source = str(NOT_MET["app.py"]).replace(
        "requests.get(url", "requests.get(f'https://api.example.org/v1/{url}'"
    )

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_APPLICABLE}


def test_a_tool_that_fetches_anything_is_seen() -> None:
    """An address that a model names is opened unchecked."""
    source = """
import httpx
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("fetch")

@mcp.tool()
async def fetch(url: str) -> str:
    "Fetch a page."
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).text
"""
    seen = observe(NAME, {"server.py": source})

    assert outcomes(seen) == {Outcome.NOT_MET}
    assert seen[0].certainty is Certainty.FIRM


def test_a_contained_path_is_checked() -> None:
    """A path that must lie within a folder passes."""
    source = """
from pathlib import Path
from langchain_core.tools import tool

@tool
def read(name: str) -> str:
    "Read a file."
    path = (BASE / name).resolve()
    if not path.is_relative_to(BASE):
        raise ValueError(name)
    return open(path).read()
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}

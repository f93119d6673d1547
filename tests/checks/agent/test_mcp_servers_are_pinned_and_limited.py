"""MCP servers are fixed and bounded."""

import json

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome


def config(command: str, *args: str, **rest: str) -> dict[str, str]:
    """A project with one MCP server."""
    return {
        ".mcp.json": json.dumps({"mcpServers": {"one": {"command": command, "args": list(args), **rest}}})
    }


MET = config("npx", "-y", "@acme/files@1.4.2", "./data")
NOT_MET = config("npx", "-y", "@acme/files", "./data")
NAME = "mcp_servers_are_pinned_and_limited"


def test_the_newest_version_at_each_start_is_firm() -> None:
    """No version means that anybody who publishes decides what runs."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM


def test_latest_is_no_version() -> None:
    """A tag that moves is as good as none."""
    assert outcomes(observe(NAME, config("npx", "-y", "@acme/files@latest"))) == {Outcome.NOT_MET}


def test_the_whole_disk_is_too_much() -> None:
    """A pinned file server over the root folder is for a person to judge."""
    (seen,) = observe(NAME, config("npx", "-y", "@acme/files@1.4.2", "/"))
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_plain_http_beyond_the_machine_is_seen() -> None:
    """A remote server without encryption is a fault; a local one is not."""
    far = {".mcp.json": '{"mcpServers": {"a": {"url": "http://tools.example.org/mcp"}}}'}
    near = {".mcp.json": '{"mcpServers": {"a": {"url": "http://localhost:3000/mcp"}}}'}
    assert outcomes(observe(NAME, far)) == {Outcome.NOT_MET}
    assert outcomes(observe(NAME, near)) == {Outcome.MET}


def test_a_program_of_the_machine_is_no_download() -> None:
    """A local script is neither fetched nor unpinned."""
    assert outcomes(observe(NAME, config("node", "build/index.js"))) == {Outcome.MET}

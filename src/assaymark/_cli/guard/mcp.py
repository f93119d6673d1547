"""``assaymark guard mcp``: the guard between an MCP client and its server, over stdio or HTTP."""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from assaymark._cli.places import key_path
from assaymark.errors import AssaymarkError, UsageError

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_TOKEN = "ASSAYMARK_APPROVALS_TOKEN"  # noqa: S105 - the name of a variable


@click.command("mcp", context_settings={"ignore_unknown_options": True})
@click.option("--policy", type=_FILE, help="Policy file; the shipped default if none is named.")
@click.option("--upstream", metavar="URL", help="An MCP server over HTTP, instead of a COMMAND.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, for HTTP.")
@click.option("--port", default=8601, show_default=True, type=click.IntRange(0, 65535), help="For HTTP.")
@click.option("--allow-host", multiple=True, help="A further name under which clients reach this gateway.")
@click.option("--pins", type=_FILE, help="Remember the tools' declarations in this file.")
@click.option("--name", default="", help="The server's name in the file of pins.")
@click.option("--shadow", is_flag=True, help="Decide and record; change and block nothing.")
@click.option("--ledger", type=_FILE, help="Record decisions in this ledger.")
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of a detector trained elsewhere.")
@click.argument("server", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND ARGS…]")
def command(**options: Any) -> None:
    """Guard an MCP server, in both directions.

    Put `assaymark guard mcp -- COMMAND ARGS…` where your client's settings
    start the server; or name an HTTP server with --upstream and point the
    client at http://HOST:PORT/mcp.
    """
    if bool(options["upstream"]) == bool(options["server"]):
        raise UsageError("Name one server.", "Write its command after `--`, or its address with --upstream.")
    try:
        startup = importlib.import_module("assaymark.guard.proxy.startup")
        assembly = importlib.import_module("assaymark.guard.library.assembly")
    except ModuleNotFoundError as error:
        raise AssaymarkError(
            f"The gateway needs {error.name}, which is not installed.",
            "Run `pip install 'assaymark[guard]'`.",
        ) from None
    loaded = startup.read_policy_file(options["policy"], options["shadow"], _told)
    parts = assembly.assembled(loaded, options["weights"])
    recorder = _recorder(options["ledger"], parts)
    if options["upstream"]:
        _http(options, loaded, parts, recorder)
    else:
        sys.exit(asyncio.run(_stdio(options, loaded, parts, recorder)))


async def _stdio(options: dict[str, Any], loaded: Any, parts: Any, recorder: Any) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from assaymark.guard.core.ports import Context
    from assaymark.guard.proxy.mcp_guard import McpGuard
    from assaymark.guard.proxy.mcp_session import Session
    from assaymark.guard.proxy.mcp_stdio import StdioProxy, own_pipes
    from assaymark.guard.proxy.recording import Recording

    recording = Recording(recorder, lambda: _told("The log cannot be written; trying again."))
    approvals = _approvals(options, loaded)
    approvals.on_record = recording.put
    pool = ThreadPoolExecutor(2, "guard-judge")
    context = Context(protocol="mcp", upstream=Path(options["server"][0]).name)
    guard = McpGuard(parts, pool, approvals, recording.put)
    session = Session(parts, context, _pins(options)())
    try:
        return await StdioProxy(guard, session, options["server"]).run(*await own_pipes())
    finally:
        await approvals.close()
        recording.close()
        pool.shutdown(wait=False, cancel_futures=True)


def _http(options: dict[str, Any], loaded: Any, parts: Any, recorder: Any) -> None:
    from assaymark.guard.proxy.approvals_http import approval_routes
    from assaymark.guard.proxy.mcp_server import mcp_application, mcp_server, serve_mcp
    from assaymark.guard.proxy.settings import Settings, origin
    from assaymark.guard.proxy.state import State

    settings = Settings(upstream=origin(options["upstream"]), host=options["host"], port=options["port"])
    approvals = _approvals(options, loaded)
    state = State(settings, parts, recorder, approvals)
    hosts = frozenset(name.lower() for name in options["allow_host"])
    app = mcp_application(state, approvals, hosts, _pins(options))
    token = os.environ.get(_TOKEN, "")
    routes = approval_routes(approvals, token) if token else []
    where = f"{options['host']}:{options['port']}"
    _told(f"The guard listens on http://{where}/mcp before {options['upstream']}.")
    serve_mcp(mcp_server(state, app, routes, approvals), where)


def _approvals(options: dict[str, Any], loaded: Any) -> Any:
    from assaymark.guard.proxy.approvals import Approvals
    from assaymark.guard.proxy.approvals_store import Store

    store = loaded.policy.approvals.store
    folder = options["policy"].parent if options["policy"] else Path()
    return Approvals(Store(str(folder / store) if store else ""), loaded.policy, loaded.sha256)


def _pins(options: dict[str, Any]) -> Any:
    from assaymark.guard.proxy.mcp_pins import PinFile, Pins

    path = options["pins"]
    server = options["name"] or options["upstream"] or " ".join(options["server"])
    return (lambda: PinFile(path, server)) if path else Pins


def _recorder(path: Path | None, parts: Any) -> Any:
    """The ledger's recorder; a ledger that was asked for and cannot be had stops the start."""
    if path is None and not parts.policy.log.ledger:
        return None
    recorder = importlib.import_module("assaymark.guard.evidence.recorder")
    return recorder.open_recorder(path or Path(parts.policy.log.ledger), parts.policy, key_path())


def _told(line: str) -> None:
    click.echo(line, err=True)

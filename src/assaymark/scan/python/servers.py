"""Servers that listen, and to whom."""

import ast
from collections.abc import Iterable, Iterator

from assaymark.scan.facts import Fact, ServerBind
from assaymark.scan.python._module import Call, Module

__all__ = ["server_binds"]

_ANY = frozenset({"0.0.0.0", "::", "[::]", "*", "0"})  # noqa: S104 - looked for, not bound
_DEFAULT_ANY = frozenset(
    {"aiohttp.web.run_app", "waitress.serve", "bentoml.serve", "litserve.LitServer().run"}
)
_RUNNERS = frozenset(
    [
        "uvicorn.run",
        "uvicorn.Config",
        "hypercorn.Config",
        "waitress.serve",
        "aiohttp.web.run_app",
        "aiohttp.web.TCPSite",
        "ray.serve.start",
    ]
)
_APPS = (
    "flask.Flask()",
    "quart.Quart()",
    "sanic.Sanic()",
    "bottle.Bottle()",
    "FastMCP()",
    "dash.Dash()",
    "nicegui.ui",
)
_SOCKETS = frozenset({"HTTPServer", "ThreadingHTTPServer", "TCPServer", "create_server", "start_server"})


def server_binds(module: Module) -> Iterable[Fact]:
    """Run calls, sockets and settings that open the system to callers."""
    for call in module.ending(
        "run", "run_app", "serve", "Config", "launch", "start", "run_async", "FastMCP", "TCPSite"
    ):
        if _runs(call):
            yield _bind(call, module)
    for call in module.ending("add_insecure_port", *_SOCKETS):
        yield from _socket(call, module)
    yield from _cors(module)


def _runs(call: Call) -> bool:
    if call.name in _RUNNERS or call.name in _DEFAULT_ANY:
        return True
    if call.last == "launch":
        return call.name.startswith("gradio.") or call.kw("share", "server_name") is not None
    if call.last == "FastMCP":
        return call.kw("host") is not None
    return (
        call.last in ("run", "run_async") and any(app in call.name for app in _APPS) and not _is_stdio(call)
    )


def _is_stdio(call: Call) -> bool:
    return "FastMCP()" in call.name and call.kw("host", "port") is None


def _bind(call: Call, module: Module) -> ServerBind:
    host = call.kw("host", "server_name", "interface")
    if host is None and "flask" in call.name and call.node.args:
        host = call.node.args[0]
    named = module.text(host, call.scope)
    port = module.constant(call.kw("port", "server_port"), call.scope)
    share = module.constant(call.kw("share"), call.scope) is True
    return ServerBind(
        at=module.at(call),
        host=named or ("" if host is not None else "0.0.0.0" if call.name in _DEFAULT_ANY else "127.0.0.1"),  # noqa: S104 - reported
        port=port if isinstance(port, int) and 0 <= port < 65536 else 0,
        every_interface=share or named in _ANY or (host is None and call.name in _DEFAULT_ANY),
        debug=module.constant(call.kw("debug", "reload"), call.scope) is True
        and call.kw("debug") is not None,
    )


def _socket(call: Call, module: Module) -> Iterator[ServerBind]:
    first = call.arg(0, "address")
    if call.last == "add_insecure_port":
        host, _, port = module.text(first, call.scope).rpartition(":")
        if host:
            yield ServerBind(
                at=module.at(call),
                host=host,
                port=int(port) if port.isdecimal() and len(port) < 6 else 0,
                every_interface=host in _ANY,
            )
    elif isinstance(first, ast.Tuple) and len(first.elts) == 2:
        host = module.text(first.elts[0], call.scope)
        number = module.constant(first.elts[1], call.scope)
        literal = isinstance(first.elts[0], ast.Constant)
        yield ServerBind(
            at=module.at(call),
            host=host,
            port=number if isinstance(number, int) and 0 <= number < 65536 else 0,
            every_interface=host in _ANY or (literal and host == ""),
        )


def _cors(module: Module) -> Iterator[ServerBind]:
    for call in module.ending("add_middleware", "CORSMiddleware"):
        listed = call.kw("allow_origins", "allow_origin_regex")
        if listed is not None and _anyone(listed, call, module):
            yield ServerBind(at=module.at(call), host="", every_interface=False, cors_any=True)
    for call in module.named(("flask_cors.CORS", "quart_cors.cors")):
        origins = call.kw("origins", "resources", "allow_origin")
        if origins is None or _anyone(origins, call, module):
            yield ServerBind(at=module.at(call), host="", every_interface=False, cors_any=True)


def _anyone(node: ast.expr, call: Call, module: Module) -> bool:
    if isinstance(node, ast.Name) and (found := module.value_of(node, call.scope)):
        node = found[0]
    return any(isinstance(n, ast.Constant) and n.value in ("*", ".*") for n in ast.walk(node))

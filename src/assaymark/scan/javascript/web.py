"""Network endpoints and servers: Express, Fastify, Hono, Koa, Next route handlers, SvelteKit, h3."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import Endpoint, Fact, ServerBind
from assaymark.scan.javascript.effects import calls_within, reaches_of
from assaymark.scan.javascript.libraries import AUTH, library_of
from assaymark.scan.javascript.linking import (
    AUTH_TEXT,
    AUTHENTICATES,
    Cover,
    foreign_calls,
    foreign_names,
    mounts,
    router_name,
)
from assaymark.scan.javascript.module import Call, Function, text
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Route", "find_routes", "web_facts"]


class Route(Struct, eq=False):
    """An endpoint before it is described as a fact."""

    framework: str
    method: str
    path: str
    line: int
    handler: Function | None
    guards: "tuple[Node, ...]" = ()
    scope: Function | None = None
    application: str = ""
    """Source text of the receiver (`app`), for what covers all its routes."""
    own: bool = False
    """The application object is made in this file and goes nowhere else."""
    position: int = 0


_METHODS = frozenset({"get", "post", "put", "patch", "delete", "all"})
_FRAMEWORKS = {
    "express": "express",
    "fastify": "fastify",
    "hono": "hono",
    "@koa/router": "koa",
    "koa-router": "koa",
    "koa": "koa",
    "elysia": "elysia",
    "h3": "h3",
}
_APPLICATION = re.compile(r"(app|router|server|api|fastify|instance)$", re.IGNORECASE)
_NEXT = re.compile(r"(^|/)app/(?P<route>.*/)?route\.[jt]sx?$")
_NEXT_PAGES = re.compile(r"(^|/)pages/(?P<route>api/.*)\.[jt]sx?$")
_SVELTE = re.compile(r"(^|/)routes/(?P<route>.*/)?\+server\.[jt]s$")
_NUXT = re.compile(r"(^|/)server/(?P<route>(api|routes)/.*)\.[jt]s$")
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
LIMITS = re.compile(
    r"rate_?limit\w*|throttl\w*|slowDown|limiter\b|\.limit\(\)$|arcjet|checkRateLimit", re.IGNORECASE
)
_OWNER = re.compile(
    r"\b(userId|user_id|ownerId|owner_id|owner|authorId|tenantId|tenant_id|orgId|organizationId|accountId"
    r"|session\.user|req\.user|ctx\.user|auth\.uid|canAccess\w*|authorize\w*)\b"
)
_NAMED_OBJECT = re.compile(r"[:\[{](?!\.\.\.)(\w*[iI]d|uuid)\b")
_VALIDATES = re.compile(
    r"\.(safeParse|parse|parseAsync|validate|validateAsync|validateSync|safeParseAsync)\($"
    r"|zValidator|validationResult|validateBody|zod|joi|ajv",
    re.IGNORECASE,
)
_BOUNDS = re.compile(
    r"\.max\(|\.length\s*[>)]|maxLength|content-length|MAX_\w*(LEN|SIZE|CHARS)|bodyLimit|sizeLimit"
)


def find_routes(values: Values) -> list[Route]:
    """Every endpoint of the module; marks handlers so that origins know of them."""
    routes = [r for call in values.module.calls for r in _routed(values, call)]
    routes += _by_file(values)
    for route in routes:
        if route.handler is not None and route.handler.node is not None:
            values.request_handlers.add(route.handler.node.id)
    return routes[:1_000]


def _framework(values: Values, call: Call) -> str:
    """Framework of the receiver of `app.get(…)`, as far as it shows."""
    target = call.target
    receiver = target.child_by_field_name("object") if target.type == "member_expression" else None
    if receiver is None:
        return ""
    name = values.name(receiver, call.function)
    library = library_of(name.partition("::")[0]) if "::" in name else ""
    if library:
        return _FRAMEWORKS.get(library, "")
    if not _APPLICATION.search(text(receiver, 60)):
        return ""
    used = (library_of(s) for s in values.module.import_lines)
    return next((_FRAMEWORKS[lib] for lib in used if lib in _FRAMEWORKS), "")


def _routed(values: Values, call: Call) -> Iterator[Route]:
    if call.target.type != "member_expression" or not call.arguments:
        return
    verb = text(call.target.child_by_field_name("property"), 20)
    if verb not in _METHODS and verb != "route":
        return
    framework = _framework(values, call)
    if not framework:
        return
    receiver = call.target.child_by_field_name("object")
    home = (call.function, text(receiver, 60), _made_here(values, call), call.node.start_byte)
    if verb == "route":
        options = values.properties(call.arguments[0], call.function)
        path = values.constant(options.get("url"), call.function)
        if path is not None:
            method = (values.constant(options.get("method"), call.function) or "ANY").upper()
            handler = _function(values, options.get("handler"), call.function)
            guards = tuple(options[k] for k in ("preHandler", "onRequest", "preValidation") if k in options)
            yield Route(framework, method, path, call.line, handler, guards, *home)
        return
    path = values.constant(call.arguments[0], call.function)
    if path is None or not path.startswith(("/", "*")) or len(call.arguments) < 2:
        return
    handler = _function(values, call.arguments[-1], call.function)
    guards = call.arguments[1:-1]
    yield Route(framework, verb.upper(), path, call.line, handler, guards, *home)


def _made_here(values: Values, call: Call) -> bool:
    """The receiver is an application made in this file (not a router that another file mounts)."""
    receiver = call.target.child_by_field_name("object")
    name = values.name(receiver, call.function)
    application = text(receiver, 60)
    if "::" not in name or "Router" in name or not name.endswith("()"):
        return False
    handed = any(
        application in (text(a, 60) for a in c.arguments) and "listen" not in text(c.target, 60)
        for c in values.module.calls
        if not text(c.target, 60).endswith(("createServer", "serve", "log"))
    )
    return not handed


def _function(values: Values, node: "Node | None", scope: Function | None) -> Function | None:
    node = values.follow(node, scope)
    if node is None:
        return None
    if node.type == "call_expression":  # asyncHandler(async (req, res) => …)
        arguments = node.child_by_field_name("arguments")
        inner = arguments.named_children if arguments is not None else []
        return next((f for a in inner if (f := values.module.by_node.get(a.id))), None)
    found = values.module.by_node.get(node.id)
    return found or (values.module.named(text(node, 100)) if node.type == "identifier" else None)


def _by_file(values: Values) -> Iterator[Route]:
    """Routes that a framework derives from the file's path."""
    module = values.module
    for pattern, framework in ((_NEXT, "next"), (_SVELTE, "sveltekit")):
        found = pattern.search(module.path)
        if found:
            path = "/" + (found["route"] or "").rstrip("/")
            for verb in sorted(_VERBS & module.exports.keys()):
                yield Route(framework, verb, path, module.exports[verb], module.named(verb))
    for pattern, framework in ((_NEXT_PAGES, "next"), (_NUXT, "h3")):
        found = pattern.search(module.path)
        if found and "default" in module.exports:
            handlers = [f for f in module.functions if f.exported or f.name == "handler"] or module.functions
            handler = handlers[0] if handlers else None
            yield Route(framework, "ANY", "/" + found["route"], module.exports["default"], handler)


def web_facts(values: Values, routes: list[Route]) -> Iterator[Fact]:
    """`Endpoint`, `Mount` and `ServerBind` facts."""
    covers = _covers(values) if routes else {}
    for route in routes:
        yield _endpoint(values, route, covers)
    yield from mounts(values, covers)
    yield from _binds(values)


def _covers(values: Values) -> dict[str, list[Cover]]:
    """Application → its covers."""
    found: dict[str, list[Cover]] = {}
    for call in values.module.calls:
        if call.target.type != "member_expression":
            continue
        verb = text(call.target.child_by_field_name("property"), 20)
        if verb in ("use", "addHook", "register", "all"):
            receiver = text(call.target.child_by_field_name("object"), 60)
            names = " ".join(_guard_name(values, a, call.function) for a in call.arguments)
            prefix = values.constant(call.arguments[0], call.function) if call.arguments else None
            path = (prefix or "").rstrip("*/") if (prefix or "").startswith("/") else ""
            found.setdefault(receiver, []).append(
                Cover(call.node.start_byte, path, names, foreign_names(values, call.arguments))
            )
    return found


def _guard_name(values: Values, node: "Node", scope: Function | None) -> str:
    """Names by which a middleware can be recognised: its own, its package, and its first words."""
    followed = values.follow(node, scope)
    name = values.name(node, scope)
    specifier = name.partition("::")[0] if "::" in name else ""
    package = "package:auth authenticate()" if library_of(specifier) in AUTH else specifier
    body = text(followed, 600) if followed is not None and followed.type != "string" else ""
    signs = (
        "authenticate() "
        if followed is not None and followed.id in values.module.by_node and (AUTH_TEXT.search(body))
        else ""
    )
    return f"{text(node, 200)} {name} {package} {signs}{body if '(' in body[:80] else ''}"


def _endpoint(values: Values, route: Route, covers: dict[str, list[Cover]]) -> Endpoint:
    calls = tuple(calls_within(values, route.handler)) if route.handler is not None else ()
    body = text(route.handler.node, 20_000) if route.handler is not None else ""
    names = [values.call_name(c) for c in calls]
    before = [
        c.names for c in covers.get(route.application, ()) if c.stands_before(route.position, route.path)
    ]
    guards = [_guard_name(values, g, route.scope) for g in route.guards]
    known = route.handler is not None
    authenticated = (
        any(AUTHENTICATES.search(_last(n)) or library_of(n.partition("::")[0]) in AUTH for n in names)
        or any(AUTHENTICATES.search(w) for t in (*guards, *before) for w in t.split())
        or AUTH_TEXT.search(body) is not None
    )
    limited = any(LIMITS.search(n) for n in names) or any(LIMITS.search(t) for t in (*guards, *before))
    whole = route.own or route.framework in ("next", "sveltekit", "h3")
    reaches = reaches_of(values, calls)
    method = route.method
    covering = (c for c in covers.get(route.application, ()) if c.stands_before(route.position, route.path))
    before_it = tuple(
        dict.fromkeys((*foreign_names(values, route.guards), *(n for c in covering for n in c.foreign)))
    )
    return Endpoint(
        at=Location(values.module.path, route.line),
        framework=route.framework,
        method=method,
        route=route.path[:200],
        handler=route.handler.qualified if route.handler is not None else "",
        authenticated=True if authenticated else False if known and whole and not before_it else None,
        checks_ownership=_ownership(route, body, reaches),
        rate_limited=True if limited else False if known and whole and not before_it else None,
        bounded_input=_bounded(values, route, body, before),
        validated=_validated(values, names, guards, known),
        reaches=reaches,
        mutates=method in ("POST", "PUT", "PATCH", "DELETE"),
        calls=foreign_calls(values, calls),
        dependencies=before_it,
        router="" if whole else router_name(values, route.application),
    )


def _last(name: str) -> str:
    return "." + name.rpartition("::")[2]


def _ownership(route: Route, body: str, reaches: tuple[str, ...]) -> bool | None:
    if not _NAMED_OBJECT.search(route.path) or route.handler is None or "database" not in reaches:
        return None
    return _OWNER.search(body) is not None


def _validated(values: Values, names: list[str], guards: list[str], known: bool) -> bool | None:
    if any(_VALIDATES.search(n + "(") for n in names if not n.startswith("JSON.")):
        return True
    if any(_VALIDATES.search(g) for g in guards):
        return True
    return False if known else None


def _bounded(values: Values, route: Route, body: str, before: list[str]) -> bool | None:
    """Express and Fastify bound bodies by default (100 kB, 1 MiB); Hono and bare handlers do not."""
    if route.method in ("GET", "DELETE"):
        return None
    if _BOUNDS.search(body) or any("imit" in t for t in before):
        return True
    if "multer(" in " ".join(before) and "limits" not in " ".join(before):
        return False
    match route.framework:
        case "fastify":
            return True
        case "express" if any("json" in t for t in before):
            return True
        case "next" if "pages/" in values.module.path:
            return True
        case "hono" if route.own and route.handler is not None:
            return False
        case _:
            return None


def _binds(values: Values) -> Iterator[ServerBind]:
    module = values.module
    web = [lib for s in module.import_lines if (lib := library_of(s)) in _FRAMEWORKS or s.endswith("http")]
    cors = any(_any_origin(values, c) for c in module.calls)
    bound = False
    for call in module.calls:
        name = values.call_name(call)
        listens = name.endswith(".listen") and web
        serves = name in ("Bun.serve", "Deno.serve", "@hono/node-server::serve")
        if listens or serves:
            bound = True
            yield _bind(values, call, cors, "fastify" if "fastify" in name or web[:1] == ["fastify"] else "")
    if cors and not bound:
        line = next(c.line for c in module.calls if _any_origin(values, c))
        yield ServerBind(at=Location(module.path, line), host="", every_interface=False, cors_any=True)


def _any_origin(values: Values, call: Call) -> bool:
    name = values.call_name(call)
    if name in ("cors::", "@koa/cors::", "hono/cors::cors", "@fastify/cors::"):
        if not call.arguments:
            return name != "@koa/cors::"
        options = values.properties(call.arguments[0], call.function)
        origin = options.get("origin")
        return values.constant(origin, call.function) in ("*", "true") if origin is not None else False
    if len(call.arguments) == 2 and name.endswith((".setHeader", ".header", ".set")):
        key, value = (values.constant(a, call.function) or "" for a in call.arguments)
        return key.lower() == "access-control-allow-origin" and value == "*"
    return False


def _bind(values: Values, call: Call, cors: bool, framework: str) -> ServerBind:
    options: dict[str, Node] = {}
    for argument in call.arguments:
        options.update(values.properties(argument, call.function))
    node = options.get("host") or options.get("hostname")
    plain = [a for a in call.arguments if a.id not in values.module.by_node and a.type != "object"]
    if node is None and not options and len(plain) > 1 and plain[1].type in ("string", "identifier"):
        node = plain[1] if values.constant(plain[1], call.function) is not None else None
    host = values.constant(node, call.function)
    port = values.constant(options.get("port") or (plain[0] if plain else None), call.function) or ""
    unstated = node is None and not (len(plain) > 1) and framework != "fastify"
    return ServerBind(
        at=Location(values.module.path, call.line),
        host=host or ("::" if unstated else "127.0.0.1" if node is None and framework == "fastify" else ""),
        port=int(port) if port.isdecimal() and len(port) < 6 else 0,
        every_interface=unstated or host in ("0.0.0.0", "::", ""),  # noqa: S104 - recognised, not bound
        cors_any=cors,
    )

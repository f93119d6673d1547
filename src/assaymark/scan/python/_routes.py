"""Where a handler hangs: decorators and registrations that name a route."""

import ast
from collections.abc import Iterator

from assaymark.scan.python._module import Module, Scope
from assaymark.scan.python._roles import ROUTE_METHODS

__all__ = ["MUTATING", "Route", "keyword_of", "routes_of"]

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods that change something."""


class Route:
    """Where a handler hangs: the decorator or registration that names it."""

    def __init__(
        self,
        framework: str,
        method: str,
        path: str,
        node: ast.AST,
        owner: str,
        receiver: ast.expr | None = None,
    ) -> None:
        self.framework, self.method, self.path, self.node, self.owner = framework, method, path, node, owner
        self.receiver = receiver

    @property
    def router(self) -> str:
        """Variable of the router or foreign application that the route hangs on; empty for an application."""
        made_here = self.owner.endswith("()") and "Router" not in self.owner and "Blueprint" not in self.owner
        return self.receiver.id if isinstance(self.receiver, ast.Name) and not made_here else ""


def routes_of(scope: Scope, module: Module) -> Iterator[Route]:
    """Every route under which a handler is reached."""
    found = False
    for decorator in scope.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (
            isinstance(target, ast.Attribute)
            and isinstance(decorator, ast.Call)
            and target.attr in ROUTE_METHODS
        ):
            found = True
            yield from _decorated(decorator, target, scope, module)
    if not found:
        yield _registered(scope, module)


def _decorated(decorator: ast.Call, target: ast.Attribute, scope: Scope, module: Module) -> Iterator[Route]:
    outer = scope.parent or module.root
    path = module.text(decorator.args[0] if decorator.args else keyword_of(decorator, "path", "rule"), outer)
    owner = module.dotted(target.value, outer)
    framework = _framework(owner, module)
    listed = keyword_of(decorator, "methods")
    if target.attr in ("route", "api_route") and listed is not None:
        methods = [n.value for n in ast.walk(listed) if isinstance(n, ast.Constant)]
    else:
        methods = ["GET" if target.attr in ("route", "api_route") else target.attr.upper()]
    for method in methods[:8]:
        yield Route(framework, str(method), path, decorator, owner, target.value)


def _registered(scope: Scope, module: Module) -> Route:
    framework = _framework("", module)
    for call in module.ending(
        "Route",
        "add_url_rule",
        "add_api_route",
        "path",
        "re_path",
        "url",
        "add_get",
        "add_post",
        "add_put",
        "add_delete",
        "add_route",
    ):
        if any(
            isinstance(v, ast.Name | ast.Attribute)
            and (v.id if isinstance(v, ast.Name) else v.attr) == scope.name
            for v in call.values()
        ):
            texts = [t for v in call.node.args if (t := module.text(v, call.scope))]
            method = (
                call.last[4:].upper()
                if call.last.startswith("add_") and call.last[4:] in ROUTE_METHODS
                else ""
            )
            return Route(
                framework,
                method,
                next((t for t in texts if t.upper() not in MUTATING | {"GET"}), ""),
                call.node,
                call.name,
            )
    return Route(framework, "", "", scope.node, framework)


def _framework(owner: str, module: Module) -> str:
    roots = (
        "fastapi",
        "flask",
        "starlette",
        "quart",
        "sanic",
        "litestar",
        "aiohttp",
        "django",
        "bottle",
        "gradio",
        "chainlit",
        "discord",
        "slack_bolt",
        "falcon",
    )
    direct = next((r for r in roots if owner.startswith(r)), "")
    return direct or next((r for r in roots if module.uses(r)), "other")


def keyword_of(call: ast.Call, *names: str) -> ast.expr | None:
    """The value of the first of these keywords in a decorator."""
    return next((k.value for k in call.keywords if k.arg in names), None)

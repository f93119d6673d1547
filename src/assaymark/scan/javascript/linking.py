"""What a module is for others: names it takes from them, routers it mounts, what stands before a route."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import Mount
from assaymark.scan.javascript.module import Call, text
from assaymark.scan.javascript.values import Values

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["AUTHENTICATES", "AUTH_TEXT", "Cover", "foreign_calls", "foreign_names", "mounts", "router_name"]

_CALLS = 40
"""Calls into other files that are kept for one function."""
_ROUTER = re.compile(r"(rout(er|es?)s?|api|controllers?)$", re.IGNORECASE)
AUTHENTICATES = re.compile(
    r"(require|verify|check|ensure|validate|with|get|is|current|assert)_?(Auth\w*|Session|User|Token|Jwt|ApiKey|Login"
    r"|LoggedIn|Bearer|ServerSession|Admin|ServerUser|Signature|AccessToken)\b|(^|[.:_])(auth|authenticate\w*"
    r"|authMiddleware|authorize\w*|authGuard|currentUser|jwt|jwtVerify|basicAuth|bearerAuth|protect|isAuthenticated"
    r"|requiresAuth|expressjwt|apiKeyAuth|keyAuth|timingSafeEqual|verifyIdToken)(\(|$|\.)",
    re.IGNORECASE,
)
AUTH_TEXT = re.compile(
    r"headers?(\.get\(|\[|\.)\s*['\"]?(authorization|x-api-key)|\b(session|req\.user|ctx\.state\.user)\b\s*(\?|\)|=|!)",
    re.IGNORECASE,
)


class Cover(Struct):
    """What `app.use(…)`, `addHook` or `register` puts before the routes that follow it."""

    position: int
    prefix: str
    names: str
    foreign: tuple[str, ...] = ()
    """Functions of other files among them."""

    def stands_before(self, position: int, path: str) -> bool:
        """Whether it covers a route of that path written at that position."""
        return self.position < position and path.startswith(self.prefix)


def foreign_calls(values: Values, calls: Iterable[Call]) -> tuple[str, ...]:
    """`specifier::name` of what `calls` take from other files of the tree, `service.answer` included."""
    return tuple(dict.fromkeys(n for c in calls if (n := _foreign(values, text(c.target, 100)))))[:_CALLS]


def _foreign(values: Values, name: str) -> str:
    owner, _, member = name.partition(".")
    full = values.module.imports.get(owner, "")
    if not full.startswith("."):
        return ""
    return full if not member else f"{full}{member}" if full.endswith("::") and "." not in member else ""


def foreign_names(values: Values, nodes: "Iterable[Node]") -> tuple[str, ...]:
    """`specifier::name` of functions of other files among `nodes`, routers left out."""
    names = [text(n.child_by_field_name("function") or n, 100) for n in nodes if n.type in _NAMED]
    return tuple(f for n in names if not _ROUTER.search(n) and (f := _foreign(values, n)))[:20]


_NAMED = ("identifier", "member_expression", "call_expression")


def router_name(values: Values, variable: str) -> str:
    """The name under which other files take a router: its own if exported by name, else the default."""
    return variable if variable in values.module.exports else "default"


def mounts(values: Values, covers: Mapping[str, list[Cover]]) -> Iterator[Mount]:
    """Routers of other files put under a router or application: `app.use("/admin", requireAdmin, routes)`."""
    for call in values.module.calls:
        if call.target.type != "member_expression" or not call.arguments:
            continue
        if text(call.target.child_by_field_name("property"), 20) not in ("use", "register", "route"):
            continue
        target = _foreign(values, text(call.arguments[-1], 100))
        if target:
            receiver = text(call.target.child_by_field_name("object"), 60)
            own = [c for c in covers.get(receiver, ()) if c.position <= call.node.start_byte and not c.prefix]
            names = " ".join(text(a, 100) for a in call.arguments[:-1])
            yield Mount(
                at=Location(values.module.path, call.line),
                target=target,
                under=router_name(values, receiver) if _ROUTER.search(receiver) else "",
                authenticated=any(_checks(t) for t in (names, *(c.names for c in own))),
                dependencies=(
                    *foreign_names(values, call.arguments[:-1]),
                    *(n for c in own for n in c.foreign),
                ),
            )


def _checks(names: str) -> bool:
    return any(AUTHENTICATES.search(word) for word in names.split())

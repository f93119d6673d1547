"""What the checks on endpoints share."""

import re
from collections.abc import Iterable

from assaymark.checks._findings import in_product
from assaymark.scan.facts import Endpoint, LibraryUse, Setting

__all__ = ["SENSITIVE", "matters", "named", "sheltered"]

SENSITIVE = frozenset({"llm", "model", "tool", "database", "shell"})
"""What makes an endpoint worth protecting."""
_MIDDLEWARE = re.compile(
    r"(^|/)(middleware|proxy|hooks\.server)\.[jt]s$|(^|/)(gateway|nginx|traefik|kong|envoy)[^/]*/?"
)


def matters(endpoint: Endpoint) -> bool:
    """Whether it reaches a model, a tool, a database or a shell."""
    return bool(SENSITIVE & set(endpoint.reaches))


def named(endpoint: Endpoint) -> str:
    """Method and route; where the route stands in another file, the handler instead."""
    return f"{endpoint.method} {endpoint.route or endpoint.handler}".strip()


def sheltered(libraries: Iterable[LibraryUse], settings: Iterable[Setting]) -> bool:
    """Something in the tree may stand before every endpoint: middleware with authentication, a gateway."""
    return any(
        u.category in ("auth", "rate-limit") and _MIDDLEWARE.search(u.at.path) for u in in_product(libraries)
    ) or any(s.category == "auth" and _MIDDLEWARE.search(s.at.path) for s in in_product(settings))

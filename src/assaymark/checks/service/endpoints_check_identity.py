"""Endpoints before a model, tool or database know who calls."""

import re
from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.service._endpoints import matters, named, sheltered
from assaymark.scan.facts import Endpoint, LibraryUse, Setting

_OPEN = re.compile(
    r"login|sign-?(in|up)|register|oauth|callback|webhook|health|ready|metrics$|token$|logout", re.IGNORECASE
)
_LOCAL_PAGES = frozenset({"gradio", "streamlit", "chainlit"})


@check(supports=("5.2.2-1#2", "5.2.2-2", "5.2.1-4"))
def endpoints_check_identity(
    endpoints: tuple[Endpoint, ...], libraries: tuple[LibraryUse, ...], settings: tuple[Setting, ...]
) -> Iterator[Finding]:
    """Endpoints that reach a model, a tool or a database check who calls them.

    Why: An open endpoint lends the model, its tools and its data to anybody, and leaves nobody to
    limit, block or hold to account.

    Fix: Put authentication in front of the whole router rather than in each handler, and list the
    few open routes by name. FastAPI: `APIRouter(dependencies=[Depends(require_user)])`; Express:
    `app.use("/api", requireAuth)`; Next: check the session in each route handler.

    Blind spots: A gateway, service mesh or private network that checks callers is not seen. That
    identity is checked does not say that the check is sound.
    """
    own = [e for e in in_product(endpoints) if matters(e) and not _OPEN.search(e.route)]
    bare = [e for e in own if e.authenticated is False]
    kept = [e for e in own if e.authenticated]
    if not own:
        yield not_applicable("No endpoint that reaches a model, tool or database was found.")
    elif bare:
        grave = [e for e in bare if e.rate_limited is False and e.framework not in _LOCAL_PAGES]
        details = [at(f"{named(e)} reaches {', '.join(e.reaches)} and asks nobody who calls.", e)
                   for e in sorted(bare, key=lambda e: e not in grave)]  # fmt: skip
        yield not_met(
            f"{len(bare)} of {counted(len(own), 'endpoint')} that reach a model, tool or database "
            f"check no identity.",
            *capped(details),
            tentative=not grave or sheltered(libraries, settings),
        )
    elif len(kept) == len(own):
        details = [at(f"{named(e)} checks who calls.", e) for e in kept]
        yield met(f"All {counted(len(own), 'endpoint')} that reach a model, tool or database check identity.",
                  *capped(details))  # fmt: skip
    elif kept:
        yield partly_met(f"{len(kept)} of {counted(len(own), 'endpoint')} check identity; the "
            f"others are covered, "
                         "if at all, in another file.")  # fmt: skip
    else:
        yield not_observable(
            f"Whether {counted(len(own), 'endpoint')} check identity is decided in other files."
        )

"""Endpoints accept only so much."""

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
from assaymark.checks.service._endpoints import matters, named
from assaymark.scan.facts import Endpoint

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
"""Methods whose input stands in the address, which servers bound."""


@check(supports=("5.2.2-2", "5.1.2-2#2", "5.2.1-4.1#1"))
def endpoints_bound_their_input(endpoints: tuple[Endpoint, ...]) -> Iterator[Finding]:
    """Endpoints that reach a model, tool or database bound the size of what they accept.

    Why: Each character sent to a model costs money and time, and a long input pushes instructions
    out of sight. An unbounded body also fills memory.

    Fix: Bound the field as well as the body: `Field(max_length=4000)` (pydantic), `z.string().max(4000)`
    (zod), `bodyLimit` (Fastify, Hono), `express.json({ limit: "32kb" })`; refuse before the model is
    called.

    Blind spots: A limit at a gateway or server (nginx `client_max_body_size`) is not seen. A bound
    on bytes says little about tokens.
    """
    own = [e for e in in_product(endpoints) if matters(e) and e.method not in _BODILESS]
    bare = [e for e in own if e.bounded_input is False]
    kept = [e for e in own if e.bounded_input]
    if not own:
        yield not_applicable("No endpoint that takes input to a model, tool or database was found.")
    elif bare:
        details = [at(f"{named(e)} accepts input of any size.", e) for e in bare]
        summary = f"{len(bare)} of {counted(len(own), 'endpoint')} accept input of any size."
        yield not_met(summary, *capped(details), tentative=True)
    elif len(kept) == len(own):
        details = [at(f"{named(e)} bounds what it accepts.", e) for e in kept]
        yield met(f"All {counted(len(own), 'endpoint')} bound what they accept.", *capped(details))
    elif kept:
        yield partly_met(
            f"{len(kept)} of {counted(len(own), 'endpoint')} were seen to bound what they accept."
        )
    else:
        yield not_observable(
            f"Whether {counted(len(own), 'endpoint')} bound their input is not written beside them."
        )

"""Access to the model is limited in rate."""

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
from assaymark.checks.service._endpoints import named, sheltered
from assaymark.scan.facts import Endpoint, LibraryUse, Limit, Setting


@check("5.2.2-2")
def endpoints_limit_rate(
    endpoints: tuple[Endpoint, ...],
    limits: tuple[Limit, ...],
    libraries: tuple[LibraryUse, ...],
    settings: tuple[Setting, ...],
) -> Iterator[Finding]:
    """Endpoints that reach a model limit how often a caller may ask.

    Why: Copying a model, searching for an input that breaks it, and running up its cost all take
    many requests. A limit makes each slow and visible.

    Fix: Limit per identity, and per address before identity is known: slowapi or a dependency
    (FastAPI), `express-rate-limit`, `@fastify/rate-limit`, `@upstash/ratelimit` (Next); answer 429
    and log it. Keep the counter in a store that all instances share.

    Blind spots: A limit at a gateway or provider is not seen; show its configuration. Whether the
    limit is low enough is for a person to judge.
    """
    own = [e for e in in_product(endpoints) if {"llm", "model"} & set(e.reaches)]
    bare = [e for e in own if e.rate_limited is False]
    kept = [e for e in own if e.rate_limited]
    rates = [x for x in in_product(limits) if x.kind == "rate" and x.enforced is not False]
    if not own:
        yield not_applicable("No endpoint that reaches a model was found.")
    elif bare:
        firm = (
            any(e.authenticated is False for e in bare) and not rates and not sheltered(libraries, settings)
        )
        details = [at(f"{named(e)} reaches the model without a limit.", e) for e in bare]
        elsewhere = f"; {counted(len(rates), 'limit')} stand elsewhere in the code" if rates else ""
        yield not_met(
            f"{len(bare)} of {counted(len(own), 'endpoint')} that reach a model have no limit on "
            f"rate{elsewhere}.",
            *capped(details),
            tentative=not firm,
        )
    elif len(kept) == len(own):
        details = [at(f"{named(e)} is limited.", e) for e in kept]
        yield met(
            f"All {counted(len(own), 'endpoint')} that reach a model are limited in rate.", *capped(details)
        )
    elif kept:
        yield partly_met(f"{len(kept)} of {counted(len(own), 'endpoint')} that reach a model are "
            f"limited in rate; the "
                         "others are covered, if at all, in another file.")  # fmt: skip
    else:
        yield not_observable(
            f"Whether {counted(len(own), 'endpoint')} are limited in rate is decided in other files."
        )

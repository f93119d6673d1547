"""An object named in a route belongs to the caller."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.service._endpoints import named
from assaymark.scan.facts import Endpoint


@check(supports=("5.2.1-4", "5.2.2-1#2"))
def endpoints_check_ownership(endpoints: tuple[Endpoint, ...]) -> Iterator[Finding]:
    """An endpoint that takes an object's id checks that the object is the caller's.

    Why: Identity alone is not enough: whoever changes the number in `/conversations/17` reads
    somebody else's conversation, prompts or records.

    Fix: Query by id and by owner together (`where: { id, userId: session.user.id }`), and answer
    404 for what is not the caller's; test it with two users.

    Blind spots: A comparison in another file, or row-level security in the database, is not seen;
    an object that everybody may read looks the same as one that nobody should.
    """
    asked = [e for e in in_product(endpoints) if e.checks_ownership is not None and not _serves_files(e)]
    bare = [e for e in asked if e.checks_ownership is False]
    if not asked:
        yield not_applicable("No endpoint that reads an object by an id in its route was found.")
    elif bare:
        open_too = [e for e in bare if e.authenticated is False]
        details = [at(_sentence(e), e) for e in sorted(bare, key=lambda e: e not in open_too)]
        yield not_met(
            f"{len(bare)} of {counted(len(asked), 'endpoint')} with an id in the route do not compare "
            f"owner and caller; {len(open_too)} check no identity either.",
            *capped(details),
            tentative=not any(e.mutates or "llm" in e.reaches for e in open_too),
        )
    else:
        details = [at(f"{named(e)} names the caller.", e) for e in asked]
        yield met(
            f"All {counted(len(asked), 'endpoint')} with an id in the route name the caller.",
            *capped(details),
        )


def _serves_files(endpoint: Endpoint) -> bool:
    """A path below a folder of a site (`/assets/{file:path}`) names nobody's object."""
    return ":path}" in endpoint.route and not endpoint.mutates and not endpoint.reaches


def _sentence(endpoint: Endpoint) -> str:
    also = ", and checks no identity" if endpoint.authenticated is False else ""
    return f"{named(endpoint)} takes any id{also}."

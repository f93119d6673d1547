"""Check: addresses are checked before fetching."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Endpoint, Origin, OutboundFetch

__all__ = ["addresses_are_checked_before_fetching"]

_BY_MODEL = (Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT)
_FOREIGN = (*_BY_MODEL, Origin.REQUEST, Origin.RETRIEVED)


@check(supports=("5.2.1-4.1#1", "5.1.2-6#1", "5.1.2-2#1"))
def addresses_are_checked_before_fetching(
    fetches: tuple[OutboundFetch, ...], endpoints: tuple[Endpoint, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """An address or path that a user or a model names is checked before the server opens it.

    Why: a server that fetches whatever it is told reaches what the caller cannot: cloud metadata with
    credentials, internal services, files of other users. A model passes such addresses on from any page
    it has read.

    Fix: accept only hosts on an allow-list; resolve the name and refuse private, loopback and link-local
    addresses (`ipaddress.ip_address(host).is_private`), also after redirects. For files, resolve the path
    and require `path.is_relative_to(BASE)`.

    Blind spots: checks in another file or in a proxy that all traffic must pass, and whether a check can
    be got around (redirects, DNS that changes between check and use).
    """
    own = [f for f in in_product(fetches, files) if f.origin in _FOREIGN]
    if not own:
        yield not_applicable(
            "No address or path that a user or a model names is opened, as far as one file shows."
        )
        return
    bare = [f for f in own if not f.guarded]
    if not bare:
        yield met(f"Places that open an address or path from outside: {len(own)}, each after a check.")
        return
    serving = {e.at.path for e in endpoints}
    sure = [
        f
        for f in bare
        if not f.file and (f.origin in _BY_MODEL or (f.origin is Origin.REQUEST and f.at.path in serving))
    ]
    yield not_met(
        f"Places that open an address or path from outside unchecked: {len(bare)} of {len(own)}.",
        *capped([at(_sentence(f), f) for f in sorted(bare, key=lambda f: f not in sure)]),
        tentative=not sure,
    )


def _sentence(fetch: OutboundFetch) -> str:
    who = (
        "a model"
        if fetch.origin in _BY_MODEL
        else "retrieved content"
        if fetch.origin is Origin.RETRIEVED
        else "a caller"
    )
    what = "a path" if fetch.file else "an address"
    where = f" in {fetch.function}" if fetch.function else ""
    return f"`{fetch.callee}`{where} opens {what} that {who} names, unchecked."

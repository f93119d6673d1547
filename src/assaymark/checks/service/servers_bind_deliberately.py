"""Servers listen where they were meant to."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import ServerBind


@check(supports=("5.2.2-1#2", "5.2.2-2", "5.2.1-4"))
def servers_bind_deliberately(servers: tuple[ServerBind, ...]) -> Iterator[Finding]:
    """Servers listen on a chosen address, without debug mode and without an open door for any origin.

    Why: A server on every interface is reachable from whatever network the machine joins; debug
    mode lets a visitor run code; a public share link and any-origin access open it to the web.

    Fix: Bind to `127.0.0.1` unless a container's network decides who can reach it, read the host
    from a setting with a loopback default, switch debug off outside development, leave
    `share=True` out, and list allowed origins.

    Blind spots: In a container every interface is usual, and the published ports decide; a
    firewall or proxy in front is not seen.
    """
    own = in_product(servers)
    doors = [s for s in own if s.every_interface and s.host not in ("0.0.0.0", "::", "")]  # noqa: S104 - compared
    debug = [s for s in own if s.debug]
    wide = [s for s in own if s.every_interface and s not in doors and s not in debug]
    any_origin = [s for s in own if s.cors_any]
    details = [
        *(at(f"Debug mode is on{_reach(s)}.", s) for s in debug),
        *(at(f"The server is shared beyond the machine ({s.host}).", s) for s in doors if not s.debug),
        *(at("Pages of any origin may call it.", s) for s in any_origin),
        *(at(f"It listens on every interface{_port(s)}.", s) for s in wide),
    ]
    if not own:
        yield not_applicable("No server that listens was found.")
    elif details:
        yield not_met(
            f"Of {counted(len(own), 'server')}, {len(wide) + len(doors)} listen on every interface "
            f"or share themselves, "
            f"{len(debug)} run in debug mode, {len(any_origin)} allow any origin.",
            *capped(details),
            tentative=not any(s.debug and s.every_interface for s in own),
        )
    else:
        kept = [at(f"Listens on {s.host or 'a host from settings'}{_port(s)}.", s) for s in own]
        yield met(f"{counted(len(own), 'server')} listen on a chosen address.", *capped(kept))


def _port(server: ServerBind) -> str:
    return f", port {server.port}" if server.port else ""


def _reach(server: ServerBind) -> str:
    return ", on every interface" if server.every_interface else ""

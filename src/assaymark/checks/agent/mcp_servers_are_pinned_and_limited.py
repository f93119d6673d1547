"""MCP servers are started from fixed versions and see only what they need."""

import re
from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import Dependency, Setting

_FETCHED = re.compile(r"(^|[/\s])(npx|bunx|pnpx|uvx|pipx)(\s|$)|(^|\s)docker\s+run\s")
_PLAIN_HTTP = re.compile(r"^http://(?!localhost\b|127\.|\[::1\])")
_WHOLE_DISK = re.compile(r"\s(/|~|/home|/Users|[A-Z]:\\?|\$HOME|\$\{HOME\})(\s|$)")
_UNLIMITED = re.compile(r"--(allow-all|privileged|unsafe|allow-write\b(?!=)|dangerously\S*|no-sandbox)")


@check(supports=("5.2.3-1", "5.1.2-6#1"))
def mcp_servers_are_pinned_and_limited(
    settings: tuple[Setting, ...], dependencies: tuple[Dependency, ...]
) -> Iterator[Finding]:
    """MCP servers start from a fixed version and reach no more than they need.

    Why: A line such as `npx -y some-server` fetches and runs whatever is newest at each start, with
    the user's rights and next to the user's data. Whoever takes over that package is inside.

    Fix: Write the version (`npx -y @scope/server@1.4.2`, `uvx server==1.4.2`, an image by digest),
    give a file server a single folder, reach remote servers over https only, and leave out flags
    that switch protection off.

    Blind spots: It reads configuration files in the tree. What a pinned server does inside, and
    servers that users add themselves, are not seen.
    """
    servers = [s for s in in_product(settings) if s.category == "mcp-server"]
    packages = [d for d in in_product(dependencies) if d.group == "mcp"]
    if not servers and not packages:
        yield not_applicable("No MCP server is configured in the tree.")
        return
    firm = [
        *(
            at(f"`{d.name}` is fetched anew at each start: no version is written.", d)
            for d in packages
            if d.mutable
        ),
        *(at(f"`{s.key}` is reached without encryption ({s.value}).", s) for s in servers if _insecure(s)),
    ]
    soft = [
        *(
            at(f"`{d.name}` {d.spec} is not an exact version.", d)
            for d in packages
            if not d.pinned and not d.mutable
        ),
        *(
            at(f"`{s.key}` is given the whole disk or all rights ({s.value}).", s)
            for s in servers
            if _wide(s)
        ),
    ]
    known = {d.at for d in packages}
    unread = [s for s in servers if _FETCHED.search(s.value) and s.at not in known]
    yield _judge(len(servers) or len(packages), firm, soft, unread)


def _judge(count: int, firm: list[Detail], soft: list[Detail], unread: list[Setting]) -> Finding:
    servers = counted(count, "MCP server")
    if firm or soft:
        summary = f"{len(firm)} unpinned or unencrypted and {len(soft)} loosely bounded among {servers}."
        return not_met(summary, *capped([*firm, *soft]), tentative=not firm)
    if unread:
        details = [at(f"Which version `{s.key}` starts was not read ({s.value}).", s) for s in unread]
        return partly_met(
            f"{count - len(unread)} of {servers} are fixed as far as can be read.", *capped(details)
        )
    return met(f"{servers}: every fetched one is fixed to a version, none is given the whole disk.")


def _insecure(setting: Setting) -> bool:
    return _PLAIN_HTTP.search(setting.value) is not None


def _wide(setting: Setting) -> bool:
    return _WHOLE_DISK.search(setting.value) is not None or _UNLIMITED.search(setting.value) is not None

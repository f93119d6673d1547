"""Whether prompts, answers and data travel in the clear."""

import re
from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import Download, LlmCall, Setting

_PLAIN = re.compile(
    r"\A(?:http|ws|redis|amqp|ftp)://(?P<host>\[[0-9a-f:]{2,40}\]|[^/:@\s]{1,200})", re.IGNORECASE
)
_NEAR = re.compile(
    r"(?:localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|host\.docker\.internal)"
)


@check(supports=("5.2.1-4",))
def traffic_is_encrypted(
    settings: tuple[Setting, ...], calls: tuple[LlmCall, ...], downloads: tuple[Download, ...]
) -> Iterator[Finding]:
    """Addresses of models, data and services beyond the own machine are reached over an encrypted channel.

    Why: Prompts and records carry what users typed and what the organisation knows; on a plain channel
    they can be read and changed, and so can a model that is being downloaded.

    Fix: Use https, wss or rediss in configured addresses, and leave certificate checks on.

    Blind spots: Only constant addresses in configuration and code are seen. Traffic within a cluster may
    be protected by its network; names without a dot and private addresses are left aside.
    """
    addresses: list[tuple[str, Detail]] = [
        (s.value, at(f"{s.key} = {s.value}", s)) for s in in_product(settings) if "://" in s.value
    ]
    addresses += [
        (c.base_url, at(f"the model is called at {c.base_url}", c)) for c in in_product(calls) if c.base_url
    ]
    addresses += [(d.url, at(f"{d.what} is taken from {d.url}", d)) for d in in_product(downloads)]
    away = [(url, detail) for url, detail in addresses if _leaves(url)]
    plain = [detail for url, detail in away if _PLAIN.match(url)]
    unchecked = [
        at(f"{s.key} = {s.value} turns certificate checks off", s)
        for s in in_product(settings)
        if _unverified(s)
    ]
    if plain or unchecked:
        yield not_met(
            f"Constant addresses beyond the machine that are not encrypted: {len(plain)} of {len(away)}; "
            f"settings that turn certificate checks off: {len(unchecked)}.",
            *capped([*plain, *unchecked]),
            tentative=True,
        )
    elif away:
        yield met(f"Constant addresses beyond the machine: {len(away)}, each of them encrypted.")
    else:
        yield not_observable(
            "No constant address of a remote model, store or service was read from settings, model calls "
            "or downloads; other requests are not read for it."
        )


def _leaves(url: str) -> bool:
    """Whether the address names a host beyond the machine and its private network."""
    host = re.match(r"\A[a-z0-9+]{2,20}://(?:[^/@\s]{0,200}@)?([^/:\s]{1,200})", url, re.IGNORECASE)
    if host is None or "$" in host[1] or "{" in host[1] or "example" in host[1] or "…" in host[1]:
        return False
    return (
        "." in host[1]
        and _NEAR.match(host[1]) is None
        and not host[1].endswith((".local", ".internal", ".svc", ".lan"))
    )


def _unverified(setting: Setting) -> bool:
    key = setting.key.rpartition(".")[2]
    off = setting.value.lower() in ("false", "0", "no", "off")
    if re.search(r"insecure|skip_?verify", key, re.IGNORECASE):
        return setting.value.lower() in ("true", "1", "yes")
    return (
        off and re.search(r"(?:ssl|tls)_?verify|verify_?(?:ssl|tls|certs?)", key, re.IGNORECASE) is not None
    )

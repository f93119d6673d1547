"""What a URL gives away by itself: its host, the domain that can be bought, what is risky about it. Pure."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct

__all__ = ["Address", "address", "domain_of"]

SHORTENERS = frozenset({
    "adf.ly", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "fb.me", "goo.gl", "ift.tt",
    "is.gd", "j.mp", "lnkd.in", "ow.ly", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "soo.gd",
    "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "v.gd", "wp.me", "x.co",
})  # fmt: skip
"""Services at which whoever holds the short address decides, later, where it leads."""
_SHARED = frozenset({
    "ac.at", "ac.il", "ac.jp", "ac.kr", "ac.nz", "ac.uk", "ac.za", "co.at", "co.id", "co.il", "co.in",
    "co.jp", "co.kr", "co.nz", "co.th", "co.uk", "co.za", "com.ar", "com.au", "com.br", "com.cn", "com.co",
    "com.hk", "com.mx", "com.my", "com.ng", "com.pe", "com.ph", "com.pk", "com.pl", "com.sg", "com.tr",
    "com.tw", "com.ua", "com.vn", "edu.au", "edu.cn", "edu.tw", "gov.au", "gov.br", "gov.cn", "gov.in",
    "gov.uk", "ltd.uk", "me.uk", "ne.jp", "net.au", "net.br", "net.cn", "net.nz", "net.uk", "nhs.uk",
    "or.jp", "or.kr", "org.au", "org.br", "org.cn", "org.nz", "org.uk", "org.za", "plc.uk", "sch.uk",
    "appspot.com", "azurewebsites.net", "blogspot.com", "cloudfront.net", "firebaseapp.com", "github.io",
    "gitlab.io", "herokuapp.com", "netlify.app", "pages.dev", "s3.amazonaws.com", "tumblr.com", "vercel.app",
    "web.app", "wordpress.com", "workers.dev",
})  # fmt: skip
"""Suffixes of two labels or more under which names are given out. Not the whole public suffix list."""
_NUMBER = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}\Z")
_LONGEST = 8192


class Address(Struct, frozen=True):
    """One URL."""

    host: str
    """Lower case, without port; empty if it has none."""
    domain: str
    """What is registered, as far as the suffixes known here tell; the host where it is a number."""
    risks: tuple[str, ...]
    """`not_a_url`, `without_tls`, `ip_host`, `shortener`, `user_in_url`."""


def address(url: str) -> Address:
    """What `url` is."""
    try:
        parts = urlsplit(url if len(url) <= _LONGEST else "")
        host = (parts.hostname or "").rstrip(".").lower()
        user = parts.username is not None
    except ValueError:
        return Address("", "", ("not_a_url",))
    if not host or parts.scheme not in ("http", "https", "ftp", "ftps", "s3", "gs"):
        return Address("", "", ("not_a_url",))
    number = _is_number(host)
    risks = (
        *(("without_tls",) if parts.scheme in ("http", "ftp") else ()),
        *(("ip_host",) if number else ()),
        *(("shortener",) if domain_of(host) in SHORTENERS else ()),
        *(("user_in_url",) if user else ()),
    )
    return Address(host, host if number else domain_of(host), risks)


@lru_cache(maxsize=65_536)
def domain_of(host: str) -> str:
    """The registered domain of `host`: one label more than the longest suffix that is shared."""
    labels = host.split(".")
    for start in range(max(0, len(labels) - 4), len(labels) - 1):
        if ".".join(labels[start:]) in _SHARED:
            return ".".join(labels[max(0, start - 1) :])
    return ".".join(labels[-2:])


@lru_cache(maxsize=65_536)
def _is_number(host: str) -> bool:
    """Whether it is an IP address, also in the forms that browsers take: 2130706433, 0x7f.1."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _NUMBER.match(host) is not None
    return True

"""Where an address really leads: its host as a browser reads it, and whether it carries data out.

Follows the WHATWG URL standard where its readings differ from what a person sees: backslashes are slashes,
tabs and line breaks vanish, what stands before `@` is not the host, percent signs and full-width letters in
hosts are undone. A host that different readers understand differently is on no allow-list.
"""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

from msgspec import Struct

from assaymark.guard.policy.vocabulary import matches

__all__ = ["Target", "host_allowed", "read_target"]

_SPECIAL = ("http", "https", "ftp", "ws", "wss", "file")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_VANISH = str.maketrans("", "", "\t\r\n")
_EDGES = "".join(map(chr, range(33)))
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_DEVIATION = frozenset("\u00df\u03c2\u200c\u200d")
"""Characters that older and newer IDNA map to different hosts."""
_IGNORED = frozenset("\u00ad\u200b\u2060\ufeff")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?\Z")
_V6 = re.compile(r"\[[0-9a-f:.]{2,45}\]\Z")

_SEGMENT = 40
"""Characters of one path segment from which it may carry data."""
_PATH = 120
_FRAGMENT = 24
_LABEL = 25
"""Characters of a host's label from which it may carry data."""
_LABELS = 50
_SAFE_DATA = re.compile(r"(?:image/(?!svg)|audio/|video/|font/)", re.IGNORECASE)


class Target(Struct, frozen=True):
    """What an address means."""

    scheme: str
    """Lower case; empty for a relative address."""
    host: str = ""
    """Lower case, in ASCII; empty if it leads to no other host."""
    clear: bool = True
    """False where readers differ about the host."""
    data: bool = False
    """Whether it can carry data to the host: query, user name, long or encoded path, fragment, long label."""

    @property
    def script(self) -> bool:
        """Whether it runs code instead of leading somewhere."""
        return self.scheme in ("javascript", "vbscript")


def read_target(address: str) -> Target:
    """What a browser makes of `address`; total."""
    address = address.strip(_EDGES).translate(_VANISH)
    found = _SCHEME.match(address)
    scheme, rest = (found.group(1).lower(), address[found.end() :]) if found else ("", address)
    if scheme in ("javascript", "vbscript"):
        return Target(scheme)
    if scheme == "data":
        return Target(scheme, data=not _SAFE_DATA.match(rest.strip()))
    if scheme == "mailto":
        who, _, query = rest.partition("?")
        host, clear = _host(who.rpartition("@")[2])
        return Target(scheme, host, clear, data=bool(query))
    special = scheme in _SPECIAL or not scheme
    odd = "\\" in rest and "@" in rest
    if special:
        head = re.split("[?#]", rest, maxsplit=1)[0]
        rest = head.replace("\\", "/") + rest[len(head) :]
    if scheme in _SPECIAL:
        rest = rest.lstrip("/")
    elif rest.startswith("//"):
        rest = rest[2:].lstrip("/") if special else rest[2:]
    else:
        return Target(scheme)
    return _with_authority(scheme, rest, odd)


def _with_authority(scheme: str, rest: str, odd: bool) -> Target:
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    after = rest[len(authority) :]
    user, at, host = authority.rpartition("@")
    name, clear = _host(_without_port(host))
    data = bool(user.strip(":")) or _carries(after) or _telling(name)
    return Target(scheme, name, clear and not at and not odd, data)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _host(text: str) -> tuple[str, bool]:
    """The host in ASCII, and whether every reader agrees on it."""
    plain = unquote(text[:1024], errors="replace")
    clear = plain == text and not _DEVIATION & set(plain) and not _IGNORED & set(plain)
    plain = "".join(c for c in plain if c not in _IGNORED)
    plain = unicodedata.normalize("NFKC", plain).casefold().translate(_DOTS)
    plain = "".join(c if not unicodedata.category(c).startswith("C") else "\ufffd" for c in plain)
    labels = [_ascii(label) for label in plain.split(".")]
    host = ".".join(labels).removesuffix(".")
    return host[:253], clear and bool(_HOST.match(host) or _V6.match(host))


def _ascii(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _carries(after: str) -> bool:
    path, _, fragment = after.partition("#")
    path, mark, query = path.partition("?")
    if (mark and query.strip("&=")) or len(fragment) > _FRAGMENT:
        return True
    segments = re.split(r"[/;]", path)
    return len(path) > _PATH or path.count("%") > 6 or any(_dense(segment) for segment in segments)


def _dense(segment: str) -> bool:
    """A path segment that is long, or long and without the hyphens of a title."""
    if len(segment) > 2 * _SEGMENT:
        return True
    longest = max((len(part) for part in re.split(r"[-_.]", segment)), default=0)
    return longest >= _SEGMENT or (
        longest >= 20 and any(c.isdigit() for c in segment) and not segment.isdigit()
    )


def _telling(host: str) -> bool:
    labels = host.split(".")[:-2]
    return any(len(label) >= _LABEL for label in labels) or sum(map(len, labels)) >= _LABELS


def host_allowed(target: Target, allow: Sequence[str]) -> bool:
    """Whether the target's host fits one of the globs, by every reader's understanding.

    `*.example.org` fits what lies below `example.org`, not the domain itself.
    """
    if not target.clear:
        return False
    labels = target.host.split(".")
    return any(_fits(_ascii_glob(glob).split("."), labels) for glob in allow)


def _fits(glob: list[str], labels: list[str]) -> bool:
    """Label by label: only a leading `*.` stands for several of them."""
    if glob[0] == "*" and len(labels) >= len(glob):
        glob, labels = glob[1:], labels[len(labels) - len(glob) + 1 :]
    return len(glob) == len(labels) and all(map(matches, glob, labels))


def _ascii_glob(glob: str) -> str:
    folded = unicodedata.normalize("NFKC", glob).casefold().removesuffix(".")
    return ".".join(_ascii(label) for label in folded.split("."))

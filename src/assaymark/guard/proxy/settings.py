"""What `assaymark guard serve` was told."""

from urllib.parse import urlsplit

from msgspec import Struct

from assaymark.errors import UsageError

__all__ = ["Origin", "Settings", "origin"]


class Origin(Struct, frozen=True):
    """Where requests go: scheme, host and port, and a path in front of theirs."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that is not in the policy."""

    upstream: Origin
    host: str = "127.0.0.1"
    port: int = 8600
    admin_port: int | None = None
    """Port for health and metrics; None serves them beside the API."""
    tls_cert: str = ""
    tls_key: str = ""
    pass_unknown: bool = False
    """Let requests to paths that the guard does not understand pass unjudged."""
    tenant_header: str = ""
    """Header, set by a trusted proxy in front, that names the tenant."""
    concurrency: int = 256
    """Requests at once; more are told to come again."""
    body_seconds: float = 30
    """For a client to send its whole body."""
    head_seconds: float = 10
    """For a client to send its headers."""
    send_seconds: float = 60
    """For a client to take what was written."""
    drain_seconds: int = 30
    """For open requests to end at shutdown."""
    workers: int = 0
    """Threads that judge; 0 takes the number of cores."""
    memory_bytes: int = 536_870_912
    """Bodies held at once, all requests together."""


def origin(url: str) -> Origin:
    """Read the upstream's URL.

    Raises:
        UsageError: it is not `http(s)://host[:port][/path]`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        raise UsageError(f"The upstream {url!r} is no URL of a server.", "Write https://host[:port][/path].")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"The upstream on {parts.hostname} carries a user, query or fragment.",
            "Give the key in the client's own header; the gateway passes it on.",
        )
    return Origin(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))

"""A `postgresql://` address as its parts, in the form that libpq reads. Pure but for the environment."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from assaymark.errors import UsageError

__all__ = ["Address", "parse_address"]

_SSL_MODES = ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PORT = 5432


class Address(Struct, frozen=True, kw_only=True):
    """Where a database is and who asks."""

    user: str
    password: str
    """From the address or `PGPASSWORD`; empty if there is none."""
    host: str
    port: int
    socket: str
    """Path of a Unix socket; empty to go by `host` and `port`."""
    database: str
    ssl_mode: str
    """As libpq's `sslmode`; empty if it is not stated."""
    root_certificate: str
    """File of the authorities to trust; empty for those of the system."""

    @property
    def shown(self) -> str:
        """The address for messages, without user and password."""
        where = self.socket or f"{self.host}:{self.port}"
        return "".join(c if c.isprintable() else " " for c in f"{where}, database {self.database}"[:200])


def parse_address(url: str) -> Address:
    """The parts of `url`: `postgresql://[user[:password]@][host][:port][/database][?host=/folder&sslmode=…]`.

    Raises:
        UsageError: it is not of that form; the message repeats nothing of it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise _wrong("it is no address with a host and a port") from error
    unknown = sorted(set(options) - {"host", "port", "user", "sslmode", "sslrootcert"})
    if unknown:
        raise _wrong("it has an option other than host, port, user, sslmode and sslrootcert")
    if options.get("sslmode", "") not in _SSL_MODES:
        raise _wrong(f"its sslmode is none of {', '.join(_SSL_MODES[1:])}")
    if "port" in options:
        if (
            not options["port"].isascii()
            or not options["port"].isdigit()
            or int(options["port"][:9]) > 65_535
        ):
            raise _wrong("its port is no number up to 65535")
        port = int(options["port"])
    user = options.get("user") or unquote(parts.username or "") or os.environ.get("PGUSER", "postgres")
    host = options.get("host") or unquote(parts.hostname or "") or "localhost"
    return Address(
        user=user,
        password=unquote(parts.password or "") or os.environ.get("PGPASSWORD", ""),
        host="localhost" if host.startswith("/") else host,
        port=port,
        socket=f"{host}/.s.PGSQL.{port}" if host.startswith("/") else "",
        database=unquote(parts.path.lstrip("/")) or user,
        ssl_mode=options.get("sslmode", ""),
        root_certificate=options.get("sslrootcert", ""),
    )


def _wrong(problem: str) -> UsageError:
    return UsageError(
        f"The address of the ledger's index cannot be used: {problem}.",
        "Write it as postgresql://user@host:5432/database; the password may stand in PGPASSWORD.",
    )

"""An API key → the name under which its use is counted. The key itself is written nowhere."""

import hashlib
import hmac
from collections.abc import Mapping

__all__ = ["key_id"]

_HEADERS = ("authorization", "x-api-key", "api-key")


def key_id(headers: Mapping[str, str], secret: bytes) -> str:
    """Truncated keyed hash of the caller's key; empty if it sent none.

    Keyed with the process's secret, so that a list of likely keys cannot be tried against a log.
    """
    for name in _HEADERS:
        if value := headers.get(name, "").strip():
            key = value.split(None, 1)[-1]
            digest = hmac.new(secret, b"key\0" + key.encode("utf-8", "surrogateescape"), hashlib.sha256)
            return digest.hexdigest()[:16]
    return ""

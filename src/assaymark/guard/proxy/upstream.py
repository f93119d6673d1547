"""The one server to which requests go. The target is built here from parts; nothing a client sends can
name another host, and no redirect is followed.
"""

from collections.abc import AsyncIterator

import httpx2

from assaymark.errors import UsageError
from assaymark.guard.policy.model import UpstreamPolicy
from assaymark.guard.proxy.bodies import TooLarge, decoded
from assaymark.guard.proxy.headers import for_upstream
from assaymark.guard.proxy.ingress import Incoming
from assaymark.guard.proxy.settings import Origin, origin

__all__ = ["Upstream", "whole"]

_CONNECTIONS = 512


class Upstream:
    """A pooled client for one origin.

    Raises:
        UsageError: the policy names where requests may go, and not there.
    """

    def __init__(self, origin: Origin, policy: UpstreamPolicy, drop_header: str = "") -> None:
        _check_allowed(origin, policy)
        self.origin = origin
        self._drop = drop_header
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(
                connect=policy.connect_seconds,
                read=policy.read_seconds,
                write=policy.read_seconds,
                pool=policy.connect_seconds,
            ),
            limits=httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=64),
            follow_redirects=False,
            trust_env=False,  # a proxy in the environment would be another way out
        )

    async def send(self, incoming: Incoming, body: bytes) -> httpx2.Response:
        """Send the request on; the answer's body is still to be read."""
        target = (self.origin.prefix + incoming.path).encode("latin-1")
        if incoming.query:
            target += b"?" + incoming.query
        url = httpx2.URL(scheme=self.origin.scheme, host=self.origin.host, port=self.origin.port)
        request = self._client.build_request(
            incoming.method,
            url.copy_with(raw_path=target),
            headers=for_upstream(incoming.headers, self._drop),
            content=body or None,
        )
        return await self._client.send(request, stream=True)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


def _check_allowed(target: Origin, policy: UpstreamPolicy) -> None:
    if policy.allow and str(target) not in {str(origin(url)) for url in policy.allow}:
        raise UsageError(
            f"The policy does not allow the upstream {target}.",
            "Name one of `upstream.allow`, or add this one there.",
        )


async def whole(response: httpx2.Response, limit: int) -> bytes:
    """The body of an answer, without its encoding.

    Raises:
        TooLarge: more than `limit` bytes.
        Undecodable: an encoding that is not read here.
        httpx2.HTTPError: the upstream broke off.
    """
    parts, size = [], 0
    chunks: AsyncIterator[bytes] = response.aiter_raw()
    async for part in chunks:
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
    return decoded(b"".join(parts), response.headers.get("content-encoding", ""), limit)

"""The first lines of a connection: bounded headers, bounded waiting, one way to write a target.

Uvicorn's parser (llhttp, strict) already refuses both lengths at once, doubled lengths and bare line
feeds; this adds what it leaves open.
"""

import socket
from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["guarded_protocol"]

_HEAD_BYTES = 65_536
_MOST_HEADERS = 200
_TARGET_BYTES = 8_192


def guarded_protocol(head_seconds: float, most: int) -> type[HttpToolsProtocol]:
    """Uvicorn's protocol with a time limit for headers and a limit of connections."""

    class Guarded(_Guarded):
        """With this server's limits."""

        _head_seconds = head_seconds
        _most = most

    return Guarded


class _Guarded(HttpToolsProtocol):
    _head_seconds = 10.0
    _most = 4_096

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start the clock; hang up at once when there are too many."""
        super().connection_made(transport)
        wire = transport.get_extra_info("socket")
        if wire is not None and wire.family in (socket.AF_INET, socket.AF_INET6):
            # Head and body are written apart; waiting for an acknowledgement between them costs 40 ms.
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self._most:
            transport.close()
            return
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the end of the headers."""
        if self._in_head:
            if self._head_timer is None:
                self._start_clock()
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES + len(data):
                self._refuse("431 Request Header Fields Too Large")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A new head begins."""
        self._in_head = True
        if self._head_timer is None:
            self._start_clock()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Not without end."""
        super().on_header(name, value)
        if (
            len(self.headers) > _MOST_HEADERS
            or sum(len(n) + len(v) for n, v in self.headers[-1:]) > _HEAD_BYTES
        ):
            raise ValueError("too many headers")

    def on_headers_complete(self) -> None:
        """The target must be a path: an absolute one, or an authority, could mean another server."""
        self._in_head = False
        self._head_bytes = 0
        self._stop_clock()
        if not self.url.startswith(b"/") or len(self.url) > _TARGET_BYTES:
            raise ValueError("not a path")
        super().on_headers_complete()

    def _start_clock(self) -> None:
        self._stop_clock()
        self._head_timer = self.loop.call_later(self._head_seconds, self._too_slow)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        if self._in_head and not self.transport.is_closing():
            self._refuse("408 Request Timeout")

    def _refuse(self, status: str) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()

"""A witness that answers over HTTP (C2SP tlog-witness). What it decides, `witness` decides."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore
from typing import Any

from assaymark.errors import AssaymarkError
from assaymark.ledger.witness import RefusedHeadError, Witness
from assaymark.ledger.witness_protocol import (
    ADD_CHECKPOINT,
    MAX_REQUEST,
    SIZE_TYPE,
    InvalidRequestError,
    parse_request,
)

__all__ = ["WitnessServer"]

_MAX_CONNECTIONS = 32
_SECONDS = 10


class WitnessServer(ThreadingHTTPServer):
    """Listens until `shutdown`; at most 32 connections at once, ten seconds of silence each.

    Args:
        address: host and port; port 0 takes a free one, which `server_port` tells.
        witness: answers.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self._room = BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take the connection if there is room for it."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer it, then make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that breaks concerns nobody else, and is closed by the caller."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server: WitnessServer
    server_version = "assaymark-witness"
    sys_version = ""

    def do_POST(self) -> None:
        """Answer ``add-checkpoint``."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 9 and int(length) <= MAX_REQUEST):
            self._answer(413 if length else 411, "The request has no length, or is too long.\n")
            self.close_connection = True
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/") != ADD_CHECKPOINT:
            self._answer(404, "There is nothing here but add-checkpoint.\n")
            return
        try:
            request = parse_request(body)
            given = self.server.witness.add(request.old, request.proof, request.note, int(time.time()))
        except InvalidRequestError as error:
            self._answer(400, f"The request is malformed: {error}.\n")
        except RefusedHeadError as error:
            if error.size is not None and error.status == 409:
                self._answer(409, f"{error.size}\n", SIZE_TYPE)
            else:
                self._answer(error.status, f"{error.message}\n")
        except AssaymarkError as error:
            self._answer(500, f"{error.message}\n")
        else:
            self._answer(200, f"{given.line}\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the library's
        """Say nothing: what matters is in the witness's memory."""

    def _answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

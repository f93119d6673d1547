"""MCP over stdio: the client starts us, we start the server, and every line is judged on its way.

What is answered in place of a message is written without waiting, so that two full pipes never wait for
each other; what is passed on waits until it is taken.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Sequence

from assaymark.errors import AssaymarkError
from assaymark.guard.protocol.lossless import Json, Malformed
from assaymark.guard.protocol.mcp_rpc import BLOCKED, PARSE_ERROR, UNREACHABLE, Rpc, error_body
from assaymark.guard.proxy.mcp_guard import Judged, McpGuard, Passage
from assaymark.guard.proxy.mcp_lines import lines
from assaymark.guard.proxy.mcp_session import From, Session

__all__ = ["StdioProxy", "own_pipes"]

_ID = re.compile(rb'"id"\s*:\s*(-?\d{1,18}|"[^"\\]{1,200}")')
_GRACE_SECONDS = 2.0
"""For the server to end by itself, and then once more after SIGTERM."""
_MOST_WAITING = 64 * 1024 * 1024
"""Bytes of answers that a side may leave untaken."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StdioProxy:
    """One client, one server.

    Args:
        guard: judges.
        session: of this client and server.
        command: the server's program and arguments; no shell reads it.
        environment: of the server; None hands on ours.
    """

    def __init__(
        self,
        guard: McpGuard,
        session: Session,
        command: Sequence[str],
        environment: dict[str, str] | None = None,
    ) -> None:
        self._guard, self._session = guard, session
        self._command, self._environment = list(command), environment
        self._limit = guard.parts.policy.limits.body_bytes
        self._held: dict[str, asyncio.Task[None]] = {}
        self._out: dict[From, asyncio.StreamWriter] = {}

    async def run(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> int:
        """Serve until one side ends; the server's exit code (128 + n if signal n ended it).

        Raises:
            AssaymarkError: the server cannot be started.
        """
        process = await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        self._out = {From.CLIENT: client_out, From.SERVER: process.stdin}
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._pass_signal, process.pid, number, told)
        stop = asyncio.ensure_future(told.wait())
        up = asyncio.ensure_future(self._pump(From.CLIENT, client_in))
        down = asyncio.ensure_future(self._pump(From.SERVER, process.stdout))
        try:
            await asyncio.wait((up, down, stop), return_when=asyncio.FIRST_COMPLETED)
            if up.done() and not down.done() and up.exception() is None:
                # The client has said all; the server may still answer.
                await self._drop_held()
                process.stdin.close()
                seconds = self._guard.parts.policy.upstream.read_seconds
                await asyncio.wait((down, stop), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            self._orphans()
            await _written(client_out)
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
            for task in (up, down, stop):
                task.cancel()
            await self._drop_held()
            results = await asyncio.gather(up, down, return_exceptions=True)
            code = await _ended(process)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                raise result
        return code

    @staticmethod
    def _pass_signal(pid: int, number: signal.Signals, told: asyncio.Event) -> None:
        _signalled(pid, number)
        told.set()

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=None,
                env=self._environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise AssaymarkError(
                f"The MCP server {self._command[0]!r} cannot be started: {error}.",
                "Write the command that starts it after `--`.",
            ) from error

    async def _pump(self, sender: From, reader: asyncio.StreamReader) -> None:
        """Move lines from one side to the other until it ends."""
        async for line, whole in lines(reader, self._limit):
            if not line.strip():
                continue
            if not whole:
                self._reject(sender, line, f"the line is longer than {self._limit} bytes, or has no end")
                continue
            try:
                judged = await self._guard.judge(self._session, sender, line)
            except Malformed as error:
                self._reject(sender, line, str(error))
                continue
            if self._withdrawn(judged):
                continue
            if judged.asks:
                self._hold(judged)
            else:
                await self._deliver(sender, await self._guard.finish(judged))

    async def _deliver(self, sender: From, passage: Passage) -> None:
        other = From.SERVER if sender is From.CLIENT else From.CLIENT
        if passage.back is not None:
            self._put(sender, passage.back)
        if passage.forward is not None:
            self._put(other, passage.forward)
            await _written(self._out[other])

    def _put(self, side: From, data: bytes) -> None:
        writer = self._out[side]
        if writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > _MOST_WAITING:
            raise AssaymarkError(
                f"The MCP {side.value} does not take what is written to it.", "Nothing more is passed on."
            )
        writer.write(data if data.endswith(b"\n") else data + b"\n")

    def _hold(self, judged: Judged) -> None:
        """Ask a human beside the stream; everything else goes on."""
        key = judged.items[0][0].rpc.id

        async def later() -> None:
            await self._deliver(judged.sender, await self._guard.finish(judged))

        task = asyncio.ensure_future(later())
        self._held[key] = task
        task.add_done_callback(lambda _: self._held.pop(key, None))

    def _withdrawn(self, judged: Judged) -> bool:
        """Whether the client cancels a request that has not been passed on: then nobody need be asked."""
        rpc = judged.items[0][0].rpc
        if judged.sender is not From.CLIENT or rpc.method != "notifications/cancelled":
            return False
        task = self._held.get(str(rpc.body.get("requestId")))
        return task is not None and task.cancel()

    async def _drop_held(self) -> None:
        tasks = list(self._held.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _reject(self, sender: From, line: bytes, reason: str) -> None:
        """Tell the sender; if the line was an answer, tell who waits for it too."""
        self._put(sender, error_body(None, PARSE_ERROR, f"Refused by the guard: {reason}."))
        if sender is From.CLIENT:
            return
        waiting = self._session.waiting(From.CLIENT)
        for match in (*_ID.finditer(line[:300]), *_ID.finditer(line[-300:])):
            found: Json = json.loads(match[1])
            if (asked := waiting.get(str(found))) is not None:
                text = f"The server's answer is refused by the guard: {reason}."
                self._put(From.CLIENT, error_body(asked.raw_id, BLOCKED, text))
                waiting.pop(str(found))
                self._session.answered(From.SERVER, Rpc(kind="error", id=str(found)))

    def _orphans(self) -> None:
        """Answer whoever still waits for a server that is gone."""
        for asked in self._session.waiting(From.CLIENT).values():
            text = "The MCP server ended before it answered."
            self._put(From.CLIENT, error_body(asked.raw_id, UNREACHABLE, text))


async def own_pipes() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Our standard input and output, as streams.

    Raises:
        AssaymarkError: they are neither pipes nor sockets nor a terminal.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
        transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, sys.stdout.buffer
        )
    except ValueError as error:
        raise AssaymarkError(
            "Standard input and output have to be pipes.", "Let an MCP client start this command."
        ) from error
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


async def _written(writer: asyncio.StreamWriter) -> None:
    """Wait until it is taken; a side that is gone takes nothing more, which its own pump will notice."""
    try:
        await writer.drain()
    except ConnectionError:
        return


def _signalled(pid: int, number: signal.Signals) -> None:
    """Hand a signal on to the server that we started, and to what it started."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Let the server end by itself, then make it."""
    assert process.stdin is not None
    process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                code = await process.wait()
                break
        except TimeoutError:
            _signalled(process.pid, number)
    else:
        code = await process.wait()
    return code if code >= 0 else 128 - code

"""The upstream and the real gateway before it, each a process of its own with a home of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2

_SERVE = "from assaymark._cli import main; main()"


class Running(NamedTuple):
    """Both processes and where they listen."""

    upstream: subprocess.Popen[bytes]
    gateway: subprocess.Popen[bytes]
    model: str
    base: str


@contextlib.asynccontextmanager
async def serving(folder: Path, policy: str, weights: str = "", *more: str) -> AsyncIterator[Running]:
    """Both, ready, for as long as the `with` lasts; `more` are arguments of the gateway."""
    (folder / "policy.yaml").write_text(policy)
    model, port = _free(), _free()
    program = str(Path(__file__).with_name("upstream.py"))
    serve = [sys.executable, "-c", _SERVE, "guard", "serve", "--upstream", f"http://127.0.0.1:{model}"]
    serve += ["--port", str(port), "--policy", str(folder / "policy.yaml"), *more]
    serve += ["--weights", weights] if weights else []
    with (
        _process([sys.executable, program, str(model)], folder, "upstream") as upstream,
        _process(serve, folder, "gateway") as gateway,
    ):
        running = Running(upstream, gateway, f"http://127.0.0.1:{model}", f"http://127.0.0.1:{port}")
        await _ready(f"{running.model}/__seen", upstream, folder / "upstream.log")
        await _ready(f"{running.base}/readyz", gateway, folder / "gateway.log")
        yield running


@contextlib.contextmanager
def _process(command: list[str], folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, env=os.environ | home, stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


async def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with httpx2.AsyncClient() as client:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"The {log.stem} did not start:\n{log.read_text()[-2_000:]}")
            with contextlib.suppress(httpx2.HTTPError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise SystemExit(f"The {log.stem} was not ready within a minute.")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port

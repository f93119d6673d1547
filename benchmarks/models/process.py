"""Run a program to its end and take the operating system's account of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from peers import QUIET, Ran

TIMEOUT = -999
"""The exit code of what had to be stopped."""


def run(command: list[str], limit: float, home: Path, keep: int = 8_000_000) -> Ran:
    """Run a command with a limit of seconds, below a home of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | QUIET
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=home
        )
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        timer = threading.Timer(limit, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        wall = time.perf_counter() - start
        out.seek(max(0, out.tell() - keep))
        text = out.read().decode("utf-8", "replace")
    code = TIMEOUT if stopped.is_set() else process.returncode
    return Ran(code, text, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)

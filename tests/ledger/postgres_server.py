"""A real PostgreSQL server for as long as a test needs it: Debian's, or that of the wheel `pgserver`."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USER = "keeper"
PASSWORD = "a secret that no message repeats"


class Unavailable(Exception):
    """No server could be started; the message says why."""


class Server:
    """A cluster in a temporary folder, reached by a Unix socket there; ended by its process id."""

    def __init__(self, folder: Path) -> None:
        """Make the cluster; as root everything runs as `nobody`, because PostgreSQL refuses root."""
        self.folder, self.data = folder, folder / "data"
        self._as = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": ()}
        if os.geteuid() != 0:
            self._as = {}
        else:
            shutil.chown(folder, "nobody")
        self.binaries = self._usable()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its address, with the password in it."""
        return f"postgresql://{USER}:{PASSWORD.replace(' ', '%20')}@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*command, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=20"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as,
            )
        for _ in range(300):
            pid_file = self.data / "postmaster.pid"
            if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise Unavailable((self.folder / "log").read_text()[-500:])

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it at once (`SIGQUIT`, PostgreSQL's own crash) or after rolling everything back (`SIGINT`)."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(20)

    def _usable(self) -> Path:
        reasons = []
        for binaries in _candidates(self.folder):
            try:
                self._make(binaries)
            except (OSError, subprocess.SubprocessError) as error:
                told = getattr(error, "stderr", b"") or b""
                reasons.append(f"{binaries}: {error} {told.decode(errors='replace')[-200:]}")
                shutil.rmtree(self.data, ignore_errors=True)
            else:
                return binaries
        raise Unavailable("; ".join(reasons) or "neither initdb nor the wheel pgserver is here")

    def _make(self, binaries: Path) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        command = [str(binaries / "initdb"), "-D", str(self.data), "-U", USER, "-A", "scram-sha-256"]
        options = ["--pwfile", str(password), "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [*command, *options], check=True, capture_output=True, timeout=60, cwd=self.folder, **self._as
        )


def _candidates(folder: Path) -> Iterator[Path]:
    """Folders of binaries: on the path, where Debian keeps them, in the wheel."""
    only = os.environ.get("ASSAYMARK_TEST_POSTGRES", "")
    if (found := shutil.which("initdb")) and only != "wheel":
        yield Path(found).resolve().parent
    if only != "wheel":
        yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("pgserver")
    if wheel and wheel.origin:
        install = Path(wheel.origin).parent / "pginstall"
        yield install / "bin"
        # Another user may not be able to look into our environment.
        copy = folder / "pginstall"
        with contextlib.suppress(OSError):
            shutil.copytree(install, copy, symlinks=True)
            for path in copy.rglob("*"):
                path.chmod(0o755)
            yield copy / "bin"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server in a folder that is short enough for a socket's name and open enough for another user."""
    folder = Path(tempfile.mkdtemp(prefix="amk-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

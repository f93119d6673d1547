"""Run git over somebody's objects without letting it read somebody's settings.

Git obeys its repository: hooks, file-system monitors, text converters, signature programs and
filters are all commands named in its configuration. So git is given a repository of our own, empty
but for a pointer to the object store, and an environment in which no other configuration exists.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assaymark.discover.history_repository import Repository

__all__ = ["Git", "GitFailedError", "borrowed"]

_SAFE = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.commitGraph=false", "core.multiPackIndex=false",
    "core.attributesFile=/dev/null", "core.excludesFile=/dev/null", "core.pager=cat", "protocol.allow=never",
    "log.showSignature=false", "log.mailmap=false", "diff.external=", "diff.renames=false", "gc.auto=0",
    "maintenance.auto=false", "submodule.recurse=false", "core.quotePath=false", "core.bigFileThreshold=2m",
    "core.deltaBaseCacheLimit=128m", "core.packedGitLimit=256m",
)  # fmt: skip


_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""Its name by length of hash. No attribute of the tree is obeyed: one could hide a file from every diff."""


class GitFailedError(Exception):
    """Git could not say; the message is the reason that a report shows."""


class Git:
    """Git, confined to reading the objects of one repository."""

    def __init__(self, program: str, folder: Path, empty_tree: str, deadline: float) -> None:
        self._program = program
        self._folder = folder
        self._empty_tree = empty_tree
        self._deadline = deadline

    def read(
        self, *arguments: str, feed: bytes = b"", limit: int, fine: tuple[int, ...] = (0,)
    ) -> tuple[bytes, str]:
        """Output of a command, cut at `limit` bytes or at the deadline, and what cut it, if anything.

        Args:
            arguments: the command.
            feed: its standard input.
            limit: bytes of output after which it is stopped.
            fine: exit codes that are no error.

        Raises:
            GitFailedError: git ended with an error.
        """
        settings = [part for setting in _SAFE for part in ("-c", setting)]
        command = [self._program, "--no-pager", *settings, *arguments]
        with (
            tempfile.TemporaryFile(dir=self._folder) as given,
            tempfile.TemporaryFile(dir=self._folder) as errors,
        ):
            given.write(feed)
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603 - a fixed program, our own arguments, no shell
                command, stdin=given, stdout=subprocess.PIPE, stderr=errors,
                env=_environment(self._folder, self._empty_tree), cwd=self._folder,
            )  # fmt: skip
            try:
                data, cut = self._drain(process, limit)
            finally:
                process.kill()
                process.wait()
            errors.seek(0)
            if process.returncode not in fine and not cut:
                raise GitFailedError(_reason(errors.read(2000)))
        return data, cut

    def _drain(self, process: subprocess.Popen[bytes], limit: int) -> tuple[bytes, str]:
        import selectors

        assert process.stdout is not None
        parts: list[bytes] = []
        size = 0
        with process.stdout as stream, selectors.DefaultSelector() as ready:
            ready.register(stream, selectors.EVENT_READ)
            while size <= limit:
                left = self._deadline - time.monotonic()
                if left <= 0 or not ready.select(left):
                    return b"".join(parts), "reading took longer than the time allowed"
                part = os.read(stream.fileno(), 1 << 16)
                if not part:
                    with suppress(subprocess.TimeoutExpired):  # it is ended by our caller
                        process.wait(timeout=max(left, 0.1))
                    return b"".join(parts), ""
                parts.append(part)
                size += len(part)
        return b"".join(parts), f"there is more than the bound of {limit >> 20} MB"


def _reason(errors: bytes) -> str:
    text = " ".join(errors.decode("utf-8", "replace").split())
    return f"git cannot read it: {text[:160] or 'no reason given'}"


def _environment(folder: Path, empty_tree: str) -> dict[str, str]:
    """Nothing is inherited: no alias, no askpass, no configuration, no replaced objects, no fetch."""
    return {
        "PATH": os.defpath, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "LC_ALL": "C", "TZ": "UTC",
        "GIT_DIR": str(folder / "git"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_ALLOW_PROTOCOL": "",
        "GIT_ATTR_SOURCE": empty_tree,
    }  # fmt: skip


def _program(outside: Path) -> str:
    """Git from an absolute PATH entry that does not lie in the assessed tree."""
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        folder = Path(entry)
        if folder.is_absolute() and outside not in (folder.resolve(), *folder.resolve().parents):
            found = shutil.which("git", path=entry)
            if found:
                return found
    raise GitFailedError("the git program is not installed")


@contextmanager
def borrowed(repository: Repository, root: Path, *, seconds: float) -> Iterator[Git]:
    """A throw-away repository that borrows the objects of `repository` for at most `seconds`.

    Raises:
        GitFailedError: there is no git program, or no room for the throw-away repository.
    """
    program = _program(root.resolve())
    deadline = time.monotonic() + seconds
    try:
        with tempfile.TemporaryDirectory(prefix="assaymark-history-") as name:
            folder = Path(name)
            _lay_out(folder / "git", repository)
            yield Git(program, folder, _EMPTY_TREE[len(repository.head)], deadline)
    except OSError as error:
        raise GitFailedError(f"no room for a temporary repository ({error.strerror})") from error


def _lay_out(git: Path, repository: Repository) -> None:
    for part in ("objects/info", "refs"):
        (git / part).mkdir(parents=True)
    sha256 = len(repository.head) == 64
    extension = "[extensions]\n\tobjectFormat = sha256\n" if sha256 else ""
    _write(git / "config", f"[core]\n\trepositoryFormatVersion = {int(sha256)}\n\tbare = true\n{extension}")
    _write(git / "HEAD", f"{repository.head}\n")
    _write(git / "objects/info/alternates", f"{repository.objects}\n")
    if repository.shallow:
        _write(git / "shallow", "".join(f"{commit}\n" for commit in repository.shallow))


def _write(path: Path, text: str) -> None:
    path.write_bytes(os.fsencode(text))

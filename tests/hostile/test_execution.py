"""Nothing under assessment is ever imported, compiled to run, executed, or able to start a process."""
# ruff: noqa: E501 - tables of hostile text

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import trees
from tests.hostile.harness import places

CREATES = "open({marker!r}, 'w').close()\n"
SHADOWS = (
    "ast", "json", "re", "click", "msgspec", "yaml", "sqlite3", "git", "sitecustomize", "usercustomize", "conftest",
    "setup", "assaymark/__init__", "jinja2/__init__", "tests/__init__", "logging/__init__",
)  # fmt: skip

SPY = """
import os, sys
tree, work = sys.argv[1:3]
seen = []
beside = []  # folder in which a name is opened: the event does not say it

def opened(path, flags, mode=0o777, *, dir_fd=None, really=os.open):
    beside.append("" if dir_fd is None else os.readlink(f"/proc/self/fd/{dir_fd}"))
    try:
        return really(path, flags, mode, dir_fd=dir_fd)
    finally:
        beside.pop()

def hook(event, args):
    if event == "compile":
        return  # parsing raises it too; `exec` tells them apart
    if event == "exec" and getattr(args[0], "co_filename", "").startswith(tree):
        seen.append((event, args[0].co_filename))
    elif event == "import" and isinstance(args[1], str) and args[1].startswith(tree):
        seen.append((event, args[1]))
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn"):
        seen.append((event, str(args)))
    elif event == "subprocess.Popen" and os.path.basename(os.fsdecode(args[1][0])) != "git":
        seen.append((event, str(args)))
    elif event.startswith("socket.") and event != "socket.__new__":
        seen.append((event, str(args)))
    elif event == "pickle.find_class":
        seen.append((event, str(args)))
    elif event == "open" and isinstance(args[0], str) and isinstance(args[2], int):
        path = os.path.abspath(os.path.join(beside[-1] if beside else "", args[0]))
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not path.startswith((work, "/tmp/", "/dev/")):
            seen.append((event, path))
        elif args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path.startswith(tree):
            seen.append((event, path))

from assaymark._cli import main
import multiprocessing.connection, multiprocessing.popen_fork  # what our own workers need
os.open = opened
sys.addaudithook(hook)
end = os._exit
try:
    main(["assess", tree, "--out", work + "/out", "--quiet"])
except SystemExit as ended:
    print(ended.code, seen)
"""


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    """A tree in which everything that could be run by mistake would leave a marker."""
    root = trees.app(tmp_path / "tree")
    marker = str(tmp_path / "marker")
    code = CREATES.format(marker=marker)
    for name in SHADOWS:
        path = root / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, encoding="utf-8")
    touch = f"touch {marker}"
    (root / "evil.pth").write_text(f"import os; os.system({touch!r})\n", encoding="utf-8")
    (root / "evil.pkl").write_bytes(b"cos\nsystem\n(S'" + touch.encode() + b"'\ntR.")
    (root / "evil.yaml").write_text(f"!!python/object/apply:os.system [{touch!r}]\n", encoding="utf-8")
    (root / "prompt.j2").write_text("{{ ''.__class__.__mro__[1].__subclasses__() }}", encoding="utf-8")
    (root / "Makefile").write_text(f"all:\n\t{touch}\nX := $(shell {touch})\n", encoding="utf-8")
    (root / "package.json").write_text(json.dumps({"scripts": {"preinstall": touch}}), encoding="utf-8")
    cell = {"cell_type": "code", "source": [code], "metadata": {}, "outputs": []}
    (root / "book.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}), encoding="utf-8")
    for name in ("git", "python", "sh"):
        (root / name).write_text(f"#!/bin/sh\n{touch}\n", encoding="utf-8")
        (root / name).chmod(0o755)
    _repository(root, touch)
    return root


def _repository(root: Path, touch: str) -> None:
    """A repository whose settings, hooks and attributes all name the command."""
    quiet = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": os.defpath,
        "HOME": str(root),
    }
    git = ["git", "-C", str(root), "-c", "user.name=A <b>", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True, env=quiet)
    subprocess.run([*git, "add", "app.py"], check=True, env=quiet)
    subprocess.run([*git, "commit", "-q", "-m", "\x1b[31m<script>"], check=True, env=quiet)
    settings = (
        f"[core]\n\tfsmonitor = {touch}\n\tpager = {touch}\n\tsshCommand = {touch}\n\thooksPath = hooks\n"
        f'[alias]\n\tlog = "!{touch}"\n[gpg]\n\tprogram = {touch}\n[log]\n\tshowSignature = true\n'
        f'[diff "evil"]\n\ttextconv = {touch}\n\tcommand = {touch}\n[filter "evil"]\n\tsmudge = {touch}\n'
        f"[include]\n\tpath = /dev/zero\n"
    )
    (root / ".git" / "config").write_text(settings, encoding="utf-8")
    (root / ".gitattributes").write_text("* diff=evil filter=evil\n", encoding="utf-8")
    for hook in ("pre-commit", "post-checkout", "fsmonitor-watchman", "post-index-change"):
        (root / ".git" / "hooks" / hook).parent.mkdir(exist_ok=True)
        (root / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\n{touch}\n", encoding="utf-8")
        (root / ".git" / "hooks" / hook).chmod(0o755)


def _run(command: list[str], tmp_path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | places(tmp_path / "work") | {"PATH": f".:{os.environ['PATH']}"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, check=False, timeout=120)


def test_no_audit_event_comes_from_the_tree(bait: Path, tmp_path: Path) -> None:
    """An audit hook, inherited by the workers, sees no import, no exec, no process but git, no socket."""
    (tmp_path / "spy.py").write_text(SPY, encoding="utf-8")

    done = _run(
        [sys.executable, "-P", str(tmp_path / "spy.py"), str(bait), str(tmp_path / "work")], tmp_path, bait
    )

    assert done.stdout.strip() in ("0 []", "11 []", "12 []"), done.stdout + done.stderr
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("module", [False, True], ids=["script", "module"])
def test_it_is_safe_within_the_tree(module: bool, bait: Path, tmp_path: Path) -> None:
    """The command started inside a hostile folder imports nothing of it; as a module, with `-P`."""
    script = [str(Path(sys.executable).parent / "assaymark")]
    command = [sys.executable, "-P", "-m", "assaymark"] if module else script

    done = _run([*command, "assess", ".", "--out", str(tmp_path / "out"), "--quiet"], tmp_path, bait)

    assert done.returncode in (0, 11, 12), done.stderr
    assert not (tmp_path / "marker").exists()

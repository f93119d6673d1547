"""Scanning imports nothing of what it scans, runs nothing, starts nothing, connects nowhere, writes nothing."""
# ruff: noqa: E501 - a table of events

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hostile.harness import places

SOURCE = Path(__file__).resolve().parents[2]

SPY = """
import os, sys
target = sys.argv[1]
seen = []
WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
OURS = tuple(p for p in (sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix), sys.argv[2]))

def importing():
    # What an import of ours imports and runs in turn is its own doing; the first of a chain is judged by name.
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>" and frame.f_code.co_name == "exec_module":
            return True
        if frame.f_code.co_filename == "<frozen importlib._bootstrap_external>":
            return True
        frame = frame.f_back
    return False

def hook(event, args):
    if event in ("import", "exec", "compile") and importing():
        return
    if event.startswith("marshal.load") and sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
        return  # our own modules, compiled before
    if event == "pickle.find_class" and args[0].partition(".")[0] in ("assaymark", "msgspec"):
        return  # what our own processes tell each other
    if event == "import":
        name = args[0]
        root = name.partition(".")[0]
        if root not in ALLOWED and root not in sys.stdlib_module_names:
            seen.append((event, name))
    elif event == "exec":
        file = getattr(args[0], "co_filename", "?")
        if not file.startswith((*OURS, "<frozen", "<attrs", "<string>")) or file.startswith(target):
            seen.append((event, file))
        if file == "<string>":
            seen.append((event, file))
    elif event == "open" and isinstance(args[2], int) and args[2] & WRITE:
        seen.append((event, str(args[0])))
    elif event.split(".")[0] in ("subprocess", "pty", "ctypes", "shutil", "tempfile", "webbrowser", "ftplib", "urllib"):
        seen.append((event, str(args)[:100]))
    elif event.startswith("socket.") and event not in ("socket.__new__",):
        seen.append((event, str(args)[:100]))
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.remove", "os.rename",
                   "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "os.putenv",
                   "os.kill", "pickle.find_class", "marshal.loads", "marshal.load", "code.__new__",
                   "function.__new__", "builtins.input", "builtins.breakpoint"):
        seen.append((event, str(args)[:100]))

from assaymark._cli import main
ALLOWED = {"assaymark", "msgspec", "yaml", "_yaml", "jinja2", "markupsafe", "click", "lz4", "zstandard", "packaging"}
sys.addaudithook(hook)
try:
    main(["scan", target, "--format", "json", "--jobs", "1", "--fail-on", "never"])
except SystemExit as ended:
    print(ended.code, seen, file=sys.stderr)
    sys.stderr.flush()
"""


def test_no_audit_event_comes_of_scanning(tmp_path: Path) -> None:
    """Every hostile file that the benchmark's generator writes, under a hook that sees all the workers do."""
    root, spy = tmp_path / "hostile", tmp_path / "spy.py"
    spy.write_text(SPY, encoding="utf-8")
    generator = SOURCE / "benchmarks/models/generate.py"
    subprocess.run(
        [sys.executable, str(generator), "--out", str(root), "--seed", "3"], check=True, capture_output=True
    )

    done = subprocess.run(
        [sys.executable, str(spy), str(root), str(SOURCE)],
        capture_output=True,
        text=True,
        env=os.environ | places(tmp_path / "work"),
        check=False,
        timeout=600,
    )

    report = json.loads(done.stdout)
    assert done.stderr.strip().splitlines()[-1] == "0 []", done.stderr[-3000:]
    assert report["counts"]["dangerous"] > 1_000
    assert not [h for f in report["files"] for h in f["holes"] if "please report it" in h["reason"]]


def test_the_hook_would_see(tmp_path: Path) -> None:
    """Loading one of those files trips it; else the test above could not fail."""
    (tmp_path / "evil.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    script = SPY.replace(
        'main(["scan", target, "--format", "json", "--jobs", "1", "--fail-on", "never"])',
        '__import__("pickle").load(open(target + "/evil.pkl", "rb")); raise SystemExit(0)',
    )
    (tmp_path / "spy.py").write_text(script, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(tmp_path / "spy.py"), str(tmp_path), str(SOURCE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "pickle.find_class" in done.stderr
    assert "os.system" in done.stderr

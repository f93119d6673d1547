"""Packing and signing, killed at random moments, some hundreds of times."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_a_killed_process_leaves_no_half_pack(tmp_path: Path) -> None:
    """Absent, old or whole under its name; what else is left is named as a part; the ledger verifies."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.pack.crashing", str(tmp_path), "80", "120", "10"],
        env=os.environ | {"PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    assert (found["strange"], found["problems"], found["ledger"]) == ([], [], True)
    assert found["finished"] + found["killed"] == 80
    assert found["signed"] + found["unsigned"] == 120
    assert min(found[k] for k in ("finished", "killed", "signed", "unsigned")) >= 5
    assert found["left"] > 0

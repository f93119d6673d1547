"""What docs/formats/pack.md tells people to run, run on a real pack."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.pack.supplier import real_pack, supplier

PAGE = (Path(__file__).resolve().parents[2] / "docs/formats/pack.md").read_text(encoding="utf-8")
TOOLS = ("bash", "unzip", "jq", "openssl", "xxd", "sha256sum")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
PYTHON = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))


def run(folder: Path, pack: bytes) -> subprocess.CompletedProcess[str]:
    """The page's commands, one after the other; temporary files go into the folder."""
    (folder / "shop.assaypack").write_bytes(pack)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", SHELL.replace("/tmp/", f"{folder}/")],
        cwd=folder,
        env=os.environ | {"KEY": supplier().public_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="the page's tools are not all installed")
def test_the_pages_commands_accept_a_pack_and_no_other(tmp_path: Path) -> None:
    """The signature, every digest, and that nothing is added; one changed byte is found."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    done = run(whole, real_pack())
    data = bytearray(real_pack())
    data[data.index(b"shop-assistant")] ^= 1

    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert run(broken, bytes(data)).returncode != 0


def test_the_pages_python_accepts_a_pack_and_no_other(tmp_path: Path) -> None:
    """Each entry's place; a changed entry is found."""
    shutil.unpack_archive(_zip(tmp_path), tmp_path / "pack")
    command = [sys.executable, "-W", "ignore", "-c", PYTHON]
    done = subprocess.run(
        command, cwd=tmp_path / "pack", capture_output=True, text=True, check=True, timeout=60
    )
    entries = tmp_path / "pack/ledger/entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"shop-assistant", b"shop-assistent", 1))
    changed = subprocess.run(command, cwd=tmp_path / "pack", capture_output=True, check=False, timeout=60)

    assert "entries are in assaymark.local/" in done.stdout
    assert changed.returncode == 1


def _zip(folder: Path) -> Path:
    path = folder / "x.zip"
    path.write_bytes(real_pack())
    return path

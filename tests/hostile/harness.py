"""Assess a hostile folder as a user would, and hold the answer to what never bends."""

import io
import json
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from msgspec import Struct

from assaymark._cli import main

FINE = (0, 11, 12)
"""Exit codes of an assessment that was made."""
TOLD = (1, 2, 3)
"""Exit codes of one that was refused, with advice."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What may steer a terminal or reorder text; newlines and tabs are ours."""


class Run(Struct, frozen=True):
    """What one assessment gave."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return report

    def text(self, kind: str) -> str:
        """One of the written reports, strictly decoded."""
        return (self.folder / f"report.{kind}").read_bytes().decode("utf-8")

    def missed(self) -> str:
        """Everything that the report says it did not look at or could not read."""
        return json.dumps(self.report["not_looked_at"], ensure_ascii=False)


def places(folder: Path) -> dict[str, str]:
    """Environment that keeps all that Assaymark writes below `folder`."""
    return {
        "ASSAYMARK_STATE_DIR": str(folder / "state"),
        "ASSAYMARK_CACHE_DIR": str(folder / "cache"),
        "ASSAYMARK_KEY": str(folder / "keys" / "key.pem"),
    }


def assess(root: Path, work: Path, *options: str, state: bool = True) -> Run:
    """Assess `root`, writing only below `work`; `state` False leaves the ledger's place to the tree."""
    settings = places(work)
    if not state:
        del settings["ASSAYMARK_STATE_DIR"]
        settings["XDG_STATE_HOME"] = str(work / "state")
    before = dict(os.environ)
    os.environ.update(settings)
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main(["assess", str(root), "--out", str(work / "out"), "--verbose", *options])
    except SystemExit as ended:
        code = ended.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert isinstance(code, int)
    return Run(code, out.getvalue(), err.getvalue(), work / "out")


def sound(run: Run) -> Run:
    """`run`, if it ended well, no check broke, no parser broke and nothing raw reached a reader."""
    assert run.code in FINE, run.err
    for text in (run.out, run.err, run.text("json"), run.text("sarif"), run.text("html")):
        assert CONTROL.search(text) is None, CONTROL.search(text)
        assert "the parser broke" not in text
        assert "Traceback" not in text
    assert [e for e in run.report["evidence"] if e["outcome"] == "error"] == []
    return run


def refused(run: Run, code: int) -> Run:
    """`run`, if it was refused with `code`, a message and advice, and wrote no report."""
    assert run.code == code, (run.code, run.err)
    assert len(run.err.strip().splitlines()) >= 2, run.err
    assert CONTROL.search(run.err) is None
    assert "Traceback" not in run.err
    assert not (run.folder / "report.json").exists()
    return run

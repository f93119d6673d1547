"""`assaymark assess` from the outside: what is printed, written and returned, and what goes wrong how."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assaymark._cli import main
from assaymark._cli.places import ledger_path

APP = '''"""A chatbot."""

from openai import OpenAI

client = OpenAI()


def answer(question: str) -> str:
    """Ask the model."""
    reply = client.chat.completions.create(
        model="gpt-4o-2024-08-06", messages=[{"role": "user", "content": question}]
    )
    return eval(reply.choices[0].message.content)
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, and a place for all that Assaymark writes."""
    for name in ("STATE_DIR", "CACHE_DIR"):
        monkeypatch.setenv(f"ASSAYMARK_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "keys" / "key.pem"))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text(APP, encoding="utf-8")
    (root / "requirements.txt").write_text("openai\n", encoding="utf-8")
    return root


def run(*arguments: str | Path) -> int:
    """The exit code of one command."""
    with pytest.raises(SystemExit) as caught:
        main([str(a) for a in arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_three_reports_are_written_and_say_the_same(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """HTML, JSON and SARIF appear in the folder named, and the terminal says where."""
    code = run("assess", project, "--out", "out")

    told = capsys.readouterr()
    report = json.loads(Path("out/report.json").read_bytes())
    assert code == 12
    assert "report.html" in told.err
    assert len(report["results"]) == 72
    assert "<html" in Path("out/report.html").read_text(encoding="utf-8")
    assert json.loads(Path("out/report.sarif").read_bytes())["version"] == "2.1.0"
    assert "Of 72 provisions" in told.out


def test_the_assessed_folder_is_left_as_it_was(project: Path) -> None:
    """Nothing is written into a folder that has no assurance/ of its own."""
    before = {p: p.stat().st_mtime_ns for p in project.rglob("*")}

    run("assess", project, "--out", "out", "--quiet")

    assert {p: p.stat().st_mtime_ns for p in project.rglob("*")} == before


def test_a_second_run_records_nothing_new(project: Path) -> None:
    """Unchanged inputs are answered from the ledger."""
    run("assess", project, "--out", "out", "--quiet")
    first = json.loads(Path("out/report.json").read_bytes())
    run("assess", project, "--out", "out", "--quiet")
    second = json.loads(Path("out/report.json").read_bytes())

    assert first["ledger"] == second["ledger"]
    assert first["results"] == second["results"]


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("shall", 12), ("should", 12)])
def test_exit_codes_say_what_is_unmet(project: Path, fail_on: str, code: int) -> None:
    """A shall that fails ends with 12 unless nobody wants to be stopped."""
    assert run("assess", project, "--no-files", "--quiet", "--fail-on", fail_on) == code


def test_sarif_on_standard_output_ends_with_nought(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Consumers of SARIF expect findings in the log, not in the exit code."""
    assert run("assess", project, "--no-files", "--format", "sarif") == 0
    assert json.loads(capsys.readouterr().out)["runs"]


def test_json_is_the_only_thing_on_standard_output(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Data goes to standard output, messages to standard error."""
    run("assess", project, "--no-files", "--json")

    assert json.loads(capsys.readouterr().out)["assaymark_report"] == 1


def test_since_names_what_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mending the fault makes its provision better, and the comparison says so."""
    run("assess", project, "--out", "before", "--quiet")
    (project / "app.py").write_text(APP.replace("eval(", "str("), encoding="utf-8")
    run("assess", project, "--out", "after", "--quiet", "--since", "before/report.json")

    changes = json.loads(Path("after/report.json").read_bytes())["changes"]
    assert any(c["kind"] == "better" and c["before"] == "fail" for c in changes)


def test_a_wrong_earlier_report_is_refused_before_any_work(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file, no JSON and another version are each named."""
    Path("no.json").write_text("{", encoding="utf-8")
    Path("other.json").write_text('{"assaymark_report": 99}', encoding="utf-8")

    for name in ("missing.json", "no.json", "other.json"):
        assert run("assess", project, "--quiet", "--no-files", "--since", name) == 2
        assert "Traceback" not in capsys.readouterr().err


def test_a_missing_folder_ends_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to assess has a code and advice of its own."""
    assert run("assess", tmp_path / "nowhere") == 3
    assert "Name the folder" in capsys.readouterr().err


def test_a_manifest_with_errors_names_their_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All problems at once, each with its line."""
    (project / "assaymark.yaml").write_text(
        "assaymark: 1\nname: x\nrolls: [Developer]\nprofile: none\n", encoding="utf-8"
    )

    assert run("assess", project, "--no-files") == 2

    told = capsys.readouterr().err
    assert "line 3" in told
    assert "line 4" in told


def test_a_changed_ledger_is_not_relied_on(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence that somebody altered stops the assessment with advice."""
    run("assess", project, "--no-files", "--quiet")
    capsys.readouterr()
    (bundle,) = (ledger_path(project) / "tile" / "entries").rglob("000.p/*")
    bundle.write_bytes(bundle.read_bytes().replace(b"not met", b"met not"))

    assert run("assess", project, "--no-files", "--quiet") == 1
    assert "log verify" in capsys.readouterr().err


def test_a_full_disk_leaves_the_old_report_whole(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that cannot be written is an error, and the one before it stays as it was."""
    run("assess", project, "--out", "out", "--quiet")
    before = Path("out/report.html").read_bytes()
    capsys.readouterr()
    script = (
        "import resource, signal, sys; from assaymark._cli import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "import assaymark.whole as f; real = f.write_atomically\n"
        "def limited(path, data):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY)); real(path, data)\n"
        "import assaymark._cli.assess as a; a.write_atomically = limited\n"
        f"main(['assess', {str(project)!r}, '--out', 'out', '--quiet'])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | {})

    assert done.returncode == 1
    assert "Could not write" in done.stderr
    assert "Traceback" not in done.stderr
    assert Path("out/report.html").read_bytes() == before
    assert not list(Path("out").glob("*.part"))


def test_names_with_control_characters_never_reach_a_report_raw(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Terminal, HTML and SARIF show escapes where a file name holds a command for the terminal."""
    (project / "x\x1b[31m<b>\u202e.py").write_text(APP, encoding="utf-8")

    run("assess", project, "--out", "out", "--verbose")

    html = Path("out/report.html").read_text(encoding="utf-8")
    for text in (capsys.readouterr().out, html, Path("out/report.sarif").read_text(encoding="utf-8")):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "[31m<b>" not in html


def test_an_unreadable_file_is_named(project: Path) -> None:
    """What could not be read stands in the report as not looked at."""
    (project / "link.py").symlink_to("/etc/hostname")

    run("assess", project, "--out", "out", "--quiet")

    missed = json.loads(Path("out/report.json").read_bytes())["not_looked_at"]
    assert any(m["path"] == "link.py" for m in missed)


def test_an_interrupted_run_can_be_run_again(project: Path) -> None:
    """Killing a run at any point leaves a ledger that verifies and a next run that works."""
    for number in range(60):
        (project / f"m{number}.py").write_text(APP + f"\nX = {number}\n" * 200, encoding="utf-8")
    for delay in (0.2, 0.5, 0.9):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "assaymark",
                "assess",
                str(project),
                "--out",
                "out",
                "--quiet",
                "--no-cache",
            ],
        )
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    assert run("assess", project, "--out", "out", "--quiet") == 12
    assert run("log", "verify", project) == 0

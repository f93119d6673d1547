"""The git history is read, nothing of it is obeyed, and what is missing is said."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from assaymark.discover.history import history_key, read_history
from assaymark.discover.history_paths import trail_subject
from assaymark.scan.facts import History, RemovedSafeguard, Trail

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git itself is needed to make histories")


class Project:
    """A repository that tests commit to, with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = 1_700_000_000
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        """Run git with nobody's settings."""
        who = {
            f"GIT_{w}_{k}": v for w in ("AUTHOR", "COMMITTER") for k, v in (("NAME", "Ann"), ("EMAIL", "a@x"))
        }
        dates = {f"GIT_{w}_DATE": f"{self.clock} +0000" for w in ("AUTHOR", "COMMITTER")}
        calm = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, env=who | dates | calm)

    def commit(self, message: str, files: dict[str, str | None]) -> None:
        """Write (or, for None, delete) files and commit them an hour later."""
        self.clock += 3600
        for path, text in files.items():
            file = self.folder / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty repository."""
    return Project(tmp_path / "project")


def history(folder: Path) -> History:
    """The one `History` fact."""
    (found,) = [f for f in read_history(folder) if isinstance(f, History)]
    return found


def ids(project: Project) -> list[str]:
    """Commits, newest first."""
    command = ["git", "-C", str(project.folder), "log", "--format=%H"]
    return subprocess.check_output(command, text=True, timeout=30).split()


def removed(folder: Path) -> list[tuple[str, str]]:
    """Kind and path of the safeguards that history removed."""
    return [(f.kind, f.at.path) for f in read_history(folder) if isinstance(f, RemovedSafeguard)]


def trail(folder: Path, subject: str) -> Trail:
    """The one trail of that subject."""
    (found,) = [f for f in read_history(folder) if isinstance(f, Trail) and f.subject == subject]
    return found


def test_commits_authors_and_tags_are_told(project: Project) -> None:
    """Two commits, one author, a lightweight and an annotated tag."""
    project.commit("first", {"a.py": "x = 1\n"})
    project.git("tag", "v1")
    project.commit("second", {"a.py": "x = 2\n"})
    project.git("tag", "-a", "v2", "-m", "two")
    found = history(project.folder)
    assert found.available
    assert (found.commits, found.authors, found.problem) == (2, ("Ann",), "")
    assert [name for name, _ in found.tags] == ["v2", "v1"]
    assert found.first < found.last
    project.git("pack-refs", "--all")
    project.git("gc", "-q")
    assert history(project.folder) == found


def test_a_prompt_has_its_trail_with_reasons(project: Project) -> None:
    """Each change with its date and author, and whether its message says why."""
    project.commit("Add prompt", {"prompts/system.md": "You are."})
    project.commit("Tighten prompt because it leaked its rules (#12)", {"prompts/system.md": "You are not."})
    found = trail(project.folder, "prompt")
    assert (found.at.path, found.total) == ("prompts/system.md", 2)
    assert [c.reasoned for c in found.changes] == [True, False]


def test_a_changed_model_shows_its_new_value_and_what_came_with_it(project: Project) -> None:
    """The value is read from the changed line; risk record and evaluation in the same commit are noted."""
    project.commit(
        "Start", {"app/settings.py": 'MODEL = "gpt-4o-2024-05-13"\n', "docs/risk-register.md": "a\n"}
    )
    project.commit(
        "Switch model",
        {
            "app/settings.py": 'MODEL = "gpt-4.1"\n',
            "docs/risk-register.md": "b\n",
            "evals/results.json": "{}",
        },
    )
    (change,) = trail(project.folder, "model-setting").changes
    assert change.value == "gpt-4.1"
    assert change.touches_risk
    assert change.touches_evaluation


GUARDED = (
    '@app.post("/chat")\n@limiter.limit("5/minute")\ndef chat(user=Depends(get_current_user)):\n    pass\n'
)


def test_a_removed_rate_limit_is_found(project: Project) -> None:
    """The decorator went and did not come back; a changed figure would be no removal."""
    project.commit("Start", {"app/api.py": GUARDED})
    project.commit("Slower", {"app/api.py": GUARDED.replace("5/", "2/")})
    assert removed(project.folder) == []
    project.commit("Quick fix", {"app/api.py": GUARDED.replace('@limiter.limit("5/minute")\n', "")})
    assert removed(project.folder) == [("rate-limit", "app/api.py")]


def test_a_safeguard_that_came_back_is_not_reported(project: Project) -> None:
    """Removed in one commit, restored in a later one."""
    project.commit("Start", {"app/api.py": GUARDED})
    project.commit("Out", {"app/api.py": GUARDED.replace("user=Depends(get_current_user)", "")})
    assert removed(project.folder) == [("authentication", "app/api.py")]
    project.commit("In again", {"app/api.py": GUARDED})
    assert removed(project.folder) == []


def test_a_safeguard_moved_to_another_file_is_not_reported(project: Project) -> None:
    """The very line stands elsewhere now."""
    project.commit("Start", {"app/api.py": "check_injection(text)\nx = 1\n"})
    project.commit("Move", {"app/api.py": "x = 1\n", "app/guards.py": "check_injection(text)\n"})
    assert removed(project.folder) == []


def test_a_deleted_test_of_code_that_stays_is_found(project: Project) -> None:
    """The code is still there, its test is not; a test that went with its code is no loss."""
    files = ("app/auth.py", "app/old.py", "tests/test_auth.py", "tests/test_old.py")
    project.commit("Start", {k: f"# {k}\n" for k in files})
    project.commit("Drop", {"tests/test_auth.py": None, "tests/test_old.py": None, "app/old.py": None})
    assert removed(project.folder) == [("test", "tests/test_auth.py")]


def test_a_scan_taken_out_of_the_pipeline_is_found(project: Project) -> None:
    """A removed CI step counts; a comment about it does not."""
    flow = "jobs:\n  t:\n    steps:\n      - run: pytest\n      - run: pip-audit\n"
    project.commit("Start", {".github/workflows/ci.yml": flow})
    project.commit("Faster", {".github/workflows/ci.yml": flow.replace("      - run: pip-audit\n", "")})
    assert removed(project.folder) == [("scan", ".github/workflows/ci.yml")]


def test_nothing_of_the_repository_is_obeyed(project: Project, tmp_path: Path) -> None:
    """Configuration, hooks, attributes and replaced objects would each leave a mark; none does."""
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    project.commit("Start", {"a.py": "x = 1\n", ".gitattributes": "*.py diff=evil filter=evil\n"})
    project.commit("Next", {"a.py": "x = 2\n"})
    with (project.folder / ".git/config").open("a") as config:
        config.write(
            f"[core]\n fsmonitor = {script}\n pager = {script}\n sshCommand = {script}\n"
            f" hooksPath = {tmp_path}\n"
            f'[diff]\n external = {script}\n[diff "evil"]\n textconv = {script}\n command = {script}\n'
            f"[gpg]\n program = {script}\n[log]\n showSignature = true\n[alias]\n log = !{script}\n"
            f'[filter "evil"]\n smudge = {script}\n clean = {script}\n'
        )
    assert history(project.folder).commits == 2
    assert not mark.exists()


def test_settings_of_the_caller_are_not_obeyed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`GIT_DIR` and its like in the environment point nowhere else."""
    project.commit("Start", {"a.py": "x = 1\n"})
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nonexistent")
    assert history(project.folder).commits == 1


def test_a_folder_below_the_root_has_its_own_history(project: Project) -> None:
    """Only commits that touch the folder count, and paths are relative to it."""
    project.commit("Here", {"sub/prompts/system.md": "a"})
    project.commit("There", {"other/x.py": "b"})
    found = read_history(project.folder / "sub")
    assert history(project.folder / "sub").commits == 1
    assert [f.at.path for f in found if isinstance(f, Trail)] == ["prompts/system.md"]


def test_a_shallow_clone_says_so(project: Project, tmp_path: Path) -> None:
    """What was never fetched is named, not mistaken for the beginning."""
    project.commit("One", {"a.py": "1\n"})
    project.commit("Two", {"a.py": "2\n"})
    project.git("clone", "-q", "--depth", "1", f"file://{project.folder}", str(tmp_path / "shallow"))
    found = history(tmp_path / "shallow")
    assert found.shallow
    assert found.commits == 1
    assert "shallow" in found.problem


def test_a_worktree_is_followed_and_a_stranger_is_not(project: Project, tmp_path: Path) -> None:
    """A `.git` file must point to a place that points back."""
    project.commit("One", {"a.py": "1\n"})
    project.git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "side")
    assert history(tmp_path / "tree").commits == 1
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / ".git").write_text(f"gitdir: {project.folder}/.git\n")
    found = history(stranger)
    assert not found.available
    assert "its own" in found.problem


def test_an_empty_repository_and_none_at_all_say_so(project: Project, tmp_path: Path) -> None:
    """No commit yet; no repository."""
    assert not history(project.folder).available
    plain = tmp_path / "plain"
    plain.mkdir()
    assert "no git repository" in history(plain).problem


def test_commits_of_evidence_alone_are_the_same_version(project: Project) -> None:
    """Back to the last commit that changed something else; a merge or an empty commit ends it."""
    project.commit("Code", {"app.py": "x = 1\n"})
    assert history(project.folder).same == ()
    project.commit("Report", {"assurance/imports/r.sarif": "{}"})
    project.commit("Said", {"assurance/attestations/a.json": "{}", "assurance/imports/r.sarif": None})
    assert list(history(project.folder).same) == ids(project)[1:]
    project.commit("Policy", {"assurance/policy.md": "# Policy\n", "assurance/imports/s.sarif": "{}"})
    assert history(project.folder).same == ()
    project.commit("Nothing", {})
    assert history(project.folder).same == ()
    project.commit("Code among the reports", {"assurance/imports/run.py": "x = 1\n"})
    assert history(project.folder).same == ()


def test_evidence_on_a_branch_ends_at_the_merge(project: Project) -> None:
    """What else came in with it is not looked for."""
    project.commit("Code", {"app.py": "x = 1\n"})
    project.git("checkout", "-q", "-b", "side")
    project.commit("Side", {"app.py": "x = 2\n"})
    project.git("checkout", "-q", "-")
    project.commit("Report", {"assurance/imports/r.sarif": "{}"})
    project.git("merge", "-q", "--no-edit", "side")
    assert history(project.folder).same == ()
    project.commit("Report on the merge", {"assurance/imports/s.sarif": "{}"})
    assert list(history(project.folder).same) == ids(project)[1:2]


def test_a_corrupt_store_is_a_problem_not_a_crash(project: Project) -> None:
    """Objects that are gone leave a history that says why it is not available."""
    project.commit("One", {"a.py": "1\n"})
    shutil.rmtree(project.folder / ".git/objects")
    (project.folder / ".git/objects").mkdir()
    found = history(project.folder)
    assert not found.available
    assert "git cannot read it" in found.problem


def test_bounds_are_stated(project: Project) -> None:
    """A bound on commits or on time that was hit stands in the problem."""
    for number in range(3):
        project.commit(f"Change {number}", {"a.py": f"{number}\n"})
    (found,) = [f for f in read_history(project.folder, max_commits=2) if isinstance(f, History)]
    assert (found.commits, "only the newest 2" in found.problem) == (2, True)
    (late,) = [f for f in read_history(project.folder, max_seconds=0.0) if isinstance(f, History)]
    assert "longer than the time allowed" in late.problem


def test_messages_cannot_forge_records(project: Project) -> None:
    """Separators in a message or in a file's text do not make a second commit."""
    project.commit("A\x1e" + "0" * 40 + "\x1eB\n\nbody", {"a.py": "\x1e0000\n@@ -1 +1 @@\n-x\n"})
    project.commit("Next", {"a.py": "--- a/b.py\n+++ b/b.py\n"})
    assert history(project.folder).commits == 2


def test_the_key_follows_the_head(project: Project) -> None:
    """The same history has the same key; a commit or a bound changes it."""
    project.commit("One", {"a.py": "1\n"})
    before = history_key(project.folder)
    assert before == history_key(project.folder)
    assert before != history_key(project.folder, max_commits=5)
    project.commit("Two", {"a.py": "2\n"})
    assert before != history_key(project.folder)


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("prompts/system.md", "prompt"), ("app/prompts.py", "prompt"), ("app/system_prompt.txt", "prompt"),
        ("app/prompt/__init__.py", ""), ("src/checks/prompt/prompts_are_files.py", ""), ("app/main.py", ""),
        ("models/m.onnx", "model"), ("data/train.csv.dvc", "data"), ("uv.lock", "lockfile"),
        ("config/agent.yaml", "configuration"), ("docs/threat-model.md", "document"),
        ("evals/run.py", "evaluation"),
        ("tests/prompts/system.md", ""),
    ],
)  # fmt: skip
def test_paths_have_their_trail(path: str, subject: str) -> None:
    """What a file's history is about follows from its path; code about prompts is no prompt."""
    assert trail_subject(path) == subject

"""`assaymark init` writes a valid manifest from what is there, and never over another."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assaymark._cli.init import command
from assaymark.errors import NothingToAssess, UsageError
from assaymark.system.manifest import read_manifest
from assaymark.system.system import Condition, Profile, Role, Statement, System

CODE = """\
from openai import OpenAI

client = OpenAI()


def answer(question: str) -> str:
    return client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}]
    ).choices[0].message.content
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a small program that calls a model."""
    folder = tmp_path / "helpdesk"
    folder.mkdir()
    (folder / "app.py").write_text(CODE, encoding="utf-8")
    (folder / "requirements.txt").write_text("openai==1.50.0\n", encoding="utf-8")
    return folder


def run(*arguments: str, answers: str = "") -> Result:
    """Run the command; errors come through."""
    return CliRunner().invoke(command, arguments, input=answers, catch_exceptions=False)


def written(folder: Path) -> System:
    """The system as the manifest in `folder` describes it."""
    return read_manifest((folder / "assaymark.yaml").read_bytes(), "assaymark.yaml")


def test_the_manifest_is_filled_from_what_is_there(project: Path) -> None:
    """Name of the folder, profile with its reason, circumstances with their places; nothing is asked."""
    result = run(str(project))
    system = written(project)
    assert result.exit_code == 0
    assert (system.name, system.profile, system.roles) == ("helpdesk", Profile.CHATBOT, ())
    assert system.conditions[Condition.EXTERNAL_PROVIDER] == Statement(holds=True)
    assert "app.py:7" in (project / "assaymark.yaml").read_text(encoding="utf-8")
    assert "chatbot" in result.output


@pytest.mark.parametrize("name", ["assaymark.yaml", "assaymark.yml", "assurance/assaymark.yaml"])
def test_a_manifest_that_is_there_is_not_replaced(project: Path, name: str) -> None:
    """Wherever it lies."""
    there = project / name
    there.parent.mkdir(exist_ok=True)
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        run(str(project))
    assert there.read_text(encoding="utf-8") == "mine"


def test_force_replaces_the_file_itself_but_never_one_elsewhere(project: Path) -> None:
    """Two manifests would contradict each other."""
    (project / "assaymark.yaml").write_text("old", encoding="utf-8")
    assert run(str(project), "--force").exit_code == 0
    assert written(project).name == "helpdesk"
    (project / "assurance").mkdir()
    (project / "assurance" / "assaymark.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="assurance"):
        run(str(project), "--force")


def test_a_dangling_link_is_not_written_through(project: Path) -> None:
    """A link may lead anywhere."""
    (project / "assaymark.yaml").symlink_to(project.parent / "elsewhere.yaml")
    with pytest.raises(UsageError):
        run(str(project))
    assert not (project.parent / "elsewhere.yaml").exists()


def test_what_is_no_folder_has_nothing_to_assess(project: Path) -> None:
    """Exit code 3, and nothing is written."""
    for path in (project / "app.py", project / "missing"):
        with pytest.raises(NothingToAssess):
            run(str(path))


def test_questions_are_asked_only_when_told_to(project: Path) -> None:
    """Each answer comes back; Enter leaves a question open; a denial asks for its reason."""
    asked = [c for c in Condition if c not in _found(project)]
    answers = ["Help Desk", "Answers residents.", "Ann Other", "", "tool", "agent", "yes", "maybe", "no", ""]
    answers += [
        line
        for c in asked
        for line in ({Condition.TRAINS: ["no", "it is bought"], Condition.CLOUD: ["yes"]}.get(c) or [""])
    ]
    result = run(str(project), "--interactive", answers="\n".join(answers) + "\n")
    system = written(project)
    assert "none of the answers" in result.output
    assert (system.name, system.purpose, system.owner) == ("Help Desk", "Answers residents.", "Ann Other")
    assert (system.profile, system.roles) == (Profile.AGENT, (Role.DEVELOPER,))
    assert system.conditions[Condition.TRAINS] == Statement(
        holds=False, reason="it is bought", by="Ann Other"
    )
    assert system.conditions[Condition.CLOUD] == Statement(holds=True)
    assert Condition.SHARES_MODEL not in system.conditions


def test_breaking_off_in_the_middle_leaves_nothing_behind(project: Path) -> None:
    """No half-written manifest."""
    result = CliRunner().invoke(command, [str(project), "--interactive"], input="Help Desk\n")
    assert result.exit_code != 0
    assert sorted(p.name for p in project.iterdir()) == ["app.py", "requirements.txt"]


def _found(project: Path) -> set[Condition]:
    run(str(project))
    found = set(written(project).conditions)
    (project / "assaymark.yaml").unlink()
    return found

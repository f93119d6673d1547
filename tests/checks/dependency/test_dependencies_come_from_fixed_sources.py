"""Code is not swapped at its source."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"requirements.txt": f"openai>=1\nfork @ git+https://github.com/a/fork@{'a' * 40}\n"}
NOT_MET = {"requirements.txt": "openai>=1\nfork @ git+https://github.com/a/fork@main\n"}
NAME = "dependencies_come_from_fixed_sources"


def test_a_second_index_is_named_without_its_password() -> None:
    """Dependency confusion; the address is shown without credentials."""
    seen = observe(
        NAME, {"requirements.txt": "a==1\n--extra-index-url https://u:hunter2x@pypi.corp/simple\n"}
    )
    assert outcomes(seen) == {Outcome.NOT_MET}
    assert "hunter2x" not in str(seen)


def test_a_branch_whose_commit_is_locked_is_no_alarm() -> None:
    """Uv and npm write the commit into the lock."""
    project = '[project]\nname = "x"\ndependencies = ["f @ git+https://h/o/f@main"]\n'
    files = {"pyproject.toml": project, "uv.lock": "[[package]]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_npm_sources_are_read() -> None:
    """A GitHub shorthand is a branch."""
    files = {"package.json": '{"dependencies": {"a": "github:o/r"}}'}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}

"""The build uses the lock."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_LOCK = '{"packages": {"node_modules/a": {"integrity": "sha512-x"}}}'
MET = {"Dockerfile": "FROM node:22\nCOPY . .\nRUN npm ci\n", "package-lock.json": _LOCK}
NOT_MET = {"Dockerfile": "FROM node:22\nCOPY . .\nRUN npm install\n", "package-lock.json": _LOCK}
NAME = "installs_follow_the_lock"


def test_without_a_lock_there_is_nothing_to_follow() -> None:
    """The missing lock is another check's finding."""
    assert outcomes(observe(NAME, {"Dockerfile": NOT_MET["Dockerfile"]})) == {Outcome.NOT_OBSERVABLE}


def test_a_requirements_file_as_lock_is_part_of_it() -> None:
    """A file with digests makes pip strict; which file is installed is not seen."""
    files = {
        "Dockerfile": "FROM x\nRUN pip install -r requirements.txt\n",
        "requirements.txt": "a==1 --hash=sha256:00\n",
    }
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_installing_the_installer_is_no_alarm() -> None:
    """`pip install uv` before `uv sync --locked` follows the lock."""
    files = {"Dockerfile": "FROM x\nRUN pip install uv && uv sync --locked\n", "uv.lock": "[[package]]\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}

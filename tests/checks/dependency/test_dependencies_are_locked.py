"""Exact versions with digests, for everything."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["openai>=1", "torch"]\n'
_LOCK = '[[package]]\nname = "openai"\nversion = "1"\nsdist = { url = "u", hash = "sha256:00" }\n'
MET = {"pyproject.toml": _PROJECT, "uv.lock": _LOCK}
NOT_MET = {"pyproject.toml": _PROJECT}
NAME = "dependencies_are_locked"


def test_each_ecosystem_needs_its_own_lock() -> None:
    """A fault in disguise: Python is locked, JavaScript is not."""
    seen = observe(NAME, {**MET, "web/package.json": '{"dependencies": {"express": "^4"}}'})
    assert outcomes(seen) == {Outcome.NOT_MET}
    assert "npm" in seen[0].summary


def test_a_lock_without_digests_is_part_of_it() -> None:
    """Versions can be replaced at the index; digests cannot."""
    files = {"pyproject.toml": _PROJECT, "uv.lock": _LOCK.replace('hash = "sha256:00"', "size = 1")}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_hashed_requirements_are_a_lock() -> None:
    """Pip's own form counts."""
    files = {"requirements.txt": "openai==1.0 --hash=sha256:00\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_dependencies_of_examples_and_tests_are_left_aside() -> None:
    """They are not the product."""
    files = {"examples/a/requirements.txt": "openai\n", "tests/package.json": '{"dependencies": {"a": "1"}}'}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}


def test_a_package_asked_for_twice_counts_once() -> None:
    """The same package in an extra and in a group is one dependency."""
    twice = _PROJECT + '[project.optional-dependencies]\na = ["torch"]\nb = ["torch>=2"]\n'
    assert "2 dependencies" in observe(NAME, {"pyproject.toml": twice})[0].summary


def test_an_unpacked_package_shows_no_lock() -> None:
    """A source distribution leaves the lock file out, so its absence there says nothing."""
    files = {**NOT_MET, "PKG-INFO": "Metadata-Version: 2.4\nName: x\nVersion: 1\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}

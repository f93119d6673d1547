"""Images stay what they were."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_DIGEST = "sha256:" + "0" * 64
MET = {"Dockerfile": f"FROM python:3.12@{_DIGEST} AS b\nFROM b\nUSER app\n"}
NOT_MET = {
    "Dockerfile": "FROM python:latest\nUSER app\n",
    "compose.yml": "services:\n  llm: {image: ollama/ollama}\n",
}
NAME = "images_are_pinned"


def test_both_the_base_and_the_service_are_named() -> None:
    """Two images move."""
    (seen,) = observe(NAME, NOT_MET)
    assert "2 of 2" in seen.summary


def test_a_version_tag_is_part_of_it() -> None:
    """It rarely moves, but it can."""
    assert outcomes(observe(NAME, {"Dockerfile": "FROM python:3.12.4-slim\n"})) == {Outcome.PARTLY_MET}


def test_images_filled_in_at_deployment_are_left_aside() -> None:
    """A variable is not a version."""
    files = {"compose.yml": "services:\n  a: {image: '${REGISTRY}/a'}\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}

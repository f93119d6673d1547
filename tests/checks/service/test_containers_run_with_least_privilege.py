"""A container is not the host."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

MET = {"Dockerfile": "FROM python:3.12\nUSER 10001\n", "compose.yml": "services:\n  a: {image: 'a:1'}\n"}
NOT_MET = {
    "Dockerfile": MET["Dockerfile"],
    "compose.yml": "services:\n  agent:\n    image: a:1\n    volumes: "
    "['/var/run/docker.sock:/var/run/docker.sock']\n",
}
NAME = "containers_run_with_least_privilege"


def test_the_docker_socket_is_firm_and_root_is_for_a_person() -> None:
    """The socket is a fact; a platform may set the user."""
    files = {"Dockerfile": "FROM python:3.12\n", "compose.yml": NOT_MET["compose.yml"]}
    seen = observe(NAME, files)
    assert [s.certainty for s in seen] == [Certainty.FIRM, Certainty.TENTATIVE]


def test_power_in_a_development_file_is_for_a_person() -> None:
    """A developer's own machine is not production."""
    (seen,) = observe(NAME, {"docker-compose.dev.yml": NOT_MET["compose.yml"]})
    assert seen.certainty is Certainty.TENTATIVE


def test_going_back_to_root_is_seen() -> None:
    """A fault in disguise: an ordinary user in an earlier line only."""
    files = {"Dockerfile": "FROM python:3.12\nUSER app\nRUN x\nUSER root\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_user_inherited_from_an_earlier_stage_counts() -> None:
    """Stages pass their user on."""
    files = {"Dockerfile": "FROM python:3.12 AS base\nUSER app\nFROM base\nRUN x\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}

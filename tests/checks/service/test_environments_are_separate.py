"""Experiments and users are in different places."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'a:1'}]}\n"
MET = {"k8s/overlays/prod/pod.yaml": _POD, "k8s/overlays/dev/pod.yaml": _POD}
NOT_MET = {
    ".github/workflows/t.yml": "on: push\njobs:\n  all:\n    steps:\n      - run: python train.py\n"
    "      - run: kubectl apply -f k8s\n"
}
NAME = "environments_are_separate"


def test_one_environment_alone_is_part_of_it() -> None:
    """Production has a file, development has none."""
    assert outcomes(observe(NAME, {"k8s/overlays/prod/pod.yaml": _POD})) == {Outcome.PARTLY_MET}


def test_debugging_in_production_is_seen() -> None:
    """A fault in disguise: the files are apart, the settings are not."""
    files = {**MET, "config/prod/app.yaml": "debug: true\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_word_within_a_word_is_no_environment() -> None:
    """`products.yaml` and `device.json` belong to none."""
    files = {"products.yaml": "a: 1\n", "device.json": "{}", "app.py": "x = 1\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}

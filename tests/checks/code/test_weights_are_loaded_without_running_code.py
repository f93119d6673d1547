"""Weights are loaded without running code: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "weights_are_loaded_without_running_code"

MET: dict[str, str | bytes] = {
    "app.py": """import torch

model = torch.load("model.pt", weights_only=True)
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import pickle
import requests


def load(url):
    return pickle.loads(requests.get(url).content)
"""
}
"""A project in which it does not."""


def test_a_pickle_from_the_network_is_firm() -> None:
    """Unpickling what a request brought is counter-evidence by itself."""
    assert observe(NAME, NOT_MET)[0].certainty is Certainty.FIRM


def test_a_local_pickle_asks_a_person() -> None:
    """A pickle of the project's own is reported, and a person judges."""
    seen = observe(NAME, {"app.py": "import joblib\nmodel = joblib.load('model.joblib')\n"})

    assert seen[0].outcome is Outcome.NOT_MET
    assert seen[0].certainty is Certainty.TENTATIVE


def test_a_checked_digest_counts() -> None:
    """A load after a comparison of digests in the same function is no fault."""
    source = """
import hashlib, pickle

def load(path):
    data = open(path, "rb").read()
    if hashlib.sha256(data).hexdigest() != EXPECTED:
        raise ValueError
    return pickle.loads(data)
"""
    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.MET}


def test_harmless_relatives_do_not_alarm() -> None:
    """`re.compile`, `model.eval()` and `json.load` are no loads that run code."""
    source = "import re, json\nx = re.compile('a')\nmodel.eval()\njson.load(open('a.json'))\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_APPLICABLE}


def test_aliases_do_not_hide_it() -> None:
    """An import under another name is seen through."""
    source = "from pickle import loads as restore\nimport requests as r\nx = restore(r.get(u).content)\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_MET}


def test_tests_are_not_the_product() -> None:
    """A pickle in a test's material is left out."""
    assert outcomes(observe(NAME, {"tests/test_a.py": NOT_MET["app.py"]})) == {Outcome.NOT_APPLICABLE}


def test_a_torch_whose_default_is_safe_loads_safely() -> None:
    """From 2.6 on `torch.load` reads tensors only; with older versions allowed it may run code."""
    source = {"app.py": "import torch\nmodel = torch.load('model.pt')\n"}

    for spec, outcome in (("==2.6.0", Outcome.MET), (">=2.6", Outcome.MET), (">=2.0", Outcome.NOT_MET)):
        files = source | {"requirements.txt": f"torch{spec}\n"}
        assert outcomes(observe(NAME, files)) == {outcome}


def test_a_safe_default_does_not_excuse_switching_it_off() -> None:
    """`weights_only=False` asks for code whatever the version."""
    files = {
        "app.py": "import torch\nmodel = torch.load('model.pt', weights_only=False)\n",
        "requirements.txt": "torch==2.6.0\n",
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}

"""Downloads are verified by digest: what it sees, and what it must not take for it."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

NAME = "downloads_are_verified_by_digest"

MET: dict[str, str | bytes] = {
    "app.py": """import hashlib
import urllib.request

EXPECTED = "0" * 64


def fetch():
    path, _ = urllib.request.urlretrieve("https://example.org/latest/model.onnx", "model.onnx")
    if hashlib.sha256(open(path, "rb").read()).hexdigest() != EXPECTED:
        raise ValueError("not the model we know")
"""
}
"""A project in which it holds."""

NOT_MET: dict[str, str | bytes] = {
    "app.py": """import urllib.request

urllib.request.urlretrieve("https://example.org/latest/model.onnx", "model.onnx")
"""
}
"""A project in which it does not."""


def test_size_is_no_digest() -> None:
    """A download whose size alone is compared is reported as such."""
    source = """
import os, urllib.request

def fetch():
    urllib.request.urlretrieve("https://example.org/latest/model.onnx", "m.onnx")
    if os.path.getsize("m.onnx") != 5:
        raise ValueError
"""
    seen = observe(NAME, {"app.py": source})

    assert "only its size" in seen[0].details[0].message


def test_an_api_call_is_no_download() -> None:
    """A request to a fixed API is not a download."""
    source = "import requests\nx = requests.get('https://api.example.org/v1/weather').json()\n"

    assert outcomes(observe(NAME, {"app.py": source})) == {Outcome.NOT_APPLICABLE}


def test_a_download_by_a_helper_asks_a_person() -> None:
    """The helper may compare a digest in its own file; that nothing is compared at the call is no proof."""
    source = "from util import download_file\ndownload_file('https://host.example/weights/m.bin')\n"
    (seen,) = observe(NAME, {"app.py": source})

    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)

"""Loads, hub references, downloads and fetches: the safe form is told from the unsafe one."""

import pytest
from tests.scan.python.reading import found, the

from assaymark.scan.facts import Deserialisation, Download, HubReference, Origin, OutboundFetch


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ("import torch\ntorch.load('a.pt')", False),
        ("import torch\ntorch.load('a.pt', weights_only=True)", True),
        ("import torch as t\nt.load('a.pt', weights_only=False)", False),
        ("import joblib\njoblib.load('a.joblib')", False),
        ("from dill import loads\nloads(x)", False),
        ("import numpy as np\nnp.load('a.npy', allow_pickle=True)", False),
        ("import yaml\nyaml.load(x, Loader=yaml.Loader)", False),
        ("import yaml\nyaml.load(x)", False),
        ("import mlflow.pyfunc\nmlflow.pyfunc.load_model('models:/a/1')", False),
        ("from tensorflow import keras\nkeras.models.load_model('a.keras', safe_mode=False)", False),
        ("import pandas as pd\npd.read_pickle('a.pkl')", False),
        ("import pickle\npickle.loads(text.encode())", False),
    ],
)
def test_loads(source: str, safe: bool) -> None:
    """Each load, with whether its form can run code."""
    assert the(Deserialisation, source).safe is safe


@pytest.mark.parametrize(
    "source",
    [
        "import yaml\nyaml.safe_load(x)",
        "import yaml\nyaml.load(x, Loader=yaml.SafeLoader)",
        "import numpy as np\nnp.load('a.npy')",
        "import json\njson.load(open('a.json'))",
        "import pickle\npickle.dump(x, f)",
        "import pickle\npickle.loads(pickle.dumps(x))",
    ],
)
def test_harmless_loads_are_not_mentioned(source: str) -> None:
    """What cannot run code needs no fact."""
    assert found(Deserialisation, source) == []


@pytest.mark.parametrize(
    ("source", "kind", "pinned", "remote"),
    [
        ("from transformers import AutoModel\nAutoModel.from_pretrained('o/m')", "model", False, False),
        (
            f"from transformers import AutoModel\nAutoModel.from_pretrained('o/m', revision='{'a' * 40}')",
            "model",
            True,
            False,
        ),
        (
            "from transformers import AutoModel\nAutoModel.from_pretrained('o/m', revision='main')",
            "model",
            False,
            False,
        ),
        ("from transformers import AutoTokenizer as A\nA.from_pretrained('o/m')", "tokenizer", False, False),
        ("from huggingface_hub import snapshot_download\nsnapshot_download('o/m')", "model", False, False),
        (
            "from datasets import load_dataset\nload_dataset('o/d', trust_remote_code=True)",
            "dataset",
            False,
            True,
        ),
        (
            "from sentence_transformers import SentenceTransformer\nSentenceTransformer('all-MiniLM')",
            "model",
            False,
            False,
        ),
        ("import torch\ntorch.hub.load('o/r:v1', 'net')", "code", False, True),
        ("from langchain import hub\nhub.pull('o/prompt')", "prompt", False, False),
    ],
)
def test_hub_references(source: str, kind: str, pinned: bool, remote: bool) -> None:
    """What is taken, whether it is fixed, and whether it brings code along."""
    fact = the(HubReference, source)

    assert (fact.kind, fact.pinned, fact.remote_code) == (kind, pinned, remote)


def test_local_paths_are_local() -> None:
    """A path in the tree is no reference to a hub."""
    assert the(
        HubReference, "from transformers import AutoModel\nAutoModel.from_pretrained('./models/a')"
    ).local
    assert the(
        HubReference, "from datasets import load_dataset\nload_dataset('csv', data_files='a.csv')"
    ).local


@pytest.mark.parametrize(
    "source",
    [
        "from mylib import Thing\nThing.from_pretrained('x')",
        "from torch import nn\nnn.EmbeddingBag.from_pretrained(weights)",
        "from optimum.onnxruntime import ORTQuantizer\nORTQuantizer.from_pretrained(model)",
    ],
)
def test_a_pretrained_thing_without_a_hub(source: str) -> None:
    """A `from_pretrained` of an unknown class, of a tensor or of a loaded model is left alone."""
    assert found(HubReference, source) == []


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("'vit_base'", 0),
        ("'vit_base', pretrained=False", 0),
        ("'vit_base', pretrained=True", 1),
        ("'vit_base', pretrained=wanted", 1),
        ("'hf-hub:o/m'", 1),
    ],
)
def test_an_empty_network_comes_from_no_hub(arguments: str, count: int) -> None:
    """`timm.create_model` fetches nothing unless asked for trained weights."""
    assert len(found(HubReference, f"import timm\nm = timm.create_model({arguments})")) == count


@pytest.mark.parametrize(
    ("arguments", "passed", "code"),
    [
        ("'o/m'", False, False),
        ("'o/m', revision=None, trust_remote_code=False", False, False),
        ("'o/m', revision=settings.REVISION", True, False),
        ("'o/m', trust_remote_code=trust", False, True),
        ("name, **options", True, True),
    ],
)
def test_what_is_decided_at_run_time_is_told_from_what_is_left_out(
    arguments: str, passed: bool, code: bool
) -> None:
    """A revision or a trust in remote code that is handed on may be anything; one left out is not."""
    fact = the(HubReference, f"from transformers import AutoModel\nAutoModel.from_pretrained({arguments})")

    assert (fact.revision_passed, fact.remote_code_passed) == (passed, code)


def test_downloads_on_shell_lines_of_a_notebook() -> None:
    """`!wget` names its address and the line of its cell."""
    book = (
        b'{"cells": [{"cell_type": "code", "source": ["x = 1\\n", "!wget https://a.example/latest/m.pt"]}]}'
    )
    fact = the(Download, book, "a.ipynb")

    assert (fact.what, fact.verified, fact.mutable, fact.at.line) == ("model", "nothing", True, 2)


def test_a_fetch_through_a_helper_that_makes_the_client() -> None:
    """A client that a function of the file hands out is a client, and a caller's address is theirs."""
    source = """
import httpx
from fastapi import FastAPI
app = FastAPI()

def make():
    return httpx.Client(timeout=3)

@app.get("/x")
def x(url: str):
    return make().get(url).text
"""
    fact = the(OutboundFetch, source)

    assert (fact.origin, fact.guarded) == (Origin.REQUEST, False)


def test_a_download_by_a_helper_of_the_projects_own() -> None:
    """A function named for downloading is one, if a web address is written where it is called."""
    source = (
        "from util import http_get\nurl = 'https://data.example/embeddings/' + name\nhttp_get(url, name)\n"
    )
    fact = the(Download, source)

    assert fact.what == "model"
    assert (fact.url, fact.verified) == ("https://data.example/embeddings/…", "nothing")
    assert found(Download, "from util import http_get\nhttp_get(url, name)\n") == []


def test_a_question_to_a_service_is_no_data_set() -> None:
    """An address that ends in `.json` and is asked with parameters holds an answer, not data."""
    source = "import requests\nr = requests.get('https://api.example/search.json'{})\n"

    assert found(Download, source.format(", params=query")) == []
    assert the(Download, source.format("")).what == "data"

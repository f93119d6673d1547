"""The judge of Python source that travels with a model."""

import pytest

from assaymark.scan.container.code import calls_of, parse_source


def names(source: str) -> list[str]:
    """The calls that are named, with imports and aliases resolved."""
    tree = parse_source(source.encode())
    assert tree is not None
    return [c.name for c in calls_of(tree)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os\nos.system('x')", "os.system"),
        ("import os as o\no.execv('x', [])", "os.execv"),
        ("from os import system as s\ns('x')", "os.system"),
        ("from subprocess import run\nrun(['x'])", "subprocess.run"),
        ("import subprocess as sp\nf = sp.Popen\nf(['x'])", "subprocess.Popen"),
        ("import urllib.request\nurllib.request.urlopen('x')", "urllib.request.urlopen"),
        ("eval('1')", "eval"),
        ("import builtins\nbuiltins.exec('1')", "builtins.exec"),
        ("__import__('os')", "__import__"),
        ("import pickle\npickle.loads(b'')", "pickle.loads"),
        ("open('f', 'w')", "open"),
        ("open('f', mode='ab')", "open"),
        ("import os\ngetattr(os, 'sys' + 'tem')('x')", "getattr"),
        ("import socket\ns = socket.socket()", "socket.socket"),
        ("def f():\n    import requests\n    requests.post('x')", "requests.post"),
    ],
)
def test_what_acts_on_the_machine_is_named(source: str, name: str) -> None:
    """Through imports, other names, assignments and computed attributes."""
    assert names(source) == [name]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nmodel = torch.load('w.pt')",
        "import os\np = os.path.join('a', 'b')\nos.environ.get('X')\nos.listdir('.')",
        "import json\nwith open('index.json') as f:\n    json.load(f)",
        "model.eval()\nre.compile('x')\nself.system('x')",
        "import numpy as np\nnp.load('x.npy')",
    ],
)
def test_what_handlers_usually_do_is_calm(source: str) -> None:
    """Reading weights and settings; methods that share a name with something dangerous."""
    assert names(source) == []


@pytest.mark.parametrize("data", [b"def (", b"\xff\xfe", b"(" * 9000, b"x = '\0'", b"-" * 200_000 + b"1"])
def test_what_is_no_python_is_none(data: bytes) -> None:
    """Without a crash or a warning, however deep it nests."""
    assert parse_source(data) is None

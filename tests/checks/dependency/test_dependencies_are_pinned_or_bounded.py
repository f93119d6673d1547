"""No dependency may be just anything."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

MET = {"requirements.txt": "openai>=1,<2\ntorch==2.9.0\n"}
NOT_MET = {"requirements.txt": "openai\ntorch\nnumpy>=2\n"}
NAME = "dependencies_are_pinned_or_bounded"


def test_a_lock_holds_what_the_declaration_leaves_open() -> None:
    """Bare names beside a lock are no alarm."""
    files = {**NOT_MET, "uv.lock": "[[package]]\nname = 'a'\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_tool_server_started_by_name_is_unbounded_whatever_is_locked() -> None:
    """A fault in disguise: npx fetches the newest package each time."""
    mcp = '{"mcpServers": {"fs": {"command": "npx", "args": ["-y", "@m/server-filesystem", "/data"]}}}'
    files = {**MET, ".mcp.json": mcp, "package-lock.json": "{}"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_one_bare_name_among_many_is_part_of_it() -> None:
    """Proportion matters."""
    lines = "".join(f"p{i}>=1\n" for i in range(9))
    assert outcomes(observe(NAME, {"requirements.txt": lines + "bare\n"})) == {Outcome.PARTLY_MET}


def test_an_extra_shares_the_bounds_of_the_package() -> None:
    """`image = ["transformers[vision]"]` beside `transformers>=5,<6` is bounded by the latter."""
    text = '[project]\nname = "x"\nversion = "1"\ndependencies = ["transformers>=5,<6"]\n'
    text += '[project.optional-dependencies]\nimage = ["transformers[vision]"]\n'
    assert outcomes(observe(NAME, {"pyproject.toml": text})) == {Outcome.MET}


def test_tools_of_the_developers_are_left_aside() -> None:
    """What lints or documents the project is not installed with it."""
    text = '[project]\nname = "x"\nversion = "1"\ndependencies = ["torch>=2"]\n[dependency-groups]\n'
    text += 'lint = ["pre-commit"]\ndocs = ["sphinx"]\n'
    assert outcomes(observe(NAME, {"pyproject.toml": text})) == {Outcome.MET}

"""GitHub workflows are read for order, power and what strangers can reach."""

from tests.scan.infra.reading import only

from assaymark.scan.facts import ActionUse, CiJob

PATH = ".github/workflows/x.yml"


def jobs(text: str) -> dict[str, CiJob]:
    """Jobs by name."""
    return {job.name: job for job in only(CiJob, PATH, text)}


def test_needs_are_followed_through_to_the_gate() -> None:
    """A release two steps after the tests is gated; one beside them is not."""
    found = jobs(
        "on: push\npermissions: {}\njobs:\n"
        "  test:\n    steps: [{run: 'uv run --frozen pytest -q'}]\n"
        "  build:\n    needs: test\n    steps: [{run: python -m build}]\n"
        "  out:\n    needs: [build]\n    steps: [{run: twine upload dist/*}]\n"
        "  beside:\n    steps: [{run: npm publish}]\n"
    )
    assert found["out"].needs == ("build", "test")
    assert found["out"].gated is True
    assert found["beside"].gated is False
    assert found["test"].gated is None
    assert found["test"].write_permissions == ()


def test_tolerated_tests_gate_nothing() -> None:
    """`|| true` behind the tests takes the gate away and is reported."""
    found = jobs(
        "on: push\njobs:\n  a:\n    steps:\n      - run: pytest || true\n      - run: docker push x\n"
    )
    assert found["a"].ignores_failure is True
    assert found["a"].gated is False


def test_a_mention_is_not_a_deed() -> None:
    """Echoing a command, commenting it out or installing a tool does not do what it names."""
    found = jobs(
        "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          echo twine upload\n          # pytest\n"
        "          pip install pytest garak\n"
    )
    assert (found["a"].tests, found["a"].releases, found["a"].evaluates) == (False, False, False)


def test_running_a_strangers_code_with_secrets_is_seen() -> None:
    """pull_request_target with a checkout of the head and a run step, unless the author is vetted."""
    text = (
        "on: pull_request_target\njobs:\n  a:\n{guard}    steps:\n      - uses: actions/checkout@v4\n"
        "        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n      - run: make\n"
    )
    assert jobs(text.replace("{guard}", ""))["a"].runs_untrusted is True
    vetted = "    if: github.event.pull_request.author_association == 'MEMBER'\n"
    assert jobs(text.replace("{guard}", vetted))["a"].runs_untrusted is False
    assert jobs(text.replace("{guard}", "").replace("_target", ""))["a"].runs_untrusted is False


def test_a_strangers_text_in_a_script_is_seen() -> None:
    """A title in a shell script is an injection; the same title handed over in the environment is not."""
    text = 'on: issues\njobs:\n  a:\n    steps:\n      - run: echo "${{ github.event.issue.title }}"\n'
    safe = (
        'on: issues\njobs:\n  a:\n    steps:\n      - run: echo "$T"\n'
        "        env: {T: '${{ github.event.issue.title }}'}\n"
    )
    assert jobs(text)["a"].runs_untrusted is True
    assert jobs(safe)["a"].runs_untrusted is False


def test_secrets_and_powers_are_named() -> None:
    """Names of secrets and write scopes; nothing stated means everything."""
    found = jobs(
        "on: push\njobs:\n  a:\n    env: {K: '${{ secrets.OPENAI_API_KEY }}'}\n    steps: []\n"
        "  b:\n    permissions: {contents: write, issues: read}\n    steps: []\n"
    )
    assert found["a"].secrets == ("OPENAI_API_KEY",)
    assert found["a"].write_permissions == ("all",)
    assert found["b"].write_permissions == ("contents",)


def test_actions_are_pinned_by_hash_only() -> None:
    """A tag can move; forty hexadecimal digits cannot; the repository's own actions are left out."""
    sha = "a" * 40
    text = (
        f"on: push\njobs:\n  a:\n    steps:\n      - uses: o/a@v1\n      - uses: o/b@{sha}\n     "
        f" - uses: ./c\n"
    )
    assert [(a.name, a.pinned, a.at.line) for a in only(ActionUse, PATH, text)] == [
        ("o/a", False, 5),
        ("o/b", True, 6),
    ]


def test_an_evaluation_at_a_fixed_version_is_an_evaluation() -> None:
    """`promptfoo@0.118.0` and `python -m garak` are what they are without version and wrapper."""
    found = jobs(
        "on: push\njobs:\n"
        "  a:\n    steps: [{run: 'npx promptfoo@0.118.0 eval --config evals/p.yaml'}]\n"
        "  b:\n    steps: [{run: 'python -m garak --model_type openai'}]\n"
    )
    assert found["a"].evaluates
    assert found["b"].evaluates

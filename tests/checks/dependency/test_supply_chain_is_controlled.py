"""supply_chain_is_controlled: every part fixed and watched, and a chain with open parts."""

from tests.trees import observe

from assaymark.observation import Outcome

NAME = "supply_chain_is_controlled"
SHA = "a" * 64
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"
MET: dict[str, str | bytes] = {
    "requirements.txt": f"openai==1.58.1 --hash=sha256:{SHA}\nhttpx==0.28.1 --hash=sha256:{SHA}\n",
    ".github/dependabot.yml": "version: 2\nupdates: []\n",
    ".github/workflows/ci.yml": (
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: actions/checkout@{COMMIT}\n      - run: pytest\n"
    ),
}
NOT_MET: dict[str, str | bytes] = {
    "requirements.txt": "openai\n",
    ".github/workflows/ci.yml": (
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: someone/action@main\n      - run: pytest\n"
    ),
}
NOT_MET_OUTCOME = Outcome.PARTLY_MET


def test_one_open_part_keeps_the_chain_open() -> None:
    """A model from a moving branch undoes the rest."""
    app = 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("org/model")\n'

    (seen,) = observe(NAME, {**MET, "app.py": app})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "org/model" in seen.details[0].message


def test_the_open_parts_are_named() -> None:
    """Whoever reads the summary knows what to do next."""
    (seen,) = observe(NAME, NOT_MET)

    assert "locked" in seen.summary
    assert "actions pinned" in seen.summary


def test_two_parts_do_not_speak_for_the_whole() -> None:
    """A lock file and a bot alone are not a supply-chain process."""
    few = {k: v for k, v in MET.items() if "workflows" not in k}

    (seen,) = observe(NAME, few)

    assert seen.outcome is Outcome.PARTLY_MET


def test_nothing_to_control_is_said_so() -> None:
    """Without dependencies, pipelines and models there is nothing to see."""
    (seen,) = observe(NAME, {"notes.txt": "x"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE

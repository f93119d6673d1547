"""model_references_are_pinned: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

LOAD = "from transformers import AutoModel\nm = AutoModel.from_pretrained({args})\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MET: dict[str, str | bytes] = {"app.py": LOAD.format(args=f"'acme/m', revision='{COMMIT}'")}
NOT_MET: dict[str, str | bytes] = {"app.py": LOAD.format(args="'acme/m'")}
NAME = "model_references_are_pinned"


def test_a_branch_is_no_pin() -> None:
    """`revision="main"` can be moved; certainty is firm, since the form decides."""
    (seen,) = observe(NAME, {"app.py": LOAD.format(args="'acme/m', revision='main'")})
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)


def test_a_base_model_in_an_adapter_counts() -> None:
    """`adapter_config.json` takes a model too."""
    text = '{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}'
    assert outcomes(observe(NAME, {"adapter/adapter_config.json": text})) == {Outcome.NOT_MET}


def test_a_local_folder_needs_no_pin() -> None:
    """A path in the tree is no reference to a hub."""
    found = observe(NAME, {"app.py": LOAD.format(args="'./weights'")})
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_tests_do_not_count() -> None:
    """A test may load what it likes."""
    assert outcomes(observe(NAME, {"tests/test_app.py": NOT_MET["app.py"]})) == {Outcome.NOT_APPLICABLE}


def test_a_revision_that_is_handed_on_is_not_judged() -> None:
    """A library passes on what its caller chose; whether that is a commit only a running system knows."""
    for args in ("'acme/m', revision=settings.MODEL_REVISION", "name, **options", "name"):
        (seen,) = observe(NAME, {"app.py": LOAD.format(args=args)})
        assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert "no revision is passed on" in seen.details[0].message

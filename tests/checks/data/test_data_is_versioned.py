"""data_is_versioned: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LOAD = "from datasets import load_dataset\nd = load_dataset('acme/birds'{rest})\n"
MET: dict[str, str | bytes] = {"train.py": LOAD.format(rest=f", revision='{COMMIT}'")}
NOT_MET: dict[str, str | bytes] = {"train.py": LOAD.format(rest="")}
NAME = "data_is_versioned"


def test_a_sums_file_makes_a_version() -> None:
    """A digest tells one version from the next."""
    files = {"data/train.csv": "a,b\n1,2\n3,4\n", "data/SHA256SUMS": "ab" * 32 + "  train.csv\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_bare_file_is_not_observable() -> None:
    """Its versions may be kept elsewhere."""
    assert outcomes(observe(NAME, {"data/train.csv": "a,b\n1,2\n3,4\n"})) == {Outcome.NOT_OBSERVABLE}


def test_a_data_set_named_at_run_time_is_not_observable() -> None:
    """A hub is asked for a data set; that its name is not in the source does not make it none."""
    source = "from datasets import load_dataset\nd = load_dataset(name)\n"
    assert outcomes(observe(NAME, {"train.py": source})) == {Outcome.NOT_OBSERVABLE}

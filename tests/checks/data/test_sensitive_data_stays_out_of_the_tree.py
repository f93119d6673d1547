"""sensitive_data_stays_out_of_the_tree: what meets it, what does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PEOPLE = "email,score\nann@acme.io,1\nbob@acme.io,2\neve@acme.io,3\n"
MET: dict[str, str | bytes] = {
    "data/d.csv": "email,score\na@example.com,1\nb@example.com,2\nc@example.org,3\n"
}
NOT_MET: dict[str, str | bytes] = {"data/d.csv": PEOPLE}
NAME = "sensitive_data_stays_out_of_the_tree"


def test_an_ignored_file_is_not_in_the_repository() -> None:
    """`.gitignore` keeps it out."""
    assert outcomes(observe(NAME, {**NOT_MET, ".gitignore": "data/\n"})) == {Outcome.MET}


def test_fixtures_do_not_count() -> None:
    """Test material is made up."""
    assert outcomes(observe(NAME, {"tests/fixtures/d.csv": PEOPLE})) == {Outcome.NOT_APPLICABLE}


def test_one_column_of_names_is_not_enough() -> None:
    """`full_name` alone may be that of a product's author."""
    assert outcomes(observe(NAME, {"data/d.csv": "full_name,n\nAnn Li,1\nBo Ito,2\n"})) == {Outcome.MET}


def test_its_fault_is_tentative() -> None:
    """Synthetic data may look real."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE

"""Receivers can verify what they get."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

_FLOW = (
    "on: push\njobs:\n  publish:\n    steps:\n"
    "      - run: docker push ghcr.io/x/y\n      - run: cosign sign ghcr.io/x/y\n"
)
MET = {".github/workflows/r.yml": _FLOW}
NOT_MET = {".github/workflows/r.yml": _FLOW.replace("      - run: cosign sign ghcr.io/x/y\n", "")}
NAME = "releases_are_signed_or_listed"


def test_trusted_publishing_attests_by_itself() -> None:
    """The publishing action with an identity token writes attestations."""
    flow = "on: push\njobs:\n  p:\n    permissions: {id-token: write}\n"
    flow += "    steps: [{uses: pypa/gh-action-pypi-publish@release/v1}]\n"
    assert outcomes(observe(NAME, {".github/workflows/r.yml": flow})) == {Outcome.MET}


def test_a_bill_of_materials_in_the_tree_is_part_of_it() -> None:
    """It lists, but nothing shows that each release has its own."""
    assert outcomes(observe(NAME, {**NOT_MET, "sbom.cdx.json": "{}"})) == {Outcome.PARTLY_MET}

"""incident_plan_covers_ai: a document that holds it, one that does not, and near misses."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

PATH = "docs/incident-response.md"
MET: dict[str, str | bytes] = {
    PATH: """\
# Incident response

Incident lead: Ada Byron
Last exercised: 2026-06-12

## Incidents

Prompt injection that makes the agent act, poisoning of the index, a jailbreak in public.

## Containment

Isolate the agent and revoke its keys.

## Telling

Escalate to the duty manager; notify users through the status page.
""",
}
NOT_MET: dict[str, str | bytes] = {
    PATH: """\
# Incident response

Stay calm and drink water.
""",
}
TEMPLATE = """# Incident response

Owner: [insert name]

## Part one

[describe the first part]

## Part two

TODO
"""


def test_absence_is_not_failure() -> None:
    """A document that is not in the tree may be kept elsewhere: the check says where to put it."""
    (seen,) = observe("incident_plan_covers_ai", {"app.py": "x = 1\n"})

    assert seen.outcome is Outcome.NOT_OBSERVABLE
    assert seen.fix


def test_a_template_is_not_evidence() -> None:
    """Places still to be filled in are no content, and a person is asked to look."""
    (seen,) = observe("incident_plan_covers_ai", {PATH: TEMPLATE})

    assert seen.outcome is Outcome.NOT_MET
    assert seen.certainty is Certainty.TENTATIVE


def test_test_material_does_not_count() -> None:
    """The same document among the tests shows nothing about the product."""
    assert outcomes(observe("incident_plan_covers_ai", {f"tests/fixtures/{PATH}": MET[PATH]})) == {
        Outcome.NOT_OBSERVABLE
    }


def test_a_gap_is_named() -> None:
    """One missing point leaves the document partly as expected, and the point is named."""
    text = str(MET[PATH]).replace(
        "Prompt injection that makes the agent act, poisoning of the index, a jailbreak in public.", ""
    )

    (seen,) = observe("incident_plan_covers_ai", {PATH: text})

    assert seen.outcome is Outcome.PARTLY_MET
    assert "an AI incident" in seen.summary

"""unresolved_threats_are_passed_on: open risks in the register and what readers are told."""

from tests.trees import observe

from assaymark.observation import Outcome

REGISTER = """\
# Risk register

| Risk | Treatment | Owner | Status |
|---|---|---|---|
| Jailbreak by role play | filter | Ada | {} |
"""
GUIDE = """\
# User guide

## Use

Sort tickets with it.

## Known issues and residual risks

Role play can still get round the filter. The impact is an impolite answer; as a workaround review public
answers before they are sent.
"""
MET: dict[str, str | bytes] = {"docs/risk-register.md": REGISTER.format("open"), "docs/user-guide.md": GUIDE}
NOT_MET: dict[str, str | bytes] = {
    "docs/risk-register.md": REGISTER.format("open"),
    "docs/user-guide.md": "# User guide\n\n## Use\n\nSort tickets with it.\n",
}


def test_no_open_risk_leaves_nothing_to_tell() -> None:
    """Where the register has only closed risks the question does not arise."""
    files = {**NOT_MET, "docs/risk-register.md": REGISTER.format("closed")}

    (seen,) = observe("unresolved_threats_are_passed_on", files)

    assert seen.outcome is Outcome.NOT_APPLICABLE


def test_a_notice_without_advice_is_named() -> None:
    """The reader must learn what it means and what to do."""
    guide = "# User guide\n\n## Known issues\n\nRole play gets round the filter.\n"

    (seen,) = observe("unresolved_threats_are_passed_on", {"docs/user-guide.md": guide})

    assert seen.outcome is Outcome.PARTLY_MET


def test_a_heading_alone_tells_nothing() -> None:
    """An empty section is no notice."""
    guide = "# User guide\n\nSort tickets with it.\n\n## Known issues\n\n<!-- none yet -->\n"

    (seen,) = observe("unresolved_threats_are_passed_on", {"docs/user-guide.md": guide})

    assert seen.outcome is Outcome.NOT_OBSERVABLE

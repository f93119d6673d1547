"""threat_updates_use_several_channels: two archived channels, and one document without any."""

from tests.trees import observe

NAME = "threat_updates_use_several_channels"
MET: dict[str, str | bytes] = {
    "docs/awareness/newsletter/2026-09.md": """\
# Security awareness newsletter

Prompt injection through invitations was seen.
""",
    "docs/awareness/wiki/threats.md": """\
# AI awareness page

Poisoned packages were seen this month.
""",
}
NOT_MET: dict[str, str | bytes] = {
    "docs/awareness/plan.md": """\
# Awareness programme

Staff hear of new threats from time to time.
""",
}


def test_the_channels_are_named_in_the_details() -> None:
    """Each channel points at something sent over it."""
    (seen,) = observe(NAME, MET)

    assert {str(d.at) for d in seen.details} >= {"docs/awareness/newsletter/2026-09.md:1"} or len(
        seen.details
    ) == 2

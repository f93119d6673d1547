"""Files of the guard are recognised by what stands in them."""

import pytest
from tests.trees import facts_of

from assaymark.scan.facts import GuardFile, ScanProblem


def kinds(path: str, text: str) -> list[str]:
    """What the file is taken for."""
    return [f.kind for f in facts_of({path: text}) if isinstance(f, GuardFile)]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("a/policy.yaml", "channels:\n  user: {}\negress: {}\n", ["policy"]),
        ("a/policy.yml", "mode: shadow\r\nquotas: []\r\n", ["policy"]),
        ("guard.yaml", "flow: {action: ask}\n", ["policy"]),
        ("slack.yaml", "channels: [general]\n", []),
        ("a/policy.txt", "channels: {}\nflow: {}\n", []),
        ("nested.yaml", "a:\n  channels: {}\n  flow: {}\n", []),
        ("c.json", '{"format": "assaymark-guard-calibration"}', ["calibration"]),
        ("c.json", '{"format": "other"}', []),
    ],
)
def test_it_takes_two_headings_or_a_name(path: str, text: str, kind: list[str]) -> None:
    """Other tools have headings of the same words."""
    assert kinds(path, text) == kind


def test_a_policy_that_is_too_long_is_a_problem() -> None:
    """It is not cut and judged by its half."""
    facts = facts_of({"guard.yaml": "flow: {}\n" + "# " * 200_000})

    assert any(isinstance(f, ScanProblem) and f.scanner == "guard" for f in facts)
    assert not any(isinstance(f, GuardFile) for f in facts)

"""A policy settles unknown names, says who did so and until when, and makes nothing dangerous harmless."""

import datetime as dt

import pytest

from assaymark.errors import UsageError
from assaymark.inspection import Hazard, Header, Inspection, Level, Verdict
from assaymark.scan.policy import Policy, apply_policy, read_policy

TODAY = dt.date(2026, 11, 27)


def inspection(*hazards: Hazard, names: str = "") -> Inspection:
    """A file with these hazards, whose header names `names`."""
    header = Header(format="pickle", metadata=(("globals", names),) if names else ())
    return Inspection(path="m.pkl", header=header, size=1, sha256="", hazards=hazards)


def hazard(subject: str, level: Level = Level.UNKNOWN) -> Hazard:
    """A hazard about a name."""
    return Hazard(
        rule="pickle-unknown-call", level=level, message=f"Loading calls {subject}.", subject=subject
    )


def policy(text: str) -> Policy:
    """What the text says today."""
    return read_policy(text, "policy.yaml", TODAY)


ALLOW = """allow:
  ours.Model: {reason: our own, owner: Jo, until: 2027-01-31}
  ours.features.*: {reason: reviewed, owner: Jo, until: 2027-01-31}
deny:
  oldlib.*: {reason: abandoned, owner: Jo}
"""


def test_allowed_names_become_notes() -> None:
    """The exact name, and every name below a module."""
    found = apply_policy(inspection(hazard("ours.Model"), hazard("ours.features.a.B")), policy(ALLOW))

    assert [h.level for h in found.hazards] == [Level.NOTE, Level.NOTE]
    assert found.verdict is Verdict.CLEAN
    assert "our own (Jo, until 2027-01-31)" in found.hazards[0].message


def test_other_names_stay_unknown() -> None:
    """A prefix is one of whole components, an exact name is exact."""
    found = apply_policy(inspection(hazard("ours.Model2"), hazard("ours.featuresx.B")), policy(ALLOW))

    assert found.verdict is Verdict.UNKNOWN


def test_nothing_dangerous_is_allowed() -> None:
    """Whatever the policy says of it."""
    text = "allow:\n  os.system: {reason: r, owner: o, until: 2027-01-31}\n"
    found = apply_policy(inspection(hazard("os.system", Level.DANGEROUS)), policy(text))

    assert found.hazards == (hazard("os.system", Level.DANGEROUS),)


def test_denied_names_are_dangerous() -> None:
    """Whether they were unknown, or known to be safe and only named in the header."""
    found = apply_policy(inspection(hazard("oldlib.A"), names="oldlib.B,numpy.dtype"), policy(ALLOW))

    assert {(h.subject, h.level, h.rule) for h in found.hazards} == {
        ("oldlib.A", Level.DANGEROUS, "pickle-denied"),
        ("oldlib.B", Level.DANGEROUS, "pickle-denied"),
    }


def test_expired_entries_count_for_nothing_and_are_said() -> None:
    """The day after the end."""
    text = "allow:\n  ours.Model: {reason: r, owner: o, until: 2026-11-26}\n"
    found = policy(text)

    assert (found.allow, [e.name for e in found.expired]) == ((), ["ours.Model"])
    assert policy(text.replace("-26", "-27")).allow[0].name == "ours.Model"


def test_an_empty_policy_changes_nothing() -> None:
    """No text, no entries."""
    same = inspection(hazard("a.b"))

    assert policy("") == Policy("policy.yaml")
    assert apply_policy(same, policy("# nothing\n")) == same


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("allow:\n  a.b: {owner: o, until: 2027-01-01}\n", 2),
        ("allow:\n  a.b: {reason: r, until: 2027-01-01}\n", 2),
        ("allow:\n  a.b: {reason: r, owner: o}\n", 2),
        ("allow:\n\n  a.b: {reason: r, owner: o, until: soon}\n", 3),
        ("allow:\n  a.b: {reason: r, owner: o, until: 2027-01-01, more: 1}\n", 2),
        ("allow:\n  '*': {reason: r, owner: o, until: 2027-01-01}\n", 2),
        ("allow:\n  a*b: {reason: r, owner: o, until: 2027-01-01}\n", 2),
        ("allow:\n  a.b: yes\n", 2),
        ("allow: [a.b]\n", 1),
        ("permit: {}\n", 1),
        ("- a\n", 1),
    ],
)
def test_errors_name_file_and_line(text: str, line: int) -> None:
    """An entry without reason, owner or end is an error, and so is one that covers everything."""
    with pytest.raises(UsageError, match=rf"policy\.yaml:{line}: "):
        policy(text)


def test_broken_yaml_is_an_error() -> None:
    """With the file's name."""
    with pytest.raises(UsageError, match="policy"):
        policy("allow: [\n")

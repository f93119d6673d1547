"""A policy settles unknown names, says who did so and until when, and makes nothing dangerous harmless."""

import datetime as dt
import io
import zipfile

import pytest

from assaymark.errors import UsageError
from assaymark.inspection import Hazard, Header, Inspection, Level, Verdict
from assaymark.scan.blob import BytesBlob
from assaymark.scan.inspect import inspect_blob
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


def test_a_denied_name_is_found_among_many_and_inside_an_archive() -> None:
    """A known-safe name that a team forbids, behind many others, in a checkpoint's pickle."""
    kinds = ("Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool", "BFloat16")
    others = [f"ctorch\n{kind}Storage\n0".encode() for kind in kinds]
    others += [
        f"ctorch\n{kind}\n0".encode() for kind in ("float32", "float64", "float16", "int64", "int32", "bool")
    ]
    others += [
        f"cdatetime\n{name}\n0".encode() for name in ("date", "datetime", "timedelta", "timezone", "time")
    ]
    many = b"".join(others) + b"ccollections\nCounter\n)R."
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + many)
    found = inspect_blob(BytesBlob("model.pt", buffer.getvalue()))
    forbidden = policy("deny:\n  collections.Counter: {reason: not here, owner: me}\n")

    assert found is not None
    assert found.header is not None
    assert len(dict(found.header.metadata)["globals"]) > 300
    assert Level.DANGEROUS not in {h.level for h in found.hazards}
    assert "collections.Counter" in [h.subject for h in apply_policy(found, forbidden).hazards]

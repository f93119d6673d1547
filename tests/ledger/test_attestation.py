"""What a person states, as a file and as evidence."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import KEY, OTHER_KEY, observation

from assaymark.errors import UsageError
from assaymark.ledger.attestation import (
    MAX_BYTES,
    Attestation,
    Document,
    Judged,
    judged_subject,
    key_of,
    observation_of,
    parse,
    render,
    signed,
)
from assaymark.observation import Method, Outcome, Subject

STATED = Attestation(
    edition="EN 304 223 V2.1.1",
    obligations=("5.1.1-1#1", "5.1.1-1#2"),
    met=True,
    role="Organisation",
    by="Ada Example",
    statement="Everybody was trained in May.",
    documents=(Document(path="docs/training.md", sha256="a" * 64),),
    made_on="2026-11-23",
    valid_until="2027-11-23",
)

VERSION_1 = b"""{
  "by": "Ada Example",
  "documents": [
    {
      "path": "docs/training.md",
      "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    }
  ],
  "edition": "EN 304 223 V2.1.1",
  "judged": [],
  "made_on": "2026-11-23",
  "met": true,
  "obligations": [
    "5.1.1-1#1",
    "5.1.1-1#2"
  ],
  "organisation": "",
  "public_key": "",
  "role": "Organisation",
  "signature": "",
  "statement": "Everybody was trained in May.",
  "v": 1,
  "valid_until": "2027-11-23"
}
"""
"""A version-1 file as published; it must be read for ever."""


def test_the_published_form_of_version_1_does_not_change() -> None:
    """Sorted, indented, readable in a review."""
    assert render(STATED) == VERSION_1
    assert parse(VERSION_1, "a.json") == STATED


def test_a_statement_is_evidence_that_decides() -> None:
    """By interview, with name, role and dates, resting on its documents."""
    seen = observation_of(STATED)
    assert (seen.check, seen.outcome, seen.method) == ("attestation", Outcome.MET, Method.INTERVIEW)
    assert seen.decisive == seen.obligations == STATED.obligations
    assert (seen.by, seen.role, seen.made_on, seen.valid_until) == (
        "Ada Example",
        "Organisation",
        "2026-11-23",
        "2027-11-23",
    )
    assert seen.subjects == (Subject("docs/training.md", "a" * 64),)


def test_a_statement_that_it_is_not_met_is_counter_evidence() -> None:
    """People may say so, too."""
    assert observation_of(msgspec.structs.replace(STATED, met=False)).outcome is Outcome.NOT_MET


def test_documents_are_named_from_the_assessed_root() -> None:
    """An organisation's answers lie beside the system; their documents are found from there."""
    assert observation_of(STATED, "../org").subjects[0].name == "../org/docs/training.md"


def test_a_judged_finding_is_bound_by_what_it_said() -> None:
    """Another finding by the same check is another subject."""
    finding = observation(1)
    subject = judged_subject(finding)
    stated = msgspec.structs.replace(STATED, judged=(Judged(check=finding.check, sha256=subject.sha256),))
    assert subject in observation_of(stated).subjects
    assert judged_subject(observation(2)) != subject


def test_a_signed_statement_verifies_and_any_change_shows() -> None:
    """Every field is covered."""
    file = render(signed(STATED, KEY))
    assert parse(file, "a.json").by == "Ada Example"
    for before, after in ((b"May", b"June"), (b"true", b"false"), (b"2027-11-23", b"2028-11-23")):
        with pytest.raises(UsageError, match="changed after it was signed"):
            parse(file.replace(before, after), "a.json")


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": ""},
        {"public_key": "zz"},
        {"signature": ""},
        {"signature": "!"},
        {"public_key": signed(STATED, OTHER_KEY).public_key},
    ],
)
def test_half_a_signature_is_none(change: dict[str, str]) -> None:
    """A key without signature, a signature without key, or those of two people."""
    broken = msgspec.structs.replace(signed(STATED, KEY), **change)
    with pytest.raises(UsageError, match="changed after it was signed"):
        parse(render(broken), "a.json")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"by": ""}, "by is empty"),
        ({"statement": ""}, "statement is empty"),
        ({"role": ""}, "role is empty"),
        ({"obligations": []}, "obligations is empty"),
        ({"made_on": "May"}, "no attestation"),
        ({"valid_until": "2026-11-22"}, "ends before"),
        ({"valid_until": "2031-11-25"}, "more than 1827 days"),
        ({"v": 2}, "no attestation"),
        ({"extra": 1}, "no attestation"),
        ({"met": "yes"}, "no attestation"),
    ],
)
def test_what_is_no_statement_is_refused(change: dict[str, object], why: str) -> None:
    """No name, no words, no date, or another format: it does not count, and the message says why."""
    with pytest.raises(UsageError, match=why):
        parse(json.dumps(json.loads(VERSION_1) | change).encode(), "a.json")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[" * 60_000, b" " * (MAX_BYTES + 1), b'{"by":"\xff"}'])
def test_hostile_files_are_refused(data: bytes) -> None:
    """Never a traceback."""
    with pytest.raises(UsageError, match=r"a\.json"):
        parse(data, "a.json")


@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_any_words_survive(statement: str, by: str) -> None:
    """Whatever people are called and say comes back from the file."""
    stated = msgspec.structs.replace(STATED, by=by, statement=f"x{statement}")
    assert parse(render(stated), "a.json") == stated


def test_the_run_key_is_that_of_the_content() -> None:
    """So that an unchanged attestation is recorded once."""
    assert key_of(STATED) == key_of(parse(VERSION_1, "b.json"))
    assert key_of(STATED) != key_of(msgspec.structs.replace(STATED, by="Bob"))

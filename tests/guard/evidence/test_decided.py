"""What of a decision goes into the ledger, and what never does."""

import hashlib

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assaymark.guard.core.ports import Context
from assaymark.guard.event import Channel, Segment
from assaymark.guard.evidence.decided import Decided, decided, text_digest
from assaymark.ledger.entry import MAX_ENTRY_BYTES
from assaymark.observation import canonical
from tests.guard.evidence.samples import CONTEXT, SECRET_TEXT, SEGMENTS, decision

KEY = b"key"


def test_it_keeps_what_an_investigation_needs() -> None:
    """Who, what, where, how sure, by which policy and model; the segment that was found in comes first."""
    made = decided(decision(), SEGMENTS, CONTEXT, KEY)
    (found,) = made.findings

    assert (made.id, made.action, made.policy, made.detector, made.request) == (
        "d1",
        "block",
        "a" * 64,
        "1+abc",
        "r1",
    )
    assert (
        found.rule,
        found.segment,
        found.start,
        found.end,
        found.score,
        found.threshold,
        found.layers,
    ) == (
        "detector/tool_result",
        1,
        10,
        42,
        0.9,
        0.5,
        ("base64",),
    )
    assert [s.n for s in made.segments] == [1, 0]
    assert made.segments[0].digest == text_digest(SECRET_TEXT, KEY)


def test_it_keeps_no_text() -> None:
    """Neither the text, nor a part of it, nor a reason or message that could quote it."""
    written = canonical(decided(decision(), SEGMENTS, CONTEXT, KEY)).lower()

    for word in (b"zanzibar", b"ignore", b"helpful", b"reads like"):
        assert word not in written


def test_digests_are_keyed_unless_asked_otherwise() -> None:
    """A plain digest of a short text could be found by trying; a keyed one needs the key."""
    plain = decided(decision(), SEGMENTS, CONTEXT, None)
    keyed = decided(decision(), SEGMENTS, CONTEXT, KEY)

    assert (plain.digest, keyed.digest) == ("sha256", "hmac-sha256")
    assert plain.segments[0].digest == hashlib.sha256(SECRET_TEXT.encode()).hexdigest()
    assert keyed.segments[0].digest not in (plain.segments[0].digest, text_digest(SECRET_TEXT, b"other"))


def test_names_in_a_pointer_are_fields_not_texts() -> None:
    """Arguments of a call may have any names; those that could be text are left out."""
    pointers = {"": "", "text": "text", "a b": "…", "/a/0/My name is Jo": "/a/0/…", "/x~1y/z": "/…/z"}
    segments = [Segment(text="x", channel=Channel.USER, at=at) for at in pointers]

    assert [s.at for s in decided(decision(), segments, CONTEXT, KEY).segments] == [
        pointers[segments[n].at] for n in (1, 0, 2, 3, 4)
    ]


def test_the_largest_message_fits_an_entry() -> None:
    """Thousands of findings and segments are counted where they cannot be named."""
    (one,) = decision().findings
    many = replace(
        decision(),
        findings=tuple(
            replace(one, rule='"' * 500, excepted_by='"' * 99, layers=("x" * 24,) * 50) for _ in range(5_000)
        ),
    )
    segments = [Segment(text="x", channel=Channel.USER, at="/ab" * 999, tool='"' * 999)] * 5_000
    made = decided(many, segments, Context(model="ü" * 9_999, tenant="t" * 9_999), KEY)

    assert (made.findings_total, made.segments_total) == (5_000, 5_000)
    assert len(canonical(made)) < MAX_ENTRY_BYTES - 1_000


@settings(deadline=None)  # a busy machine is no defect
@given(st.text(), st.text(), st.text())
def test_hostile_names_are_written_as_canonical_json(model: str, tool: str, text: str) -> None:
    """Lone surrogates and control characters stop nothing, and the entry reads back."""
    odd = "\ud800\x00\x1b[31m"
    segments = [Segment(text=odd + text, channel=Channel.USER, at=odd + text, tool=odd + tool)]
    made = decided(decision(), segments, Context(model=odd + model, tenant=odd), None)

    assert msgspec.json.decode(canonical(made), type=Decided) == made

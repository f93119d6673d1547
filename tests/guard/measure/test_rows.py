"""Any file of labelled lines can be read; what cannot is named by its line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.event import Channel
from assaymark.guard.measure.rows import LONGEST_LINE, Problem, Row, read_rows


def one(line: bytes) -> Row | Problem:
    """What a single line gives."""
    (found,) = read_rows([line], "f.jsonl")
    return found


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("prompt", Channel.USER),
        ("Tool Output", Channel.TOOL_RESULT),
        ("tool-result", Channel.TOOL_RESULT),
        ("retrieved", Channel.DOCUMENT),
        ("indirect", Channel.DOCUMENT),
        ("completion", Channel.OUTPUT),
        (None, Channel.USER),
    ],
)
def test_channels_have_many_names(name: str | None, channel: Channel) -> None:
    """Names that other data sets use mean the guard's channels."""
    found = one(json.dumps({"text": "x", "channel": name}).encode())

    assert isinstance(found, Row)
    assert found.channel is channel


@pytest.mark.parametrize(
    ("label", "attack"),
    [(1, True), (0, False), (True, True), ("injection", True), ("Benign", False), (1.0, True), (None, None)],
)
def test_labels_have_many_forms(label: object, attack: bool | None) -> None:
    """Numbers, truth values and words; a missing label is no label."""
    found = one(json.dumps({"text": "x", "label": label}).encode())

    assert isinstance(found, Row)
    assert found.label is attack


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'{"text": 3}', 'no string under "text"'),
        (b'{"text": "x", "channel": "nowhere"}', 'unknown channel "nowhere"; known: system, user'),
        (b'{"text": "x", "channel": 5}', "unknown channel 5"),
        (b'{"text": "x", "label": "maybe"}', 'unknown label "maybe"'),
        (b'{"text": "x", "label": 2}', "unknown label 2"),
        (b"[" * 100_000, "no JSON"),
        (b'{"text": "' + b"x" * LONGEST_LINE + b'"}', "longer than"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_bad_line_is_named(line: bytes, told: str) -> None:
    """Each says where it is and what is wrong."""
    found = one(line)

    assert isinstance(found, Problem)
    assert str(found).startswith(f"f.jsonl:1: {told}")


def test_other_fields_become_slices() -> None:
    """Short ones do; long texts and lists do not."""
    found = one(b'{"text": "x", "kind": "hard", "n": 3, "long": "' + b"y" * 100 + b'", "list": [1]}')

    assert isinstance(found, Row)
    assert found.slices == (("kind", "hard"), ("n", "3"))


def test_blank_lines_keep_the_count() -> None:
    """Places are those of an editor."""
    rows = list(read_rows([b"\n", b'{"text": "x"}\n', b"  \n", b"?"], "f"))

    assert [r.line for r in rows] == [2, 4]


def test_a_lone_surrogate_has_a_digest() -> None:
    """Text that is no Unicode text is still read and named."""
    found = one(b'{"text": "a \\ud800 \\u0000"}')

    assert isinstance(found, Row)
    assert len(found.digest) == 64


@settings(deadline=None)  # a busy machine is no defect
@given(st.binary(max_size=200))
def test_it_is_total(line: bytes) -> None:
    """Any bytes give a row or a problem."""
    assert all(isinstance(found, Row | Problem) for found in read_rows([line], "f"))


def test_an_indirect_attack_without_a_channel_stands_in_a_document() -> None:
    """Published sets say `indirect` where we say `document`; a channel that is named counts more."""
    (row,) = read_rows([b'{"text": "t", "label": 1, "kind": "indirect"}'], "f")
    (named,) = read_rows([b'{"text": "t", "label": 1, "kind": "indirect", "channel": "user"}'], "f")
    assert (row.channel, named.channel) == (Channel.DOCUMENT, Channel.USER)  # type: ignore[union-attr]

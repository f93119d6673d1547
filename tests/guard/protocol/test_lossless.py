"""JSON edited in place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.guard.protocol.lossless import Malformed, escaped, parse, replace
from assaymark.guard.protocol.shape import leaves
from assaymark.guard.protocol.sse import SseParser, edited, written

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def strings(node: object, at: str = "") -> list[str]:
    """Pointers of all strings."""
    if isinstance(node, str):
        return [at]
    if isinstance(node, list):
        return [p for n, child in enumerate(node) for p in strings(child, f"{at}/{n}")]
    if isinstance(node, dict):
        return [p for name, child in node.items() for p in strings(child, f"{at}/{escaped(name)}")]
    return []


@given(ANY, st.text(), st.booleans())
def test_every_string_can_be_replaced_alone(document: object, text: str, spaced: bool) -> None:
    """What is read back differs at that pointer and nowhere else; without edits, bytes are equal."""
    body = json.dumps(document, indent=2 if spaced else None, ensure_ascii=spaced).encode("utf-8", "replace")
    document = json.loads(body)
    assert replace(body, {}) == body
    for pointer in strings(document)[:3]:
        changed = json.loads(replace(body, {pointer: text}))
        assert strings(changed) == strings(document)
        assert json.loads(replace(json.dumps(changed).encode(), {pointer: "x"})) == json.loads(
            replace(body, {pointer: "x"})
        )


@pytest.mark.parametrize("body", [b'{"a":1,"a":1}', b"NaN", b"\xff", b"{", b"", b"[" * 100 + b"]" * 100])
def test_what_is_ambiguous_is_refused(body: bytes) -> None:
    """With a reason that does not quote it."""
    with pytest.raises(Malformed):
        parse(body)


def test_a_long_number_is_no_crash() -> None:
    """Python would refuse to build it."""
    assert parse(b"[" + b"9" * 10_000 + b"]") == [0]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), max_size=5), st.data())
def test_events_survive_any_cut(texts: list[str], data: st.DataObject) -> None:
    """Whatever ends their lines, and wherever the bytes are cut; raw bytes add up to what came."""
    end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    raw = b"".join(written(text or "x", "e").replace(b"\n", end) for text in texts)
    parser, found, at = SseParser(100_000), [], 0
    while at < len(raw):
        size = data.draw(st.integers(1, 9))
        found += parser.feed(raw[at : at + size])
        at += size
    found += parser.feed(b": \n") if end == b"\r" else []
    assert [e.data for e in found] == [text or "x" for text in texts]
    assert b"".join(e.raw for e in found) == raw


def test_an_endless_event_is_refused() -> None:
    """Before it fills the memory."""
    with pytest.raises(Malformed):
        SseParser(1000).feed(b"data: " + b"a" * 2000)


def test_an_edited_event_keeps_its_other_fields() -> None:
    """Id and name stay."""
    (event,) = SseParser(1000).feed(b'id: 7\nevent: e\ndata: {"a": "b", "n": 1e400}\n\n')
    assert edited(event, {"/a": "c"}) == b'id: 7\nevent: e\ndata: {"a": "c", "n": 1e400}\n\n'


def test_leaves_leave_out_ids_and_media() -> None:
    """But nothing that speaks."""
    node = {
        "id": "x",
        "text": "a",
        "in": [{"type": "base64", "data": "QQ=="}, {"data": "b"}],
        "k": {"é/": "c"},
    }
    assert dict(leaves(node, "")) == {"a": "/text", "b": "/in/1/data", "c": "/k/é~1"}

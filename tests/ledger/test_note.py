"""Signed notes with several signatures, keys by name, and witnesses' cosignatures."""

import base64
import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import KEY, OTHER_KEY

from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse, sign, signed_by
from assaymark.ledger.cosignature import cosign, cosigned_at, cosigners, witness_key
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.note import (
    InvalidNoteError,
    Note,
    Signature,
    VerifierKey,
    parse_verifier_key,
    read,
    with_signatures,
)

HEAD = Checkpoint("assaymark.local/0011223344556677", 5, bytes(range(32)))
NOTE = sign(HEAD, KEY)
WITNESS = witness_key("witness.example/w1", public_bytes(OTHER_KEY))
TIME = 1_679_315_147
COSIGNATURE = cosign(HEAD, WITNESS.name, OTHER_KEY, TIME)
COSIGNED = with_signatures(NOTE, (COSIGNATURE,))

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example in the documentation of Go's note package."""

SPEC_NOTE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501 - an example is quoted as it stands
"""The example of C2SP tlog-cosignature."""


def test_the_note_of_the_go_documentation_is_read() -> None:
    """Its key has its own id, its text two lines, and its signature holds."""
    key, note = parse_verifier_key(GO_KEY), read(GO_NOTE)
    assert key.text() == GO_KEY
    assert (note.signatures[0].name, note.signatures[0].key_id) == (key.name, key.id)
    assert note.render() == GO_NOTE


def test_the_example_of_the_specification_is_read() -> None:
    """A log's signature and a witness's, whose first eight bytes are the time."""
    note = read(SPEC_NOTE)
    assert parse(SPEC_NOTE).size == 20_852_163
    assert [s.name for s in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1_679_315_147
    assert note.render() == SPEC_NOTE


def test_a_cosignature_says_when_and_by_whom() -> None:
    """It has the form of the specification, and the log's own signature still holds."""
    signature = read(COSIGNED).signatures[1]
    assert signature.value[:8] == TIME.to_bytes(8, "big")
    message = f"cosignature/v1\ntime {TIME}\n{HEAD.text()}".encode()
    OTHER_KEY.public_key().verify(signature.value[8:], message)
    assert cosigned_at(COSIGNED, WITNESS) == TIME
    assert signed_by(COSIGNED, public_bytes(KEY))
    assert parse(COSIGNED) == HEAD


def test_a_newer_cosignature_takes_the_place_of_the_old() -> None:
    """One a witness, beside those of others."""
    later = with_signatures(COSIGNED, (cosign(HEAD, WITNESS.name, OTHER_KEY, TIME + 60),))
    assert cosigned_at(later, WITNESS) == TIME + 60
    assert len(read(later).signatures) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda s: Signature(s.name, s.key_id, s.value[:-1]),
        lambda s: Signature(s.name, s.key_id, s.value + b"x"),
        lambda s: Signature(s.name, s.key_id, (TIME + 1).to_bytes(8, "big") + s.value[8:]),
        lambda s: Signature(s.name, s.key_id, (2**63).to_bytes(8, "big") + s.value[8:]),
        lambda s: Signature(s.name, b"\0\0\0\0", s.value),
        lambda s: Signature("witness.example/w2", s.key_id, s.value),
    ],
)
def test_a_changed_cosignature_counts_for_nothing(change: Callable[[Signature], Signature]) -> None:
    """Nor does it disturb the log's own signature."""
    note = with_signatures(NOTE, (change(COSIGNATURE),))
    assert cosigned_at(note, WITNESS) is None
    assert cosigners(note, (WITNESS,)) == ()
    assert signed_by(note, public_bytes(KEY))


def test_the_logs_key_is_no_witness() -> None:
    """A log cannot vouch for itself with its ordinary signature."""
    own = VerifierKey(HEAD.origin, 0x01, public_bytes(KEY))
    assert cosigned_at(NOTE, own) is None


def test_a_bad_signature_by_a_known_key_spoils_the_note() -> None:
    """Even beside one that holds, as signed-note advises."""
    good = read(NOTE).signatures[0]
    bad = Signature(good.name, good.key_id, bytes(64))
    note = Note(HEAD.text(), (good, bad)).render()
    assert not signed_by(note, public_bytes(KEY))


def test_extension_lines_are_signed_and_kept() -> None:
    """Other people's logs may have them."""
    head = Checkpoint(HEAD.origin, 5, HEAD.root, ("extension 1", "extension 2"))
    note = sign(head, KEY)
    assert parse(note) == head
    assert signed_by(note, public_bytes(KEY))
    assert not signed_by(note.replace("extension 2", "extension 3"), public_bytes(KEY))


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("5\n", "5\n\x1b[2J\n"),
        NOTE.removesuffix("\n"),
        NOTE + "\n",
        NOTE + "no signature\n",
        NOTE + "— name\n",
        NOTE + "— na+me AAAAAAA=\n",
        NOTE + "— na\u00a0me AAAAAAA=\n",
        NOTE + "— name AAAA\n",
        NOTE + "— name AAAAAAB=\n",
        NOTE + "— name \ud800\n",
        NOTE + "— name AAAAAAA=\n" * 64,
        NOTE + "— name " + "A" * 131_072 + "\n",
        HEAD.text() + "\n",
        NOTE.replace(base64.b64encode(HEAD.root).decode(), "AAAA"),
        NOTE.replace("\n5\n", "\n"),
        NOTE.replace("\n5\n", "\n").replace("assaymark.local/0011223344556677\n", "", 1),
        "\n" + NOTE,
        NOTE.replace("\n\n", "\nextension\n\n\n"),
        NOTE.replace("\n\n", "\n" + "extension\n" * 17 + "\n"),
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    """A line that is no signature spoils the whole, as it does elsewhere."""
    with pytest.raises(InvalidCheckpointError):
        parse(note)


def test_sixteen_signatures_at_least_are_read() -> None:
    """As the specification demands; more than sixty-four are not added."""
    many = tuple(cosign(HEAD, f"w{n}.example", OTHER_KEY, TIME) for n in range(63))
    note = with_signatures(NOTE, many)
    assert len(read(note).signatures) == 64
    with pytest.raises(InvalidNoteError, match="more than 64"):
        with_signatures(note, (COSIGNATURE,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("Peter", "Pe ter"),
        GO_KEY[:-4],
        GO_KEY.replace("+ARpc", "+Axpc"),
    ],
)
def test_malformed_keys_are_refused(text: str) -> None:
    """A key that was mistyped does not pass for another."""
    with pytest.raises(InvalidNoteError):
        parse_verifier_key(text)


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_crashes_the_reader(text: str) -> None:
    """It is a note or it is refused, also behind a text that is one."""
    for note in (text, f"{HEAD.text()}\n{text}", NOTE + text):
        with contextlib.suppress(InvalidCheckpointError):
            assert parse(note).text() == note.rpartition("\n\n")[0] + "\n"


def test_base64_has_one_form() -> None:
    """Other bits in the last letter would make another note of the same bytes."""
    root = base64.b64encode(HEAD.root).decode()
    assert root.endswith("8=")
    with pytest.raises(InvalidCheckpointError, match="one form"):
        parse(NOTE.replace(root, f"{root[:-2]}9="))

"""Receipts verify offline, and only for their entry, place, log and key."""

import base64
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import KEY, OTHER_KEY
from tests.ledger.tile_samples import ORIGIN, Memory, entries, files

from assaymark.ledger.checkpoint import parse
from assaymark.ledger.cosignature import cosign, witness_key
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.note import ED25519, VerifierKey, with_signatures
from assaymark.ledger.prover import InclusionProof, Prover
from assaymark.ledger.receipt import ReceiptError, check, parse_receipt, render_receipt

DATA = entries(300)
FILES = files(DATA)
NOTE = FILES["checkpoint"].decode()
PROOF = Prover(Memory(FILES), 300).inclusion(7)
TEXT = render_receipt(PROOF, NOTE)
WITNESS = witness_key("witness.example/w1", public_bytes(OTHER_KEY))


def test_a_receipt_has_the_form_of_the_specification() -> None:
    """First line, index, hashes, an empty line, and the head verbatim."""
    lines = TEXT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 7"]
    assert [base64.b64decode(line) for line in lines[2 : lines.index("")]] == list(PROOF.hashes)
    assert TEXT.endswith(f"\n\n{NOTE}")


def test_a_receipt_reads_back_and_holds() -> None:
    """With the log's key alone, whether as bytes or by name."""
    receipt = parse_receipt(TEXT)
    assert (receipt.proof, receipt.note, receipt.extra) == (PROOF, NOTE, b"")
    assert check(receipt, DATA[7], public_bytes(KEY)) == ()
    assert check(receipt, DATA[7], VerifierKey(ORIGIN, ED25519, public_bytes(KEY))) == ()


def test_extra_data_travels_along() -> None:
    """Nobody signed it, and nothing depends on it."""
    receipt = parse_receipt(render_receipt(PROOF, NOTE, b"\x00extra"))
    assert receipt.extra == b"\x00extra"
    check(receipt, DATA[7], public_bytes(KEY))


def test_the_receipt_of_a_single_entry_has_no_hashes() -> None:
    """The leaf hash is the root."""
    only = files(DATA[:1])
    receipt = parse_receipt(render_receipt(InclusionProof(0, 1, ()), only["checkpoint"].decode()))
    check(receipt, DATA[0], public_bytes(KEY))


@pytest.mark.parametrize("change", [b"", DATA[8], DATA[7] + b"\n", DATA[7][:-1]])
def test_other_bytes_are_not_what_was_recorded(change: bytes) -> None:
    """Not even with a line feed more."""
    with pytest.raises(ReceiptError, match="not what the log recorded as entry 7"):
        check(parse_receipt(TEXT), change, public_bytes(KEY))


def test_another_key_or_name_does_not_do() -> None:
    """The head has to be signed by the log one means."""
    with pytest.raises(ReceiptError, match="no signature by the key"):
        check(parse_receipt(TEXT), DATA[7], public_bytes(OTHER_KEY))
    with pytest.raises(ReceiptError, match="not of elsewhere"):
        check(parse_receipt(TEXT), DATA[7], VerifierKey("elsewhere", ED25519, public_bytes(KEY)))


def test_witnesses_are_counted_by_key() -> None:
    """Each once, only if its cosignature holds, and only those that one named."""
    cosigned = with_signatures(NOTE, (cosign(parse(NOTE), WITNESS.name, OTHER_KEY, 1_700_000_000),))
    receipt = parse_receipt(render_receipt(PROOF, cosigned))
    key = public_bytes(KEY)
    assert check(receipt, DATA[7], key, [WITNESS], quorum=1) == (WITNESS,)
    stranger = witness_key("other.example", public_bytes(KEY))
    for witnesses, quorum in (([stranger], 1), ([WITNESS, WITNESS], 2), ([], 1)):
        with pytest.raises(ReceiptError, match=f"{quorum} were asked for"):
            check(receipt, DATA[7], key, witnesses, quorum)


@pytest.mark.parametrize("place", range(0, len(TEXT), 3))
def test_every_flipped_character_is_noticed(place: int) -> None:
    """Wherever it is, the receipt is refused or does not hold."""
    changed = TEXT[:place] + chr(ord(TEXT[place]) ^ 1) + TEXT[place + 1 :]
    with pytest.raises(ReceiptError):
        check(parse_receipt(changed), DATA[7], public_bytes(KEY))


@given(st.text(max_size=120), st.integers(0, len(TEXT)), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_no_text_crashes_the_reader(text: str, place: int, gone: int) -> None:
    """Whatever is put into a receipt, it is one or it is refused."""
    for whole in (text, TEXT[:place] + text + TEXT[place + gone :]):
        with contextlib.suppress(ReceiptError):
            assert parse_receipt(whole).head.size > parse_receipt(whole).proof.index


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n\n" + NOTE,
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 7", "index 07"),
        TEXT.replace("index 7", "index -7"),
        TEXT.replace("index 7", "index 300"),
        TEXT.replace("index 7", "index ٧"),
        TEXT.replace("index 7", f"index {'9' * 6_000}"),
        TEXT.replace("index 7\n", "index 7\nextra AAAA\n"),
        TEXT.replace("index 7\n", "extra AAAA\n"),
        TEXT.replace("index 7\n", "extra AAA\nindex 7\n"),
        TEXT.replace("index 7\n", "index 7\nAAAA\n"),
        TEXT.replace("index 7\n", "index 7\n" + f"{base64.b64encode(bytes(32)).decode()}\n" * 64),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n\n", "\n", 1),
        TEXT + "x" * 400_000,
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    """Strictly: one form, bounded."""
    with pytest.raises(ReceiptError, match="no receipt"):
        parse_receipt(text)

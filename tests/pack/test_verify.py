"""A real pack: what it shows, and that not one byte of it can change."""

import functools
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.pack.forge import Forgery
from tests.pack.supplier import ADA, NOW, real_pack, supplier

from assaymark.assess.assessment import Verdict
from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint
from assaymark.ledger.cosignature import cosign, witness_key
from assaymark.ledger.note import with_signatures
from assaymark.pack.format import (
    ATTESTATIONS,
    BASIS,
    CHECKPOINT,
    DOCUMENTS,
    SIGN_OFFS,
    STATEMENT,
)
from assaymark.pack.read import open_pack
from assaymark.pack.verification import Kind, PackVerification
from assaymark.pack.verify import Asked, verify_pack

LATER = NOW + timedelta(hours=3)


def verified(data: bytes, tmp_path: Path, **asked: object) -> PackVerification:
    """What verifying `data` gives a few hours after the assessment."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data)
    return verify_pack(path, Asked(**{"now": LATER, **asked}))  # type: ignore[arg-type]


def test_a_pack_verifies_with_the_verdicts_of_its_assessment(tmp_path: Path) -> None:
    """Derived anew, the verdicts are those of the supplier's assessment; every provision has one."""
    found = verified(real_pack(), tmp_path)

    assert found.problems == ()
    assert found.ok
    assert found.assessment is not None
    assert found.assessment.results == supplier().assessment.results
    assert found.counts is not None
    assert found.counts.total == 72
    assert found.counts.applicable == 72 - found.counts.not_applicable
    assert found.entries == found.ledger_size


def test_the_same_pack_gives_the_same_value(tmp_path: Path) -> None:
    """Verifying is a function of the file and of what the buyer brings."""
    assert verified(real_pack(), tmp_path) == verified(real_pack(), tmp_path)


def test_signatures_are_told_with_whose_they_are(tmp_path: Path) -> None:
    """Keys that the buyer named are known, all others are said to be unknown."""
    ada = ADA.public_key().public_bytes_raw().hex()
    found = verified(real_pack(), tmp_path, trusted={ada: "Ada, met in May"})
    told = {(s.kind, s.role, s.trusted) for s in found.signatures}

    assert told == {
        (Kind.STATEMENT, "", ""),
        (Kind.CHECKPOINT, "", ""),
        (Kind.SIGN_OFF, "Developer", "Ada, met in May"),
        (Kind.ATTESTATION, "Developer", "Ada, met in May"),
        (Kind.ATTESTATION, "Organisation", "Ada, met in May"),
    }


def test_the_key_that_was_asked_for(tmp_path: Path) -> None:
    """The supplier's own key is the one that was asked for."""
    assert verified(real_pack(), tmp_path, public_key=supplier().public_key).ok


def test_a_redacted_pack_says_what_is_withheld(tmp_path: Path) -> None:
    """Without documents a pack verifies, and each document is named with its digest."""
    found = verified(real_pack(redact=True), tmp_path)

    assert found.ok
    assert [(r.name, len(r.sha256)) for r in found.redacted] == [("docs/threats.md", 64)]
    assert any(q.about == "docs/threats.md" for q in found.questions)


def test_what_time_has_ended_is_told(tmp_path: Path) -> None:
    """On a later day an attestation has ended, and so has what rested on it."""
    found = verified(real_pack(), tmp_path, now=datetime(2027, 6, 1, tzinfo=UTC))
    told = {t.provision: t for t in found.today}

    assert found.ok
    assert (told["5.1.1-1"].then, told["5.1.1-1"].now) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert "valid until 2027-05-01" in told["5.1.1-1"].because
    assert any(q.about == "5.1.1-1" and "newer evidence" in q.question for q in found.questions)
    assert told["5.2.1-1"].because.endswith("ended.") or told["5.2.1-1"].because


def test_a_witness_is_told_with_its_time(tmp_path: Path) -> None:
    """A cosignature by a witness whom the buyer names counts; by anybody else it is nothing."""
    key = Ed25519PrivateKey.generate()
    pack = Forgery(real_pack(signed_off=False))
    note = pack.members[CHECKPOINT].decode()
    seconds = int(LATER.timestamp())
    added = cosign(checkpoint.parse(note), "witness.example", key, seconds)
    pack.members[CHECKPOINT] = with_signatures(note, (added,)).encode()
    witness = witness_key("witness.example", key.public_key().public_bytes_raw())
    other = witness_key("other.example", bytes(32))
    found = verified(pack.sealed(), tmp_path, witnesses=(other, witness))

    assert found.problems == ()
    assert [(s.name, s.at) for s in found.signatures if s.kind is Kind.WITNESS] == [
        ("witness.example", "2026-11-23T15:00:00Z")
    ]


def _places(data: bytes, tmp_path: Path) -> list[tuple[str, int, int]]:
    """Member, offset of its content, size."""
    path = tmp_path / "layout.assaypack"
    path.write_bytes(data)
    with open_pack(path) as pack:
        return [(m.name, m.start, m.size) for m in pack._members.values()]


def test_one_bit_in_any_member_is_refused_by_name(tmp_path: Path) -> None:
    """A bit changed at the beginning, middle or end of any member names the member."""
    data = real_pack()
    for name, start, size in _places(data, tmp_path):
        for at in (start, start + size // 2, start + size - 1):
            changed = bytearray(data)
            changed[at] ^= 1
            found = verified(bytes(changed), tmp_path)

            assert not found.ok, (name, at)
            assert found.problems[0].place == name


def test_one_bit_in_any_member_is_refused_though_the_checksum_fits(tmp_path: Path) -> None:
    """So it is where the container was made to fit again: digests and signatures tell, by name."""
    for name in Forgery(real_pack()).members:
        for at in (0, -1):
            pack = Forgery(real_pack())
            content = bytearray(pack.members[name])
            content[at] ^= 1
            pack.members[name] = bytes(content)
            found = verified(pack.zipped(), tmp_path)

            assert not found.ok, name
            assert found.problems[0].place.startswith(name)


@pytest.mark.parametrize("seed", range(4))
def test_one_bit_anywhere_is_refused(tmp_path: Path, seed: int) -> None:
    """Headers, names, directory and end are covered as contents are: no byte is nobody's."""
    data = real_pack(signed_off=False)
    draw = random.Random(seed)
    tail = range(len(data) - 2_400, len(data))
    for at in (*draw.sample(range(len(data)), 20), *draw.sample(tail, 60)):
        changed = bytearray(data)
        changed[at] ^= 1 << draw.randrange(8)
        assert not _ok(bytes(changed), tmp_path), at


def _ok(data: bytes, tmp_path: Path) -> bool:
    """Whether it verifies; a refusal of any kind is none, a crash is a failure of the test."""
    try:
        return verified(data, tmp_path).ok
    except AssaymarkError:
        return False


def test_no_prefix_of_a_pack_verifies(tmp_path: Path) -> None:
    """A download that was cut off is told."""
    data = real_pack(signed_off=False)
    for length in (0, 1, 4, 21, 22, 100, len(data) // 2, len(data) - 22, len(data) - 1):
        assert not _ok(data[:length], tmp_path)


_HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["\x00", "\ud7ff", "../..", "0000-00-00", "9999-12-31", "\u202e"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_in_any_json_makes_it_crash(tmp_path: Path, data: st.DataObject) -> None:
    """Any value anywhere in a signed pack's JSON is answered with a verdict, never with a traceback."""
    pack = Forgery(real_pack(signed_off=False))
    names = [n for n in pack.members if n.endswith(".json") and not n.startswith(DOCUMENTS)]
    name = data.draw(st.sampled_from([n for n in names if n != STATEMENT] + ["statement"]))
    value = data.draw(_HOSTILE)

    def change(found: dict) -> None:
        node: object = found
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))  # type: ignore[arg-type,call-overload]
            key = data.draw(st.sampled_from(keys))
            inner = node[key]  # type: ignore[index]
            if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 5)):
                node = inner
                continue
            node[key] = value  # type: ignore[index]
            return

    if name == "statement":
        change(pack.predicate)
        try:
            sealed = pack.sealed()
        except (KeyError, TypeError, AttributeError):  # the system's name is gone: nothing to seal
            return
    else:
        pack.json(name, change, plain=name != BASIS)
        sealed = pack.sealed()
    _ok(sealed, tmp_path)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([CHECKPOINT, "ledger/entries.jsonl", "ledger/proofs.jsonl", "assaymark.yaml"]),
    at=st.floats(0, 1),
    new=st.binary(max_size=12),
    cut=st.integers(0, 40),
)
@example(name=CHECKPOINT, at=0.0, new=b"", cut=10_000)
@example(name="ledger/entries.jsonl", at=0.0, new=b"", cut=10_000_000)
def test_no_bytes_in_any_text_make_it_crash(
    tmp_path: Path, name: str, at: float, new: bytes, cut: int
) -> None:
    """Any bytes put into a signed pack's texts are answered with a verdict."""
    pack = Forgery(real_pack(signed_off=False))
    before = pack.members[name]
    place = int(at * len(before))
    pack.members[name] = before[:place] + new + before[place + cut :]

    assert _ok(pack.sealed(), tmp_path) == (pack.members[name] == before)


@functools.cache
def _edges(whole: bytes) -> list[int]:
    """Where headers begin."""
    return [found.start() for found in re.finditer(rb"PK[\x01-\x06]{2}", whole)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_of_the_container_makes_it_crash(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes cut out, put in or turned around in headers and directory are refused."""
    whole = real_pack(signed_off=False, redact=True)
    edge = data.draw(st.sampled_from(_edges(whole)))
    start = edge + data.draw(st.integers(0, 60))
    length = data.draw(st.integers(0, 8))
    new = data.draw(st.binary(max_size=8))
    changed = whole[:start] + new + whole[start + length :]

    assert _ok(changed, tmp_path) == (changed == whole)


def test_folders_of_people_are_in_the_pack(tmp_path: Path) -> None:
    """The sample covers every kind of member, or the tests above would prove less than they say."""
    names = list(Forgery(real_pack()).members)

    for folder in (ATTESTATIONS, DOCUMENTS, SIGN_OFFS):
        assert any(name.startswith(folder) for name in names)

"""Packs that lie, signed by their own supplier: each is refused with the member and the reason."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from tests.pack.forge import Forgery
from tests.pack.supplier import ADA, NOW, real_pack, sign_off, supplier

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.observation import canonical
from assaymark.pack.format import (
    ASSESSMENT,
    BASIS,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    GATE,
    ICS,
    MANIFEST,
    PROOFS,
    REPORT,
    REPORT_HTML,
    STATEMENT,
)
from assaymark.pack.verification import PackVerification
from assaymark.pack.verify import Asked, verify_pack

LATER = NOW + timedelta(hours=3)


def verified(data: bytes, tmp_path: Path, **asked: object) -> PackVerification:
    """What verifying `data` gives a few hours after the assessment."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data)
    return verify_pack(path, Asked(**{"now": LATER, **asked}))  # type: ignore[arg-type]


def refused(forgery: Forgery | bytes, tmp_path: Path, place: str, reason: str, **asked: object) -> None:
    """Assert that a problem at `place` says `reason`."""
    data = forgery if isinstance(forgery, bytes) else forgery.sealed()
    found = verified(data, tmp_path, **asked)
    told = [f"{p.place}: {p.reason}" for p in found.problems]

    assert not found.ok
    assert any(t.startswith(place) and reason in t for t in told), told[:8]


@pytest.fixture
def forgery() -> Forgery:
    """The supplier's pack without sign-offs, taken apart."""
    return Forgery(real_pack(signed_off=False))


def is_assessment(entry: dict) -> bool:
    """Whether an entry records an assessment."""
    return entry["type"] == ASSESSMENT


def is_attestation(entry: dict) -> bool:
    """Whether an entry is a person's statement."""
    return entry["type"] == "attestation"


def is_seen(entry: dict) -> bool:
    """Whether an entry is a check's."""
    return entry["type"] == "observation"


def test_a_pack_sealed_again_verifies(forgery: Forgery, tmp_path: Path) -> None:
    """What the forger changes is what is refused: a pack merely taken apart and sealed again holds."""
    assert verified(forgery.sealed(), tmp_path).problems == ()
    assert verified(forgery.log(forgery.lines).sealed(), tmp_path).problems == ()


# The statement


def test_another_key_is_told(forgery: Forgery, tmp_path: Path) -> None:
    """A pack by somebody else's key is none by the key that the buyer named."""
    refused(forgery, tmp_path, STATEMENT, "not the one that you named", public_key="00" * 32)


def test_a_statement_names_the_key_that_signed(forgery: Forgery, tmp_path: Path) -> None:
    """A statement cannot claim another's key."""
    forgery.predicate["publicKey"] = "11" * 32

    refused(forgery, tmp_path, STATEMENT, "signature does not hold")


def test_every_member_is_a_subject(forgery: Forgery, tmp_path: Path) -> None:
    """A member that nobody signed is refused by name."""
    forgery.members["documents/added.md"] = b"Trust me.\n"

    refused(forgery.zipped(), tmp_path, "documents/added.md", "does not cover it")


def test_every_subject_is_a_member(forgery: Forgery, tmp_path: Path) -> None:
    """A member that was taken out is missed by name."""
    del forgery.members[ICS]

    refused(forgery.zipped(), tmp_path, ICS, "missing from the pack")


def test_what_verdicts_rest_on_has_to_be_there(forgery: Forgery, tmp_path: Path) -> None:
    """A pack that was signed without its entries shows nothing."""
    del forgery.members[ENTRIES]

    refused(forgery, tmp_path, ENTRIES, "is missing")


def test_unknown_pack_version(forgery: Forgery, tmp_path: Path) -> None:
    """A later version of the format is told as such, with what to do."""
    forgery.predicate["packVersion"] = 2

    refused(forgery, tmp_path, STATEMENT, "pack version 2; release")


def test_unknown_predicate(forgery: Forgery, tmp_path: Path) -> None:
    """A statement about something else is no pack's."""
    forgery.statement["predicateType"] = "https://slsa.dev/provenance/v1"

    refused(forgery, tmp_path, STATEMENT, "signs 'https://slsa.dev/provenance/v1'")


def test_unknown_basis_version(forgery: Forgery, tmp_path: Path) -> None:
    """A later version of the basis is not guessed at."""
    refused(forgery.json(BASIS, lambda b: b.update(v=2)), tmp_path, BASIS, "does not have the form")


def test_unknown_report_version(forgery: Forgery, tmp_path: Path) -> None:
    """A later version of the report is not guessed at."""
    forgery.json(REPORT, lambda r: r.update(assaymark_report=2), plain=True).record()

    refused(forgery, tmp_path, REPORT, "format version 2")


def test_a_newer_release_verifies_with_a_note(forgery: Forgery, tmp_path: Path) -> None:
    """Another release words its reports otherwise; verdicts are compared all the same, and that is said."""
    forgery.release("99.0.0")
    found = verified(forgery.sealed(), tmp_path)

    assert found.problems == ()
    assert any("99.0.0 made it" in note for note in found.notes)
    assert not any("have another version here" in note for note in found.notes)


def test_checks_of_another_version_are_told(forgery: Forgery, tmp_path: Path) -> None:
    """Where another release's checks are of other versions, the reader is told that verdicts may differ."""
    forgery.release("99.0.0")
    forgery.json(BASIS, lambda b: b["checks"][0].update(version=77))
    name = msgspec.json.decode(forgery.members[BASIS])["checks"][0]["id"]
    forgery.entry(lambda e: e["body"].get("check") == name, lambda e: e["body"].update(check_version=77))
    found = verified(forgery.sealed(), tmp_path)

    assert any("1 of its" in n and "another version here" in n for n in found.notes), found.notes


@pytest.mark.parametrize("payload", [b" ", b"\n"])
def test_the_statement_is_canonical(forgery: Forgery, tmp_path: Path, payload: bytes) -> None:
    """A statement with a space too many is refused, though its signature holds."""
    forgery.sealed()

    refused(
        forgery.sealed(payload=canonical(forgery.statement) + payload), tmp_path, STATEMENT, "canonical form"
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (BASIS, lambda d: d.replace(b'"v":1', b'"v": 1')),
        (BASIS, lambda d: d.replace(b'"v":1', b'"v":1,"v":1')),
        (PROOFS, lambda d: d.replace(b'"index":0', b'"index": 0')),
        (CONSISTENCY, lambda d: d.replace(b'","hashes"', b'" ,"hashes"')),
    ],
)
def test_json_of_our_own_is_canonical(forgery: Forgery, tmp_path: Path, name: str, change: object) -> None:
    """JSON that two readers could take for two things is refused."""
    before = forgery.members[name]
    forgery.members[name] = change(before)  # type: ignore[operator]

    assert forgery.members[name] != before
    refused(forgery, tmp_path, name, "canonical form")


# The catalogue


def test_a_downgraded_catalogue(forgery: Forgery, tmp_path: Path) -> None:
    """Other data under the name of the same edition is refused."""
    forgery.predicate["standard"]["catalogueSha256"] = "ab" * 32

    refused(forgery, tmp_path, STATEMENT, "an older or altered one")


def test_an_unknown_edition(forgery: Forgery, tmp_path: Path) -> None:
    """An edition that we do not know is refused with what to do."""
    forgery.predicate["standard"]["edition"] = "EN 304 223 V1.0.0"

    refused(forgery, tmp_path, STATEMENT, "which this release does not know. Verify it with a release")


# Verdicts


def test_a_verdict_in_the_statement(forgery: Forgery, tmp_path: Path) -> None:
    """A pass that the evidence does not give is refused in the signed statement."""
    row = next(r for r in forgery.predicate["results"] if r["requirement"] == "5.1.3-1")
    row.update(verdict="pass")

    refused(forgery, tmp_path, STATEMENT, "states 'pass (fresh)' for 5.1.3-1")


def test_a_verdict_in_the_report(forgery: Forgery, tmp_path: Path) -> None:
    """A pass that the evidence does not give is refused in the report, provision and obligation."""

    def lie(report: dict) -> None:
        row = next(r for r in report["results"] if r["id"] == "5.1.3-1")
        row["verdict"] = "pass"
        row["obligations"][0]["verdict"] = "pass"

    forgery.json(REPORT, lie, plain=True).record()

    refused(forgery, tmp_path, REPORT, "states verdict of 5.1.3-1 as 'pass'; the evidence gives")
    refused(forgery, tmp_path, REPORT, "states 'pass' for 5.1.3-1#1; the evidence gives 'inconclusive'")


def test_a_lie_for_gates(forgery: Forgery, tmp_path: Path) -> None:
    """A gate is not told that something passes that does not."""
    forgery.json(GATE, lambda g: g["predicate"]["properties"].append("EN_304_223_5_1_3_1"))

    refused(forgery, tmp_path, GATE, "'EN_304_223_5_1_3_1' passes; the evidence does not give that")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject": [{"name": "other.onnx", "digest": {"sha256": "0" * 64}}]}, "which was not assessed"),
        ({"subject": None}, "is about None"),
        ({"predicate": {"properties": [], "timeCreated": "2020-01-01T00:00:00Z"}}, "another time"),
    ],
)
def test_a_gate_is_told_of_this_system_alone(
    forgery: Forgery, tmp_path: Path, change: dict, reason: str
) -> None:
    """What passes here cannot be shown to a gate as another model's, or another day's."""
    forgery.json(GATE, lambda gate: gate.update(change))

    refused(forgery, tmp_path, GATE, reason)


@pytest.mark.parametrize("name", [REPORT_HTML, ICS])
def test_a_lie_for_people(forgery: Forgery, tmp_path: Path, name: str) -> None:
    """A page that people read says what the evidence gives, to the byte."""
    forgery.members[name] = forgery.members[name].replace(b"nconclusive", b"ertainly OK")
    forgery.members[name] += b" "

    refused(forgery, tmp_path, name, "is not what this release of Assaymark makes")


def test_the_manifest_decides_anew(forgery: Forgery, tmp_path: Path) -> None:
    """A manifest changed after the assessment takes nothing out of scope unseen."""
    said = b"conditions:\n  trains: {holds: false, reason: none, by: Ada Example}\n"
    forgery.members[MANIFEST] += said

    refused(forgery, tmp_path, REPORT, "the evidence gives")


def test_a_manifest_of_another_assessment(forgery: Forgery, tmp_path: Path) -> None:
    """The manifest is the one that the checks saw, though no verdict hangs on the difference."""
    forgery.members[MANIFEST] = forgery.members[MANIFEST].replace(b"1.4.0", b"2.0.0")

    refused(forgery, tmp_path, MANIFEST, "is not the one that the evidence rests on")


def test_assets_of_another_assessment(forgery: Forgery, tmp_path: Path) -> None:
    """The assets are those that the checks saw."""
    forgery.json(BASIS, lambda b: b["assets"].pop())

    refused(forgery, tmp_path, BASIS, "other assets than the evidence rests on")


def test_a_manifest_with_errors(forgery: Forgery, tmp_path: Path) -> None:
    """A manifest that cannot be read ends the reading with its own words."""
    forgery.members[MANIFEST] = b"assaymark: 1\nname: [\n"

    refused(forgery, tmp_path, MANIFEST, "line 3")


# Evidence


def test_evidence_that_was_turned(forgery: Forgery, tmp_path: Path) -> None:
    """Counter-evidence rewritten as evidence, log and all, gives other verdicts than stated."""
    forgery.entry(
        lambda e: is_seen(e) and e["body"]["outcome"] == "not met",
        lambda e: e["body"].update(outcome="met"),
    )

    refused(forgery, tmp_path, STATEMENT, "on other entries")


def test_an_entry_that_is_not_under_the_head(forgery: Forgery, tmp_path: Path) -> None:
    """An entry changed without the log gives another leaf."""
    data = forgery.members[ENTRIES]
    forgery.members[ENTRIES] = data.replace(b'"outcome":"not met"', b'"outcome":"met"', 1)

    refused(forgery, tmp_path, f"{ENTRIES}:", "do not give the leaf hash")


def test_a_proof_that_does_not_hold(forgery: Forgery, tmp_path: Path) -> None:
    """A leaf beside a proof of another is refused."""
    rows = [msgspec.json.decode(line) for line in forgery.members[PROOFS].splitlines()]
    rows[3]["hashes"] = rows[4]["hashes"]
    forgery.members[PROOFS] = b"".join(canonical(row) + b"\n" for row in rows)

    refused(forgery, tmp_path, f"{PROOFS}:4", "does not show that entry 3 is under")


def test_an_entry_of_another_system(forgery: Forgery, tmp_path: Path) -> None:
    """Evidence about another system is not evidence about this one."""
    forgery.entry(is_seen, lambda e: e.update(system="other-product"))

    refused(forgery, tmp_path, f"{ENTRIES}:1", "is about 'other-product'")


def test_a_replayed_entry(forgery: Forgery, tmp_path: Path) -> None:
    """The same statement counts once, wherever in the log it stands again."""
    lines = forgery.lines
    forgery.log([*lines[:5], lines[0], *lines[5:]])

    refused(forgery, tmp_path, f"{ENTRIES}:6", "an entry was replayed")


def test_an_entry_given_twice(forgery: Forgery, tmp_path: Path) -> None:
    """The same entry with its own proof, twice, is out of order."""
    for name in (ENTRIES, PROOFS):
        first, rest = forgery.members[name].split(b"\n", 1)
        forgery.members[name] = first + b"\n" + first + b"\n" + rest

    refused(forgery, tmp_path, f"{ENTRIES}:2", "repeated or out of order")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"v": 2}, "version-1 entry"),
        ({"type": "rumour"}, "unknown kind 'rumour'"),
        ({"body": {"check": 1}}, "is not well-formed"),
        ({"more": 1}, "version-1 entry"),
    ],
)
def test_an_entry_of_another_form(forgery: Forgery, tmp_path: Path, change: dict, reason: str) -> None:
    """Entries of an unknown version, kind or form are refused at their line."""
    refused(forgery.entry(is_seen, lambda e: e.update(change)), tmp_path, f"{ENTRIES}:1", reason)


def test_evidence_withheld(forgery: Forgery, tmp_path: Path) -> None:
    """Every check that ran says something; one without an entry was left out."""
    lines = forgery.lines
    check = msgspec.json.decode(lines[0])["body"]["check"]
    forgery.log([x for x in lines if msgspec.json.decode(x)["body"].get("check") != check])

    refused(forgery, tmp_path, ENTRIES, f"holds no entry of the check {check}, which ran")


def test_evidence_beyond_its_check(forgery: Forgery, tmp_path: Path) -> None:
    """A check cannot decide what it is not made for."""

    def more(entry: dict) -> None:
        entry["body"].update(obligations=["5.4.3-1#1"], decisive=["5.4.3-1#1"])

    refused(forgery.entry(is_seen, more), tmp_path, ENTRIES, "5.4.3-1#1, to which the check")


def test_a_check_made_broader(forgery: Forgery, tmp_path: Path) -> None:
    """A check is as its release has it, not as the pack describes it."""
    forgery.json(BASIS, lambda b: b["checks"][0].update(blind_spots="none"))

    refused(forgery, tmp_path, BASIS, "otherwise than release")


def test_a_check_left_out(forgery: Forgery, tmp_path: Path) -> None:
    """A release runs all of its checks."""
    gone = msgspec.json.decode(forgery.members[BASIS])["checks"][0]["id"]
    forgery.json(BASIS, lambda b: b["checks"].pop(0))

    refused(forgery, tmp_path, BASIS, f"leaves out the check {gone}")


# The chain of assessments


def test_an_assessment_left_out(forgery: Forgery, tmp_path: Path) -> None:
    """Each record of an assessment names the one before it."""
    lines = forgery.lines
    first = msgspec.json.decode(lines[-1])
    first["body"].update(assessedAt="2026-11-01T00:00:00Z")
    third = msgspec.json.decode(lines[-1])
    third["body"].update(number=3, previous="aa" * 32)
    forgery.log([*lines[:-1], canonical(first), canonical(third)])
    forgery.predicate.update(assessments=3, assessment=hashlib.sha256(b"\0" + canonical(third)).hexdigest())

    refused(forgery, tmp_path, ENTRIES, "one is left out")


def test_an_assessment_that_is_not_recorded(forgery: Forgery, tmp_path: Path) -> None:
    """The ledger holds the record of this very assessment."""
    forgery.predicate["assessment"] = "bb" * 32

    refused(forgery, tmp_path, ENTRIES, "holds no record of this assessment")


def test_an_assessment_recorded_otherwise(forgery: Forgery, tmp_path: Path) -> None:
    """The record states the verdicts that the evidence gives."""
    forgery.entry(is_assessment, lambda e: e["body"]["counts"].update(passed=70, inconclusive=0))

    refused(forgery, tmp_path, ENTRIES, "with another counts than")


# Time


def test_assessed_in_the_future(forgery: Forgery, tmp_path: Path) -> None:
    """An assessment that is still to come is none."""
    refused(forgery, tmp_path, STATEMENT, "still to come", now=NOW - timedelta(days=2))


def test_recorded_after_the_assessment(forgery: Forgery, tmp_path: Path) -> None:
    """Evidence cannot be younger than what rests on it."""
    forgery.entry(is_seen, lambda e: e.update(time="2026-11-23T14:00:00Z"))

    refused(forgery, tmp_path, f"{ENTRIES} (entry 0)", "after the assessment that rests on it")


def test_recorded_at_no_time(forgery: Forgery, tmp_path: Path) -> None:
    """A time that is none is told."""
    refused(forgery.entry(is_seen, lambda e: e.update(time="yesterday")), tmp_path, ENTRIES, "is no time")


def test_assessed_at_no_time(forgery: Forgery, tmp_path: Path) -> None:
    """A time of assessment that is none ends the reading."""
    forgery.json(BASIS, lambda b: b.update(assessed_at="2026-13-45T00:00:00Z"))

    refused(forgery, tmp_path, BASIS, "is no time")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"made_on": "2026-11-26"}, "after it was recorded"),
        ({"valid_until": "2026-01-01"}, "before it was made"),
        ({"made_on": "soon"}, "a date that is none"),
    ],
)
def test_attested_at_an_odd_time(forgery: Forgery, tmp_path: Path, change: dict, reason: str) -> None:
    """An attestation is made before it is recorded, and ends after it is made."""
    forgery.entry(is_attestation, lambda e: e["body"].update(change))

    refused(forgery, tmp_path, ENTRIES, reason)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-11-01T00:00:00Z", "before the assessment"),
        ("2027-11-01T00:00:00Z", "still to come"),
        ("now", "is no time"),
    ],
)
def test_signed_off_at_an_odd_time(forgery: Forgery, tmp_path: Path, at: str, reason: str) -> None:
    """Nobody signs off what is not assessed yet, or tomorrow."""
    forgery.signatories = [replace(sign_off(), signed_at=at)]

    refused(forgery, tmp_path, "sign-off by Ada Example", reason)


# People


def test_the_wrong_role(forgery: Forgery, tmp_path: Path) -> None:
    """A signature that holds, by a key that may not sign in this role, is refused."""
    key = ADA.public_key().public_bytes_raw().hex()
    said = f"signatories:\n  - {{name: Ada Example, role: Developer, key: '{key}'}}\n"
    forgery.members[MANIFEST] += said.encode()
    forgery.signatories = [sign_off("Assessor")]

    refused(forgery, tmp_path, "sign-offs/", "by the wrong role: this key may sign as Developer only")


def test_an_unknown_role(forgery: Forgery, tmp_path: Path) -> None:
    """There are four roles in which a person signs."""
    forgery.signatories = [sign_off("Emperor")]

    refused(forgery, tmp_path, "sign-offs/", "there is no such role")


def test_four_eyes(forgery: Forgery, tmp_path: Path) -> None:
    """One person is not two."""
    forgery.members[MANIFEST] += b"sign_off: {roles: [Developer], four_eyes: true}\n"
    forgery.signatories = [sign_off()]

    refused(forgery, tmp_path, MANIFEST, "Two different persons")


def test_a_sign_off_of_another_pack(forgery: Forgery, tmp_path: Path) -> None:
    """A person answers for one pack, not for the next."""
    other = Forgery(real_pack(signed_off=True))
    name = next(n for n in other.members if n.startswith("sign-offs/"))
    forgery.predicate["gitCommit"] = "c" * 40
    sealed = Forgery(forgery.sealed())
    sealed.members[name] = other.members[name]

    refused(sealed.zipped(), tmp_path, name, "is about another pack")


def test_a_sign_off_under_another_key_name(tmp_path: Path) -> None:
    """A sign-off is filed under its own key, so that nobody's is replaced."""
    pack = Forgery(real_pack(signed_off=True))
    name = next(n for n in pack.members if n.startswith("sign-offs/"))
    pack.members["sign-offs/0000000000000000.dsse.json"] = pack.members.pop(name)

    refused(pack.zipped(), tmp_path, "sign-offs/0000000000000000", "filed under another key")


def test_a_changed_sign_off(tmp_path: Path) -> None:
    """A sign-off whose words were changed does not hold."""
    pack = Forgery(real_pack(signed_off=True))
    name = next(n for n in pack.members if n.startswith("sign-offs/"))
    envelope = msgspec.json.decode(pack.members[name])
    other = Ed25519PrivateKey.generate().sign(b"x")
    envelope["signatures"][0]["sig"] = base64.b64encode(other).decode()
    pack.members[name] = canonical(envelope)

    refused(pack.zipped(), tmp_path, name, "does not hold under the key")


def test_an_attestation_that_was_changed(forgery: Forgery, tmp_path: Path) -> None:
    """A person's words are as the person signed them."""
    paper = forgery.predicate["attestations"][0]
    data = forgery.members[paper["member"]].replace(b"every release", b"every century")
    forgery.members[paper["member"]] = data
    paper["sha256"] = hashlib.sha256(data).hexdigest()

    refused(forgery, tmp_path, paper["member"], "was changed after it was signed")


def test_an_attestation_left_out(forgery: Forgery, tmp_path: Path) -> None:
    """Each attested entry has its file."""
    paper = forgery.predicate["attestations"].pop()
    del forgery.members[paper["member"]]

    refused(forgery, tmp_path, STATEMENT, "names no file for the attestation in entry")


def test_a_document_that_is_another(forgery: Forgery, tmp_path: Path) -> None:
    """A document has the digest that the attestation names."""
    paper = forgery.predicate["documents"][0]
    forgery.members[paper["member"]] = b"Threats: none.\n"

    refused(forgery, tmp_path, paper["member"], "is not the document 'docs/threats.md'")


def test_a_document_left_out_silently(forgery: Forgery, tmp_path: Path) -> None:
    """What is withheld is said to be withheld."""
    paper = forgery.predicate["documents"].pop()
    del forgery.members[paper["member"]]

    refused(forgery, tmp_path, STATEMENT, "leaves the document 'docs/threats.md' out without saying so")


# The ledger


def head(size: int, seed: bytes, key: Ed25519PrivateKey | None = None) -> str:
    """A signed head over something else."""
    origin = Forgery(real_pack(signed_off=False)).predicate["ledger"]
    return checkpoint.sign(Checkpoint(origin, size, hashlib.sha256(seed).digest()), key or supplier().key)


def test_a_checkpoint_that_forks(forgery: Forgery, tmp_path: Path) -> None:
    """Another head over as many entries shows that the ledger has two histories."""
    size = len(forgery.lines)

    refused(forgery, tmp_path, CHECKPOINT, "forks: you hold another head", held=(head(size, b"x"),))


def test_a_checkpoint_that_went_back(forgery: Forgery, tmp_path: Path) -> None:
    """A pack over fewer entries than a held head is older, or its ledger was rolled back."""
    refused(forgery, tmp_path, CHECKPOINT, "older than what you hold", held=(head(10_000, b"x"),))


def test_a_held_head_without_a_proof(forgery: Forgery, tmp_path: Path) -> None:
    """A smaller head needs a proof that the pack's extends it."""
    refused(forgery, tmp_path, CHECKPOINT, "is not shown to extend", held=(head(7, b"x"),))


def test_a_fork_behind_a_proof(forgery: Forgery, tmp_path: Path) -> None:
    """A proof from another head of the same size is one of a fork."""
    size = len(forgery.lines) - 1

    refused(forgery, tmp_path, CHECKPOINT, "leads from another head", held=(head(size, b"x"),))


def test_a_held_head_by_somebody_else(forgery: Forgery, tmp_path: Path) -> None:
    """A head that the ledger's key did not sign proves nothing either way."""
    note = head(7, b"x", Ed25519PrivateKey.generate())

    refused(forgery, tmp_path, "held head 1", "no signature by the ledger's key", held=(note,))
    refused(forgery, tmp_path, "held head 1", "is no signed head", held=("rubbish",))


def test_a_held_head_of_another_ledger(forgery: Forgery, tmp_path: Path) -> None:
    """A head of another ledger is told apart."""
    note = checkpoint.sign(Checkpoint("example.org/other", 3, bytes(32)), supplier().key)

    refused(forgery, tmp_path, "held head 1", "of another ledger", held=(note,))


def test_an_earlier_head_that_holds(tmp_path: Path) -> None:
    """A pack made with the head that the buyer holds shows that its ledger extends it."""
    pack = Forgery(real_pack(signed_off=False))
    basis = msgspec.json.decode(pack.members[BASIS])["head"]

    assert verified(pack.sealed(), tmp_path, held=(basis,)).problems == ()


def test_a_head_under_the_evidence_that_forks(forgery: Forgery, tmp_path: Path) -> None:
    """The head under which the evidence was assessed is an earlier one of the same ledger."""
    forgery.json(BASIS, lambda b: b.update(head=head(len(forgery.lines) - 1, b"x")))

    refused(forgery, tmp_path, CHECKPOINT, "the ledger forks")


def test_a_checkpoint_by_another_key(forgery: Forgery, tmp_path: Path) -> None:
    """The ledger's head bears the signature of the key that the statement names."""
    forgery.members[CHECKPOINT] = head(len(forgery.lines), b"x", Ed25519PrivateKey.generate()).encode()

    refused(forgery, tmp_path, CHECKPOINT, "no signature by the ledger's key")


def test_a_checkpoint_of_another_ledger(forgery: Forgery, tmp_path: Path) -> None:
    """Entries of two ledgers do not mix."""
    forgery.predicate["ledger"] = "assaymark.local/other"

    refused(forgery, tmp_path, CHECKPOINT, "the statement is about assaymark.local/other")

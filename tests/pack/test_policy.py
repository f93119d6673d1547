"""A buyer's policy: what is wrong with it is told by line, what it asks is met or not, with reasons."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from tests.pack.forge import Forgery
from tests.pack.supplier import ADA, NOW, real_pack, sign_off, supplier

from assaymark.errors import UsageError
from assaymark.ledger import checkpoint
from assaymark.ledger.cosignature import cosign, witness_key
from assaymark.ledger.note import with_signatures
from assaymark.pack.format import CHECKPOINT
from assaymark.pack.policy import Policy, chosen, policy_schema, read_policy
from assaymark.pack.rules import RuleResult, applied
from assaymark.pack.verify import Asked, verify_pack
from assaymark.standard.catalogue import catalogue
from assaymark.system.yaml_tree import read_tree

LATER = NOW + timedelta(hours=3)
EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
ADA_KEY = ADA.public_key().public_bytes_raw().hex()
WITNESS = witness_key("witness.example", EVE.public_key().public_bytes_raw())


def policy(text: str) -> Policy:
    """The policy with these rules."""
    return read_policy(f"assaymark_policy: 1\n{text}".encode(), "policy.yaml")


def results(
    text: str, tmp_path: Path, *, data: bytes | None = None, now: datetime = LATER
) -> tuple[RuleResult, ...]:
    """What each rule gives on the supplier's pack."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data or real_pack())
    asked = policy(text)
    return applied(asked, verify_pack(path, Asked(now=now, witnesses=asked.witnesses)))


def outcome(text: str, tmp_path: Path, **more: object) -> tuple[bool, str]:
    """Whether the only rule is met, and why."""
    (only,) = results(text, tmp_path, **more)  # type: ignore[arg-type]
    return only.met, only.reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: the policy has to be a mapping"),
        ("name: x\n", "`assaymark_policy` is missing"),
        ("assaymark_policy: 2\n", "line 1: assaymark_policy: 2 is not possible here"),
        ("assaymark_policy: 1\nno_fails: true\n", "line 2: unknown key 'no_fails'; did you mean 'no_fail'?"),
        ("assaymark_policy: 1\nmust_pass: [5.1.1-1, 9.9.9-9]\n", "line 2: '9.9.9-9' is no provision"),
        ("assaymark_policy: 1\nmust_pass:\n  - principle 14\n", "line 3: 'principle 14' is no provision"),
        ("assaymark_policy: 1\nevidence_days: 0\n", "line 2: evidence_days: 0 is out of range; minimum 1"),
        ("assaymark_policy: 1\nevidence_days_for: {x: 3}\n", "evidence_days_for: 'x' is no provision id"),
        ("assaymark_policy: 1\nattested_by: [Boss]\n", "'Boss' is not one of those allowed"),
        ("assaymark_policy: 1\nsigners: [abc]\n", "signers[1]: 'abc' is not in the form expected"),
        ("assaymark_policy: 1\nwitnesses: {keys: [a+b+c-d-e-f]}\n", "witnesses.keys: it holds bad base64"),
        (
            f"assaymark_policy: 1\nwitnesses:\n  keys: ['{WITNESS.text()}']\n  at_least: 2\n",
            "line 4: witnesses.at_least: more than there are keys",
        ),
        (
            f"assaymark_policy: 1\nwitnesses: {{keys: ['{replace(WITNESS, kind=1).text()}']}}\n",
            "it is the key of a log, not of a witness",
        ),
        ("assaymark_policy: 1\nname: *x\n", "anchors and aliases"),
        ("assaymark_policy: 1\nmin_tool_version: '1.x'\n", "min_tool_version: '1.x' is not in the form"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, told: str) -> None:
    """Each mistake is named with its line and with what to write."""
    with pytest.raises(UsageError) as caught:
        read_policy(text.encode(), "policy.yaml")

    assert told in caught.value.message


def test_a_policy_that_is_no_text() -> None:
    """Bytes that are not UTF-8, and a file without end, are told."""
    with pytest.raises(UsageError, match="line 2: not UTF-8"):
        read_policy(b"a: b\n\xff", "policy.yaml")
    with pytest.raises(UsageError, match="longer than"):
        read_policy(b"#" * 300_000, "policy.yaml")


def test_an_empty_policy_asks_nothing(tmp_path: Path) -> None:
    """What is left out is not asked."""
    assert results("", tmp_path) == ()


def test_groups_of_provisions() -> None:
    """Ids, principles, phases and forces stand for provisions; together they are all 72."""
    every = catalogue().provisions

    assert len(chosen("all", every)) == 72
    assert sum(len(chosen(f"principle {n}", every)) for n in range(1, 14)) == 72
    assert {p.phase for p in chosen("secure design", every)} == {every[0].phase}
    assert [p.id for p in chosen("5.1.1-1", every)] == ["5.1.1-1"]
    assert 0 < len(chosen("all-shall", every)) < 72
    assert chosen("nothing", every) == ()


def test_must_pass(tmp_path: Path) -> None:
    """A provision that passes meets the rule; one that is open does not, and is named."""
    assert outcome("must_pass: [5.1.1-1]", tmp_path) == (True, "1 of 1 applicable provisions pass.")
    met, reason = outcome("must_pass: [principle 1]", tmp_path)

    assert not met
    assert "Not: 5.1.1-1.1 (inconclusive)" in reason


def test_must_pass_is_asked_of_today(tmp_path: Path) -> None:
    """What passed on the day of the assessment and has ended since does not pass."""
    later = datetime(2027, 6, 1, tzinfo=UTC)

    assert outcome("must_pass: [5.1.1-1]", tmp_path, now=later)[0] is False


def test_what_does_not_apply_does_not_pass(tmp_path: Path) -> None:
    """A provision that was asked for by name and was taken out of scope is told."""
    found = next(r.id for r in supplier().assessment.results if r.verdict.value == "not applicable")

    assert outcome(f"must_pass: [{found}]", tmp_path) == (
        False,
        "0 of 0 applicable provisions pass. 1 of the 1 named do not apply.",
    )


def test_no_fail(tmp_path: Path) -> None:
    """Nothing fails in this pack."""
    assert outcome("no_fail: true", tmp_path) == (True, "No provision fails.")


def test_age_of_evidence(tmp_path: Path) -> None:
    """What a pass rests on may be so many days old, in general or for one provision."""
    later = NOW + timedelta(days=60)

    assert outcome("evidence_days: 90", tmp_path, now=later)[0]
    met, reason = outcome("evidence_days: 30", tmp_path, now=later)
    assert (met, "5.1.1-1 (63 days, 30 allowed)" in reason) == (False, True)
    assert outcome("evidence_days: 30\nevidence_days_for: {5.1.1-1: 90}", tmp_path, now=later)[0]
    assert not outcome("evidence_days_for: {5.1.1-1: 30}", tmp_path, now=later)[0]


def test_attested_by(tmp_path: Path) -> None:
    """A signed attestation in a role meets the rule for that role."""
    found = results("attested_by: [Developer, Data Custodian]", tmp_path)

    assert [(r.rule, r.met) for r in found] == [
        ("attested_by: Developer", True),
        ("attested_by: Data Custodian", False),
    ]


def test_signed_off_by(tmp_path: Path) -> None:
    """A sign-off counts in its role, and with the pinned key where one is pinned."""
    assert outcome("signed_off_by: [{role: Developer}]", tmp_path)[0]
    assert outcome(f"signed_off_by: [{{role: Developer, key: '{ADA_KEY}'}}]", tmp_path)[0]
    met, reason = outcome(f"signed_off_by: [{{role: Developer, key: '{'0' * 64}'}}]", tmp_path)
    assert (met, "none of those named" in reason) == (False, True)
    met, reason = outcome("signed_off_by: [{role: Assessor}]", tmp_path)
    assert (met, reason) == (False, "Nobody signed as Assessor.")
    pinned = f"signed_off_by: [{{role: Developer, name: Eve Other, key: '{ADA_KEY}'}}]"
    assert not outcome(pinned, tmp_path)[0]


def test_four_eyes(tmp_path: Path) -> None:
    """Two persons with two keys are asked for; one is not enough."""
    assert not outcome("four_eyes: true", tmp_path)[0]
    pack = Forgery(real_pack())
    eve = replace(sign_off("Assessor", "Eve Other"), key=EVE)
    pack.signatories = [sign_off(), eve]

    assert outcome("four_eyes: true", tmp_path, data=pack.sealed())[0]


def test_signers(tmp_path: Path) -> None:
    """The pack itself is signed with one of the keys named."""
    assert outcome(f"signers: ['{supplier().public_key}']", tmp_path)[0]
    assert not outcome(f"signers: ['{ADA_KEY}']", tmp_path)[0]


def test_witnesses(tmp_path: Path) -> None:
    """So many of the witnesses named have cosigned the ledger's head."""
    rule = f"witnesses: {{keys: ['{WITNESS.text()}']}}"
    pack = Forgery(real_pack())
    note = pack.members[CHECKPOINT].decode()
    added = cosign(checkpoint.parse(note), "witness.example", EVE, int(LATER.timestamp()))
    pack.members[CHECKPOINT] = with_signatures(note, (added,)).encode()

    assert outcome(rule, tmp_path) == (
        False,
        "0 of 1 witnesses cosigned the ledger's head; 1 needed.",
    )
    assert outcome(rule, tmp_path, data=pack.sealed())[0]


def test_max_redacted(tmp_path: Path) -> None:
    """So many documents may be withheld."""
    assert outcome("max_redacted: 0", tmp_path)[0]
    assert not outcome("max_redacted: 0", tmp_path, data=real_pack(redact=True))[0]
    assert outcome("max_redacted: 1", tmp_path, data=real_pack(redact=True))[0]


def test_min_tool_version(tmp_path: Path) -> None:
    """An assessment by a release older than asked for does not meet the rule."""
    assert outcome("min_tool_version: '0.0.1'", tmp_path)[0]
    assert not outcome("min_tool_version: '99'", tmp_path)[0]


def test_a_pack_that_does_not_verify_meets_nothing(tmp_path: Path) -> None:
    """No rule is met by a pack in which something does not hold."""
    pack = Forgery(real_pack())
    pack.members["documents/added.md"] = b"x"

    assert outcome("no_fail: true", tmp_path, data=pack.zipped())[0] is False


def test_the_page_shows_every_key() -> None:
    """The example in the documentation is a policy, and names every key that there is."""
    page = Path(__file__).resolve().parents[2] / "docs/formats/buyer-policy.md"
    found = re.search(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    shown = read_policy(found[1].encode(), "buyer-policy.md")
    tree = read_tree(found[1])

    assert isinstance(tree.value, dict)
    assert set(tree.value) == set(policy_schema()["properties"])
    assert (shown.witnesses_needed, shown.max_redacted) == (1, 0)

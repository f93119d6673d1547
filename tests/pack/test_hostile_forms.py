"""Members of a signed pack that are not of the form that they should have: each told, none believed."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.pack.forge import Forgery
from tests.pack.supplier import NOW, real_pack, sign_off

from assaymark.observation import canonical
from assaymark.pack.format import (
    ASSESSMENT,
    BASIS,
    BOM,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    GATE,
    PROOFS,
    REPORT,
    STATEMENT,
)
from assaymark.pack.policy import Policy
from assaymark.pack.rules import applied
from assaymark.pack.verify import Asked, verify_pack

BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"bom-ref": "root", "type": "application", "name": "x"}},
    "components": [],
    "dependencies": [{"ref": "root", "dependsOn": ["nobody"]}],
}


def told(data: bytes, tmp_path: Path) -> list[str]:
    """The problems of a pack, each as one sentence."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data)
    found = verify_pack(path, Asked(now=NOW))
    assert found.ok == (not found.problems)
    return [f"{p.place}: {p.reason}" for p in found.problems]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (REPORT, b"{", "cannot be read"),
        (REPORT, b'{"a":1,"a":1}', "cannot be read"),
        (REPORT, b'{"assaymark_report":1,"results":[]}', "does not list every provision"),
        (REPORT, b'{"assaymark_report":1,"results":{"id":[]}}', "does not list every provision"),
        (GATE, b"[]", "cannot be read"),
        (GATE, b'{"predicateType":"x","predicate":{"properties":[]}}', "is no Simple Verification Result"),
        (GATE, b'{"predicateType":"https://in-toto.io/attestation/svr/v0.2","predicate":3}', "is no Simple"),
        (BOM, b"\xff", "cannot be read"),
        (BOM, json.dumps(BILL).encode(), "nobody"),
        (BASIS, b"[" * 100_000, "is no valid JSON"),
        (BASIS, b"[" * 3_000_000, "holds more than"),
        (BASIS, b'{"v":1}', "does not have the form"),
        (BASIS, b'"\xff"', "is no valid JSON"),
        (CHECKPOINT, b"\xff", "is not UTF-8 text"),
        (CHECKPOINT, b"hello\n", "is no signed head"),
        (CONSISTENCY, b'{"checkpoint":"x","hashes":[]}\n', "names no signed head"),
        (CONSISTENCY, b"", "is not shown to extend"),
        (ENTRIES, b"{}", "does not end with a line feed"),
        (ENTRIES, b"", "holds more proofs than there are entries"),
        (PROOFS, b"", "has no proof"),
    ],
)
def test_a_member_of_another_form(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """Whatever stands in place of a member is answered with a sentence about that member."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.members[name] = content

    assert any(reason in problem for problem in told(forgery.sealed(), tmp_path))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hashes": ["AAAA"]}, "something else than hashes"),
        ({"hashes": ["not base64!"]}, "something else than hashes"),
        ({"hashes": ["A" * 43 + "="] * 65}, "no proof has more than 64"),
        ({"index": 10_000}, "names entry 10000; the ledger has"),
        ({"index": -1}, "names entry -1"),
        ({"leaf": "00" * 32}, "do not give the leaf hash"),
        ({"more": 1}, "does not have the form"),
    ],
)
def test_a_proof_of_another_form(tmp_path: Path, change: dict, reason: str) -> None:
    """A proof that is none is told at its line."""
    forgery = Forgery(real_pack(signed_off=False))
    first, *rest = forgery.members[PROOFS].splitlines()
    proof = canonical(msgspec.json.decode(first) | change)
    forgery.members[PROOFS] = b"\n".join([proof, *rest, b""])
    problems = told(forgery.sealed(), tmp_path)

    assert any(reason in problem and ":1: " in problem for problem in problems)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.update(publicKey="zz"), "names no Ed25519 key"),
        (lambda p: p.update(ledgerKey=p["ledgerKey"].upper()), "names no Ed25519 key"),
        (lambda p: p["results"].pop(), "does not list every provision"),
        (lambda p: p.update(organisation="Other Ltd"), "states organisation as 'Other Ltd'"),
        (lambda p: p["results"][0].update(evidence=[]), "rests 5.1.1-1 on other entries"),
        (lambda p: p.update(results=3), "does not have the form"),
        (lambda p: p.update(assessments=7), "with another number"),
        (
            lambda p: p["redacted"].append({"name": "x", "sha256": "0" * 64, "reason": ""}),
            "lists the document",
        ),
    ],
)
def test_a_predicate_of_another_form(tmp_path: Path, change: Callable[[dict], object], reason: str) -> None:
    """What the statement says is held against the evidence, field by field."""
    forgery = Forgery(real_pack(signed_off=False))
    change(forgery.predicate)

    assert any(reason in problem for problem in told(forgery.sealed(), tmp_path))


def test_a_statement_of_another_type(tmp_path: Path) -> None:
    """A signed thing that is no in-toto statement is no pack's."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.statement["_type"] = "https://in-toto.io/Statement/v0.1"

    assert told(forgery.sealed(), tmp_path) == [f"{STATEMENT}: signs no in-toto Statement v1."]


def test_a_subject_named_twice(tmp_path: Path) -> None:
    """Two digests for one member would leave the choice to the reader."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.sealed()
    subjects = [*forgery.statement["subject"], forgery.statement["subject"][-1]]
    data = forgery.sealed(payload=canonical(forgery.statement | {"subject": subjects}))

    assert told(data, tmp_path) == [f"{STATEMENT}: names a subject twice, or its subjects out of order."]


def test_circumstances_that_there_are_not(tmp_path: Path) -> None:
    """An unknown circumstance is not guessed at."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.json(BASIS, lambda basis: basis["circumstances"].update({"full-moon": []}))

    assert "names an unknown circumstance" in told(forgery.sealed(), tmp_path)[0]


def test_a_check_described_twice(tmp_path: Path) -> None:
    """Two descriptions of one check would leave the choice to the reader."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.json(BASIS, lambda basis: basis["checks"].append(basis["checks"][0]))

    assert f"{BASIS}: names a check twice." in told(forgery.sealed(), tmp_path)


def test_a_check_that_is_not_described(tmp_path: Path) -> None:
    """Evidence by a check of which the pack says nothing does not count."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.entry(lambda e: e["type"] == "observation", lambda e: e["body"].update(check="crystal_ball"))

    assert any("a check that the pack does not describe" in p for p in told(forgery.sealed(), tmp_path))


def test_an_assessment_of_another_form(tmp_path: Path) -> None:
    """A record of an assessment that is none is told at its line."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.entry(lambda e: e["type"] == ASSESSMENT, lambda e: e.update(body={"number": 1}))

    assert any("is not well-formed" in problem for problem in told(forgery.sealed(), tmp_path))


def test_a_sign_off_by_nobody(tmp_path: Path) -> None:
    """A sign-off without a name is nobody's."""
    forgery = Forgery(real_pack(signed_off=False))
    forgery.signatories = [sign_off(name=" ")]

    assert "names no person or no role" in told(forgery.sealed(), tmp_path)[0]


def test_a_release_without_a_number(tmp_path: Path) -> None:
    """A version that cannot be compared meets no bound."""
    forgery = Forgery(real_pack(signed_off=False)).release("next")
    path = tmp_path / "one.assaypack"
    path.write_bytes(forgery.sealed())
    shown = verify_pack(path, Asked(now=NOW))
    (rule,) = applied(Policy(min_tool_version="0.1"), shown)

    assert shown.problems == ()
    assert not rule.met

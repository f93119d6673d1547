"""The assessment as a statement with our own predicate."""

import hashlib
import json
from typing import Any

import msgspec
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from msgspec.structs import replace

from assaymark.asset import AssetKind
from assaymark.report.in_toto import predicate_of, render_in_toto, subjects_of
from assaymark.report.json_v1 import render_json
from assaymark.report.predicate import PREDICATE, PackPredicate
from tests.report.exports import exported, judged


def statement() -> dict[str, Any]:
    """The document as read back."""
    made: dict[str, Any] = json.loads(exported("in-toto"))
    return made


def test_the_in_toto_package_accepts_it() -> None:
    """It is a Statement v1 as in-toto's own library has it, and the same each time."""
    Statement.copy_from_pb(json_format.ParseDict(statement(), statement_pb2.Statement())).validate()

    assert render_in_toto(judged()) == exported("in-toto")
    assert exported("in-toto").isascii()


def test_the_predicate_reads_back_as_it_was() -> None:
    """Whoever has our nouns reads every verdict, with the leaves for and against it."""
    made = msgspec.convert(statement()["predicate"], PackPredicate)

    assert statement()["predicateType"] == PREDICATE
    assert [(r.requirement, r.verdict) for r in made.results] == [
        (r.id, r.verdict.value) for r in judged().results
    ]
    failed = next(r for r in made.results if r.requirement == "5.2.3-1")
    assert failed.counter_evidence == (f"{0:064x}",)


def test_the_first_subject_is_the_json_report() -> None:
    """Its digest is that of the report written from the same assessment."""
    first = statement()["subject"][0]

    assert first == {
        "name": "report.json",
        "digest": {"sha256": hashlib.sha256(exported("json")).hexdigest()},
    }


def test_models_manifest_and_commit_are_subjects() -> None:
    """What was assessed is bound by digest, the commit by its id."""
    subjects = {s["name"]: s["digest"] for s in statement()["subject"]}

    assert subjects["weights/ranker.pkl"] == {"sha256": "ab" * 32}
    assert subjects["assaymark.yaml"] == {"sha256": "77" * 32}
    assert subjects["git commit"] == {"gitCommit": judged().commit}


def test_there_is_always_a_subject_and_never_a_bad_digest() -> None:
    """A tree without commit, manifest or models has its report; what is no digest is no subject."""
    odd = [replace(x, sha256="short") if x.kind is AssetKind.MODEL else x for x in judged().assets]
    system = replace(judged().system, manifest_path="", manifest_sha256="")
    a = replace(judged(), system=system, assets=tuple(odd), commit="main")

    (only,) = subjects_of(a)
    assert only.sha256 == hashlib.sha256(render_json(a)).hexdigest()


def test_an_unsigned_statement_names_no_key_that_signed_it() -> None:
    """The ledger's key is named; nobody has signed this statement."""
    made = predicate_of(judged())

    assert (made.ledger_key, made.public_key) == (judged().public_key, "")

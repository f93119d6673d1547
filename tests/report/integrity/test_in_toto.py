"""in-toto statements: a broken twin for each rule, most of which in-toto's own library accepts."""

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from tests.report.integrity.twins import Break, broken, first, refused


def library(text: str) -> Statement:
    """The statement as in-toto's library reads it."""
    return Statement.copy_from_pb(json_format.Parse(text, statement_pb2.Statement()))


IN_TOTO: dict[str, tuple[Break, str]] = {
    "no digest": (lambda d: d["subject"][0]["digest"].update(sha256="xyz"), "is none: xyz"),
    "digest of a kind that is not ours": (
        lambda d: d["subject"][0]["digest"].update(md5="f" * 32),
        "has a md5 that is none",
    ),
    "unknown digest": (lambda d: d["subject"][0]["digest"].update(sha256="f" * 64), "does not know"),
    "subject twice": (lambda d: d["subject"].append(d["subject"][0]), "stands more than once"),
    "another predicate": (lambda d: d.update(predicateType="urn:x"), "its predicate is urn:x"),
    "another catalogue": (
        lambda d: d["predicate"]["standard"].update(catalogueSha256="f" * 64),
        "catalogue's digest",
    ),
    "another count": (lambda d: d["predicate"]["standard"].update(provisions=71), "counts 71 provisions"),
    "provision missing": (lambda d: d["predicate"]["results"].pop(), "is missing"),
    "provision twice": (
        lambda d: d["predicate"]["results"].append(d["predicate"]["results"][0]),
        "stands more than once",
    ),
    "another verdict": (
        lambda d: first(d["predicate"]["results"], verdict="fail").update(verdict="pass"),
        "another verdict",
    ),
    "another leaf": (
        lambda d: first(d["predicate"]["results"], verdict="pass")["evidence"].append("f" * 64),
        "rests on leaf",
    ),
}

SVR: dict[str, tuple[Break, str]] = {
    "property that is none": (lambda d: d["predicate"]["properties"].append("EN_1"), "is no provision"),
    "property that did not pass": (
        lambda d: d["predicate"]["properties"].append("EN_304_223_5_2_3_1"),
        "did not pass",
    ),
    "property twice": (
        lambda d: d["predicate"]["properties"].append(d["predicate"]["properties"][0]),
        "stands more than once",
    ),
    "property missing": (lambda d: d["predicate"]["properties"].pop(), "passed, and is no property"),
    "another policy": (
        lambda d: d["predicate"]["verifier"]["policies"][0]["digest"].update(sha256="f" * 64),
        "policy's digest",
    ),
}


@pytest.mark.parametrize(("form", "name"), [*(("in-toto", n) for n in IN_TOTO), *(("svr", n) for n in SVR)])
def test_a_broken_statement_is_refused_though_it_is_valid(form: str, name: str) -> None:
    """in-toto's own library accepts every one of these statements."""
    damage, reason = (IN_TOTO if form == "in-toto" else SVR)[name]
    text = broken(form, damage)

    library(text).validate()
    assert refused(form, text, reason)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda d: d.update(subject=[]), "about nothing"),
        (lambda d: d["subject"][0].update(digest={}), "has no digest"),
        (lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"), "Statement/v0.1"),
    ],
)
def test_what_the_library_refuses_is_refused_here_too(damage: Break, reason: str) -> None:
    """No subject, no digest, another type of statement: both see it."""
    text = broken("in-toto", damage)

    with pytest.raises(ValueError, match=r"Wrong statement type|At least one"):
        library(text).validate()
    assert refused("in-toto", text, reason)

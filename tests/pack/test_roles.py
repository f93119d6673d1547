"""Whose signatures count in which role."""

from assaymark.pack.roles import Demand, RoleSignature, demanded, judge_signatures
from assaymark.system.system import Signatory, SignOff, System

ANN, BOB, EVE = "a1" * 32, "b2" * 32, "e5" * 32
PINNED = (
    Signatory(name="Ann Lee", role="Developer", key=ANN),
    Signatory(name="Bob Ray", role="Data Custodian", key=BOB),
)


def signed(name: str, role: str, key: str, valid: bool = True) -> RoleSignature:
    """A sign-off as it was read."""
    return RoleSignature(name=name, role=role, key=key, valid=valid, problem="" if valid else "bytes differ")


def test_what_is_demanded_comes_from_the_manifest() -> None:
    """Roles, four eyes and signatories, as stated."""
    system = System(name="x", signatories=PINNED, sign_off=SignOff(roles=("Developer",), four_eyes=True))
    assert demanded(system) == Demand(roles=("Developer",), four_eyes=True, signatories=PINNED)
    assert judge_signatures([], Demand()).ok


def test_all_that_was_demanded_is_there() -> None:
    """Two roles and two persons; a signature given twice counts once."""
    demand = Demand(roles=("Developer", "Data Custodian"), four_eyes=True, signatories=PINNED)
    ann, bob = signed("ann lee", "Developer", ANN), signed("Bob Ray", "Data Custodian", BOB)
    verdict = judge_signatures([ann, ann, bob], demand)
    assert verdict.ok
    assert verdict.counted == (ann, bob)
    assert verdict.satisfied == (
        "Signed as Developer by ann lee.",
        "Signed as Data Custodian by Bob Ray.",
        "Two persons signed with two keys: ann lee and Bob Ray.",
    )
    assert verdict.notes == ()


def test_a_valid_signature_by_the_wrong_role_is_refused() -> None:
    """With the reason, and the role stays unsigned."""
    demand = Demand(roles=("Data Custodian",), signatories=PINNED)
    verdict = judge_signatures([signed("Ann Lee", "Data Custodian", ANN)], demand)
    assert not verdict.ok
    assert "by the wrong role: this key may sign as Developer only" in verdict.refused[0].reason
    assert verdict.missing == ("No signature as Data Custodian counts; 1 was refused.",)


def test_other_signatures_that_do_not_count() -> None:
    """A broken one, an unknown role or key, somebody else's key, nobody's name."""
    demand = Demand(roles=("Developer",), signatories=PINNED)
    cases = {
        "bytes differ": signed("Ann Lee", "Developer", ANN, valid=False),
        "no such role": signed("Ann Lee", "Owner", ANN),
        "none of those named": signed("Ann Lee", "Developer", EVE),
        "that of Ann Lee": signed("Bob Ray", "Developer", ANN),
        "names no person": signed(" ", "Developer", ANN),
    }
    for reason, signature in cases.items():
        verdict = judge_signatures([signature], demand)
        assert reason in verdict.refused[0].reason
        assert not verdict.ok
        assert verdict.counted == ()


def test_four_eyes_take_two_persons_and_two_keys() -> None:
    """Neither one person with two keys nor one key under two names is enough."""
    demand = Demand(four_eyes=True)
    alone = [signed("Ann Lee", "Developer", ANN), signed("ANN  LEE", "Assessor", EVE)]
    shared = [signed("Ann Lee", "Developer", ANN), signed("Bob Ray", "Assessor", ANN)]
    assert judge_signatures(alone, demand).missing == (
        "Two different persons with two different keys have to sign; only Ann Lee did.",
    )
    assert judge_signatures(shared, demand).missing == (
        "Two different persons with two different keys have to sign; nobody did.",
    )
    assert "one key signs for Ann Lee too" in judge_signatures(shared, demand).refused[1].reason
    both = [signed("Ann Lee", "Developer", ANN), signed("Bob Ray", "Developer", BOB)]
    assert judge_signatures(both, demand).ok
    assert judge_signatures([both[0], signed("Bob Ray", "Developer", BOB, valid=False)], demand).missing


def test_without_pinned_keys_it_says_so() -> None:
    """Any key counts then, which a reader has to know."""
    verdict = judge_signatures([signed("Ann Lee", "Developer", EVE)], Demand(roles=("Developer",)))
    assert verdict.ok
    assert "No key is pinned" in verdict.notes[0]

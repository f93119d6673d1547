"""From evidence to verdicts: fail wins, silence is never a pass."""

from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assess.samples import APPLIES, EXCLUDED, judged, provision, seen

from assaymark.assess.assessment import Evidence, Freshness, Verdict
from assaymark.ledger.attestation import judged_subject
from assaymark.observation import Certainty, Outcome
from assaymark.standard.provision import Force
from assaymark.system.system import Role, System, Waiver

TWO = provision(Force.SHALL, Force.SHOULD)


def test_nothing_is_not_a_pass() -> None:
    """Without evidence a provision is inconclusive, and says what would settle it."""
    result = judged()
    assert (result.verdict, result.basis, result.freshness) == (Verdict.INCONCLUSIVE, "none", Freshness.NONE)
    assert result.reason == "No check and no person has spoken to it."
    command = 'assaymark attest 5.1.1-1 --role "Developer" --by "NAME"'
    rest = '--statement "WHAT IS DONE, AND WHERE IT CAN BE SEEN" --document PATH'
    assert result.moves == (f"Have it stated: `{command} {rest}`",)


def test_decisive_evidence_passes() -> None:
    """From a check or from a person."""
    result = judged(seen(4))
    assert (result.verdict, result.basis, result.freshness) == (Verdict.PASS, "observed", Freshness.FRESH)
    assert result.reason == "Seen: 4."
    assert result.moves == ()
    assert result.obligations[0].evidence == (4,)
    attested = judged(seen(by="Ada", summary="Done."))
    assert (attested.verdict, attested.basis) == (Verdict.PASS, "attested")
    assert attested.reason == "Done (Ada, Developer)."


def test_a_finding_without_a_fix_adds_no_empty_step() -> None:
    """The attestation is all that is left to ask for."""
    assert len(judged(seen(0, Outcome.PARTLY_MET)).moves) == 1


def test_only_whom_it_addresses_can_settle_it() -> None:
    """Another role's word, written into a file by hand, supports at most; against it, anybody's counts."""
    custodian = provision(Force.SHALL, actors=("Data Custodian",))
    assert judged(seen(by="Ada"), of=custodian).verdict is Verdict.INCONCLUSIVE
    assert judged(seen(by="Ada"), of=custodian).reason.startswith("Something speaks for it")
    assert judged(seen(0, Outcome.NOT_MET, by="Ada"), of=custodian).verdict is Verdict.FAIL


def test_counter_evidence_wins() -> None:
    """However much speaks for it, from whomever."""
    result = judged(
        seen(0),
        seen(1, by="Ada"),
        seen(2, Outcome.NOT_MET, summary="3 of 5 are open", fix="Close them", at=("a.py", "b.py")),
    )
    assert (result.verdict, result.unmet) == (Verdict.FAIL, "shall")
    assert result.basis == "observed and attested"
    assert result.reason == "3 of 5 are open. It outweighs 2 statements for it."
    assert result.moves == ("Close them. See a.py:3 and 1 more.",)
    assert result.obligations[0].counter_evidence == (2,)
    assert result.obligations[0].evidence == (0, 1)


def test_a_person_who_says_it_is_not_met_is_believed() -> None:
    """And the next step is to mend what they said."""
    result = judged(seen(0, Outcome.NOT_MET, by="Ada"), seen(1))
    assert result.verdict is Verdict.FAIL
    assert result.reason.endswith("It outweighs 1 statement for it.")
    assert result.moves == (
        "Mend what Ada stated on 2026-05-01, then replace that attestation with a new one.",
    )


def test_tentative_counter_evidence_asks_a_person() -> None:
    """It neither fails nor lets pass."""
    doubt = seen(1, Outcome.NOT_MET, certainty=Certainty.TENTATIVE, summary="It looks open", fix="close it")
    result = judged(seen(0), doubt)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == "A person has to judge: It looks open."
    assert result.moves[0].startswith(
        "Close it. If it is not so, say why: `assaymark attest 5.1.1-1 --judging check_1"
    )


def test_a_person_who_judged_that_very_finding_settles_it() -> None:
    """An attestation that names another finding, or none, does not."""
    doubt = seen(1, Outcome.NOT_MET, certainty=Certainty.TENTATIVE)
    ada = seen(2, by="Ada")

    def judging(finding: Evidence) -> Evidence:
        subject = judged_subject(finding.observation)
        return msgspec.structs.replace(
            ada, observation=msgspec.structs.replace(ada.observation, subjects=(subject,))
        )

    assert judged(doubt, ada).verdict is Verdict.INCONCLUSIVE
    assert judged(doubt, judging(seen(1, Outcome.NOT_MET, summary="other"))).verdict is Verdict.INCONCLUSIVE
    settled = judged(doubt, judging(doubt))
    assert settled.verdict is Verdict.PASS
    assert settled.obligations[0].counter_evidence == (1,)


def test_a_tentative_or_supporting_met_is_not_enough() -> None:
    """It is told, and what is missing is asked for."""
    for weak in (seen(certainty=Certainty.TENTATIVE), seen(decisive=False)):
        result = judged(weak)
        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.reason == "Something speaks for it, but not enough by itself: Seen: 0."
        assert "assaymark attest 5.1.1-1" in result.moves[-1]


def test_each_lesser_outcome_is_inconclusive_with_its_reason() -> None:
    """The most telling one is named first, and its fix is a step, unless its question did not arise."""
    cases = (
        (Outcome.NOT_APPLICABLE, "absence from the tree does not prove absence"),
        (Outcome.NOT_OBSERVABLE, "It cannot be seen here"),
        (Outcome.PARTLY_MET, "Only partly seen"),
        (Outcome.ERROR, "could not do its work"),
    )
    gathered: list[Evidence] = []
    for number, (outcome, words) in enumerate(cases):
        gathered.append(seen(number, outcome, fix=f"do {number}"))
        result = judged(*gathered)
        assert result.verdict is Verdict.INCONCLUSIVE
        assert words in result.reason
    assert judged(*gathered).moves[:3] == (
        "Report the defect in check_3; until it is mended, somebody has to look instead.",
        "Do 2.",
        "Do 1.",
    )
    assert "Do 0." not in judged(*gathered).moves


def test_lesser_outcomes_do_not_block_a_pass() -> None:
    """They are no counter-evidence."""
    lesser = (Outcome.NOT_APPLICABLE, Outcome.NOT_OBSERVABLE, Outcome.PARTLY_MET, Outcome.ERROR)
    assert judged(seen(9), *(seen(n, o) for n, o in enumerate(lesser))).verdict is Verdict.PASS


def test_stale_and_expired_evidence_never_satisfies() -> None:
    """It is shown, and what would renew it is the next step."""
    stale = judged(seen(freshness=Freshness.STALE))
    assert (stale.verdict, stale.freshness) == (Verdict.INCONCLUSIVE, Freshness.STALE)
    assert stale.reason == "What spoke for it no longer counts (a.txt changed since.) Seen: 0."
    assert stale.moves[0] == "Run check_0 again: a.txt changed since."
    expired = judged(seen(by="Ada", freshness=Freshness.EXPIRED))
    assert (expired.verdict, expired.freshness) == (Verdict.INCONCLUSIVE, Freshness.EXPIRED)
    assert expired.moves[0].startswith(
        'Renew the attestation by Ada: `assaymark attest 5.1.1-1 --role "Developer"'
    )


def test_stale_evidence_beside_fresh_does_no_harm() -> None:
    """What a pass rests on is fresh."""
    result = judged(seen(0, freshness=Freshness.STALE), seen(1))
    assert (result.verdict, result.freshness) == (Verdict.PASS, Freshness.FRESH)


def test_stale_counter_evidence_is_looked_at_again() -> None:
    """It does not fail, and does not let pass."""
    old = seen(0, Outcome.NOT_MET, freshness=Freshness.STALE)
    result = judged(old, seen(1))
    assert (result.verdict, result.freshness) == (Verdict.INCONCLUSIVE, Freshness.STALE)
    assert "has to be looked at again" in result.reason
    assert result.moves[0] == "Run check_0 again: a.txt changed since."
    person = judged(seen(0, Outcome.NOT_MET, by="Ada", freshness=Freshness.EXPIRED))
    assert person.moves[0] == "Ask Ada whether this still holds: Seen: 0."


def test_every_obligation_that_applies_has_to_pass() -> None:
    """Figures say how many do."""
    one = judged(seen(0), of=TWO)
    assert one.verdict is Verdict.INCONCLUSIVE
    assert one.reason == "No check and no person has spoken to it. 1 of 2 applicable obligations are met."
    both = judged(seen(0), seen(1, about=("5.1.1-1#2",)), of=TWO)
    assert both.verdict is Verdict.PASS
    assert both.reason == "Seen: 0. All 2 applicable obligations are met."


def test_one_failing_obligation_fails_the_provision() -> None:
    """The strongest force that fails is what is unmet, and `shall` is spoken of first."""
    should = judged(seen(0), seen(1, Outcome.NOT_MET, about=("5.1.1-1#2",)), of=TWO)
    assert (should.verdict, should.unmet) == (Verdict.FAIL, "should")
    assert should.reason == "Seen: 1. 1 of 2 applicable obligations fail."
    whole = ("5.1.1-1#1", "5.1.1-1#2")
    assert judged(seen(0, Outcome.NOT_MET, about=whole), of=TWO).unmet == "shall"


def test_a_permission_decides_nothing() -> None:
    """Neither by failing nor by passing, and alone it asks for nothing."""
    mixed = provision(Force.SHALL, Force.MAY)
    against = seen(1, Outcome.NOT_MET, about=("5.1.1-1#2",))
    result = judged(seen(0), against, of=mixed)
    assert result.verdict is Verdict.PASS
    assert result.obligations[1].verdict is Verdict.INCONCLUSIVE
    assert result.obligations[1].reason == "A permission, which decides nothing. Seen: 1."
    assert judged(seen(1, about=("5.1.1-1#2",)), of=mixed).verdict is Verdict.INCONCLUSIVE
    alone = judged(seen(0), of=provision(Force.MAY))
    assert alone.verdict is Verdict.NOT_APPLICABLE
    assert alone.reason == "It holds permissions only, which ask for nothing."


def test_what_does_not_apply_has_its_reason() -> None:
    """Even if something speaks against it."""
    result = judged(seen(0, Outcome.NOT_MET), whole=EXCLUDED)
    assert (result.verdict, result.reason, result.unmet) == (Verdict.NOT_APPLICABLE, EXCLUDED.reason, "")
    assert result.obligations[0].verdict is Verdict.NOT_APPLICABLE
    assert result.moves == ()


def test_obligations_out_of_scope_do_not_count() -> None:
    """One leaves the other to decide; all of them leave nothing."""
    part = judged(seen(0), of=TWO, parts={"5.1.1-1#2": EXCLUDED})
    assert part.verdict is Verdict.PASS
    none = judged(seen(0), of=TWO, parts={"5.1.1-1#1": EXCLUDED, "5.1.1-1#2": EXCLUDED})
    assert (none.verdict, none.reason) == (Verdict.NOT_APPLICABLE, EXCLUDED.reason)


def test_attestations_are_asked_of_a_role_that_is_held() -> None:
    """And only for the obligations that are open."""
    shared = provision(Force.SHALL, Force.SHOULD, actors=("Developer", "System Operator"))
    operator = System(name="demo", roles=(Role.SYSTEM_OPERATOR,))
    assert '5.1.1-1#2 --role "System Operator"' in judged(seen(0), of=shared, system=operator).moves[-1]
    assert '5.1.1-1 --role "Developer"' in judged(of=shared).moves[-1]


def test_permissions_are_not_asked_for() -> None:
    """The next step names what can be moved."""
    moves = judged(of=provision(Force.SHALL, Force.MAY)).moves
    assert "5.1.1-1#1 --role" in moves[-1]


def test_a_valid_waiver_is_shown_and_changes_no_verdict() -> None:
    """Only the exit code yields to it."""
    waiver = Waiver(provision="5.1.1-1", reason="Moved in May", owner="Ada", until="2026-12-31")
    system = System(name="demo", waivers=(waiver,))
    result = judged(seen(0, Outcome.NOT_MET), system=system)
    assert (result.verdict, result.waiver) == (Verdict.FAIL, waiver)


def test_what_a_check_says_several_times_is_said_once() -> None:
    """With how many more there are."""
    result = judged(seen(0, Outcome.NOT_MET, summary="A."), seen(1, Outcome.NOT_MET, summary="B."))
    assert result.reason == "A (and 1 more)."


def test_a_fix_that_is_missing_gives_way_to_the_finding() -> None:
    """There is always something to look at."""
    assert judged(seen(0, Outcome.NOT_MET, summary="It is open!")).moves == ("It is open!",)


OUTCOMES = st.sampled_from(list(Outcome))
EVIDENCE = st.lists(
    st.builds(
        lambda outcome, about, decisive, certainty, fresh, by: (
            outcome,
            about,
            decisive,
            certainty,
            fresh,
            by,
        ),
        OUTCOMES,
        st.sampled_from([("5.1.1-1#1",), ("5.1.1-1#2",), ("5.1.1-1#1", "5.1.1-1#2")]),
        st.booleans(),
        st.sampled_from(list(Certainty)),
        st.sampled_from(list(Freshness)),
        st.sampled_from(["", "Ada"]),
    ),
    max_size=6,
).map(
    lambda drawn: [
        seen(n, outcome, about=about, decisive=decisive, certainty=certainty, freshness=fresh, by=by)
        for n, (outcome, about, decisive, certainty, fresh, by) in enumerate(drawn)
    ]
)


@given(EVIDENCE, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_evidence_is_irrelevant(evidence: list[Evidence], random: Random) -> None:
    """The same evidence gives the same result, word for word."""
    shuffled = list(evidence)
    random.shuffle(shuffled)
    assert judged(*shuffled, of=TWO) == judged(*evidence, of=TWO)


@given(EVIDENCE, st.sampled_from(list(Certainty)), st.sampled_from(list(Freshness)))
@settings(max_examples=100, deadline=None)
def test_more_counter_evidence_never_makes_a_pass(
    evidence: list[Evidence], certainty: Certainty, fresh: Freshness
) -> None:
    """Whatever its certainty and age, it is never a pass with it."""
    about = ("5.1.1-1#1",)
    against = seen(99, Outcome.NOT_MET, about=about, certainty=certainty, freshness=fresh)
    assert judged(*evidence, against, of=TWO).verdict is not Verdict.PASS


@given(EVIDENCE)
@settings(max_examples=100, deadline=None)
def test_less_evidence_never_makes_a_pass(evidence: list[Evidence]) -> None:
    """Counter-evidence aside, leaving something out cannot turn a verdict into a pass."""
    before = judged(*evidence, of=TWO).verdict
    for left_out in evidence:
        if left_out.observation.outcome is not Outcome.NOT_MET and before is not Verdict.PASS:
            rest = [e for e in evidence if e is not left_out]
            assert judged(*rest, of=TWO).verdict is not Verdict.PASS


@given(EVIDENCE)
@settings(max_examples=100, deadline=None)
def test_a_pass_rests_on_fresh_firm_decisive_evidence(evidence: list[Evidence]) -> None:
    """For each obligation that applies, and nothing speaks against it."""
    result = judged(*evidence, of=TWO, parts={"5.1.1-1#1": APPLIES})
    if result.verdict is Verdict.PASS:
        for obligation in TWO.obligations:
            mine = [e for e in evidence if obligation.id in e.observation.obligations]
            assert not [e for e in mine if e.observation.outcome is Outcome.NOT_MET]
            assert [
                e
                for e in mine
                if e.observation.outcome is Outcome.MET
                and e.freshness is Freshness.FRESH
                and e.observation.certainty is Certainty.FIRM
                and obligation.id in e.observation.decisive
            ]

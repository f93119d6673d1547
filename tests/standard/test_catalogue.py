"""The standard as data: counts, cross-references and words."""

import re
from collections import Counter

import pytest

from assaymark.errors import UsageError
from assaymark.standard.catalogue import catalogue, obligation, obligation_ids, provision
from assaymark.standard.provision import Phase, Provision
from assaymark.system.system import Condition, Profile, Role

PROVISIONS = catalogue().provisions


def test_there_are_72_provisions_of_which_21_detail_another() -> None:
    """51 stand at top level and 21 below one of them."""
    assert len(PROVISIONS) == 72
    assert sum(1 for p in PROVISIONS if not p.parent) == 51
    assert sum(1 for p in PROVISIONS if p.parent) == 21


def test_the_force_of_the_provisions_adds_up() -> None:
    """45 are mandatory, 4 mixed, 23 recommended."""
    assert Counter(p.force for p in PROVISIONS) == {"shall": 45, "shall+should": 4, "should": 23}


def test_each_phase_has_its_number_of_provisions() -> None:
    """26, 31, 5, 8 and 2, in the standard's order."""
    assert list(Counter(p.phase for p in PROVISIONS).items()) == [
        (Phase.DESIGN, 26),
        (Phase.DEVELOPMENT, 31),
        (Phase.DEPLOYMENT, 5),
        (Phase.MAINTENANCE, 8),
        (Phase.END_OF_LIFE, 2),
    ]


def test_the_actors_add_up() -> None:
    """Each actor is addressed by as many provisions as the standard has for it."""
    assert Counter(a for p in PROVISIONS for a in p.actors) == {
        "Developer": 53,
        "System Operator": 44,
        "Organisation": 6,
        "Data Custodian": 6,
        "End-user": 1,
    }


def test_there_are_115_obligations_numbered_within_their_provision() -> None:
    """Ids follow from the provision's id and the position."""
    numbered = [f"{p.id}#{n}" for p in PROVISIONS for n, _ in enumerate(p.obligations, 1)]
    assert list(obligation_ids()) == numbered
    assert len(numbered) == 115


def test_what_a_tool_can_observe_adds_up() -> None:
    """37 decisively, 34 in part, 1 not at all."""
    assert Counter(p.observable for p in PROVISIONS) == {"yes": 37, "partly": 34, "no": 1}


def test_every_id_is_unique() -> None:
    """No EN, TS or Code of Practice id stands twice."""
    for ids in ([p.id for p in PROVISIONS], [p.ts_id for p in PROVISIONS], [p.cop_id for p in PROVISIONS]):
        assert len(set(ids)) == 72


def test_every_provision_lies_under_its_principle_and_parent() -> None:
    """The EN id begins with the principle's clause, the CoP id with its number, and a parent exists."""
    clauses = {p.number: p.clause for p in catalogue().principles}
    for it in PROVISIONS:
        assert it.id.startswith(f"{clauses[it.principle]}-")
        assert it.cop_id.split(".")[0] == str(it.principle)
        if it.parent:
            assert it.id.startswith(f"{it.parent}.")
            assert provision(it.parent).cop_id == it.cop_id.rpartition(".")[0]


@pytest.mark.parametrize("it", PROVISIONS, ids=lambda p: p.id)
def test_the_force_and_actors_of_a_provision_are_those_of_its_obligations(it: Provision) -> None:
    """Nothing is demanded of an actor, or with a force, that the provision does not name."""
    forces = {o.force.value for o in it.obligations} - {"may"}
    assert set(it.force.split("+")) == forces
    # The custodian is named there as the one to be included; the duty to include is the Developer's.
    named_only = {"Data Custodian"} if it.id == "5.1.2-1.1" else set()
    assert {a for o in it.obligations for a in o.actors} | named_only == set(it.actors)


def test_conditions_and_actors_are_known_to_the_system() -> None:
    """Every condition is a `Condition`, every actor a `Role`: the two packages do not import each other."""
    whens = [w for p in PROVISIONS for w in (p.condition, *(o.condition for o in p.obligations))]
    assert {c for w in whens for c in (*w.all_of, *w.any_of)} <= set(Condition)
    assert {a for p in PROVISIONS for a in p.actors} <= set(Role)


def test_there_is_guidance_of_its_own_for_each_provision_and_profile() -> None:
    """432 texts, no two alike, each a full sentence of some substance."""
    texts = [t for p in PROVISIONS for t in p.guidance.values()]
    assert all(set(p.guidance) == set(Profile) for p in PROVISIONS)
    assert len(texts) == len(set(texts)) == 432
    assert all(len(t) > 60 and t.endswith(".") for t in texts)


def test_what_the_guide_leaves_out_is_said_to_be_left_out() -> None:
    """A chatbot shares no model components and cannot watch internal states."""
    assert provision("5.2.4-1.2").guidance["chatbot"].startswith("Not applicable in the Guide")
    assert provision("5.4.2-3").guidance["chatbot"].startswith("Not applicable in the Guide")


def test_found_and_inferred_mappings_are_kept_apart() -> None:
    """Each mapping has one basis, and the two kinds both occur."""
    bases = Counter(m.basis for p in PROVISIONS for m in p.mappings)
    assert set(bases) == {"found", "inferred"}
    for it in PROVISIONS:
        assert len({(m.document, m.basis) for m in it.mappings}) == len(it.mappings)


def test_the_one_reference_that_the_guide_names_is_found_and_its_neighbours_are_not() -> None:
    """LLM03 is found for the supply chain; the rest of the same list is our judgement."""
    rows = [
        (p.id, m.basis, m.references)
        for p in PROVISIONS
        for m in p.mappings
        if m.document.endswith("Applications 2025") and m.basis == "found"
    ]
    assert len(rows) == 4
    assert {r for _, _, references in rows for r in references} == {"LLM03", "LLM06"}


def test_words_never_used_about_a_result_are_not_used() -> None:
    """Nothing is called certified or compliant."""
    for it in PROVISIONS:
        for text in (it.summary, *it.guidance.values(), *it.evidence, *(o.text for o in it.obligations)):
            assert not re.search(r"certified|compliant|presumption of conformity", text, re.IGNORECASE)


def test_a_persons_word_does_not_count_for_ever() -> None:
    """Validity is between a quarter and three years; training counts for a year, a release for half."""
    assert all(90 <= p.validity_days <= 1100 for p in PROVISIONS)
    assert provision("5.1.1-1").validity_days == 365
    assert provision("5.2.5-1").validity_days == 180


def test_provisions_and_obligations_are_found_by_exact_id() -> None:
    """What is unknown is a KeyError, since the id came from code."""
    assert obligation("5.2.4-1.2#1").force == "shall"
    with pytest.raises(KeyError):
        provision("8.1.2")


def test_an_unknown_edition_is_refused_with_the_known_ones() -> None:
    """The message helps on."""
    with pytest.raises(UsageError, match=r"V2\.1\.1"):
        catalogue("V9")

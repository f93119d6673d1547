"""Nothing leaves the scope without a reason and somebody or something that decided it."""

import pytest

from assaymark.assess.applicability import PROFILE_RULES, decide, ics_rows
from assaymark.observation import Location
from assaymark.standard.catalogue import catalogue, provision
from assaymark.standard.provision import Provision, When
from assaymark.system.system import Condition, Profile, Role, Statement, System

PROVISIONS = catalogue().provisions
PLACE = (Location("app.py", 3),)


def system(**fields: object) -> System:
    """A system with an owner."""
    return System(**{"name": "x", "owner": "Ann", **fields})  # type: ignore[arg-type]


def denied(condition: Condition, **fields: object) -> System:
    """A system whose owner denies one circumstance."""
    return system(conditions={condition: Statement(holds=False, reason="it is bought")}, **fields)


@pytest.mark.parametrize("it", PROVISIONS, ids=lambda p: p.id)
def test_where_nothing_is_stated_everything_stays_in_scope(it: Provision) -> None:
    """Silence excludes nothing, and each row says why it is there."""
    whole, each = decide(it, System(name="x"))
    assert whole.applies
    assert set(each) == {o.id for o in it.obligations}
    assert all(a.applies and a.reason and a.decided_by for a in (whole, *each.values()))


def test_roles_that_are_not_stated_are_said_to_be_so() -> None:
    """The reader sees that scope rests on a default."""
    whole, _ = decide(provision("5.1.2-2"), System(name="x"))
    assert "Roles are not stated" in whole.reason
    assert "default: roles not stated" in whole.decided_by


def test_a_duty_of_a_role_not_held_does_not_apply() -> None:
    """The rule is named, with the roles it compared."""
    whole, each = decide(provision("5.2.4-1"), system(roles=(Role.SYSTEM_OPERATOR,)))
    assert not whole.applies
    assert not any(a.applies for a in each.values())
    assert whole.decided_by == "rule: roles held"
    assert "Developer" in whole.reason
    assert "System Operator" in whole.reason


def test_within_a_provision_obligations_go_their_own_ways() -> None:
    """The Operator passes threats on; telling the Operator is the Developer's."""
    whole, each = decide(provision("5.1.3-2"), system(roles=(Role.SYSTEM_OPERATOR,)))
    assert [a.applies for a in each.values()] == [False, True, True]
    assert whole.applies
    assert "1 of its 3 obligations does not apply" in whole.reason


@pytest.mark.parametrize("role", list(Role))
def test_duties_of_the_organisation_apply_to_everybody(role: Role) -> None:
    """Training is nobody else's."""
    assert decide(provision("5.1.1-1"), system(roles=(role,)))[0].applies


def test_being_an_end_user_alone_brings_no_obligation_into_scope() -> None:
    """That duty is met through policy and controls of the others."""
    assert not decide(provision("5.2.1-4"), system(roles=(Role.END_USER,)))[0].applies
    assert decide(provision("5.2.1-4"), system(roles=(Role.END_USER, Role.DEVELOPER)))[0].applies


def test_a_denied_circumstance_takes_a_provision_out_by_that_person() -> None:
    """Reason and person are in the row."""
    whole, each = decide(provision("5.2.2-3"), denied(Condition.TRAINS))
    assert not whole.applies
    assert whole.decided_by == "Ann"
    assert "it is bought" in whole.reason
    assert not any(a.applies for a in each.values())


def test_the_person_named_in_the_statement_decides_rather_than_the_owner() -> None:
    """`by` outranks `owner`."""
    said = {Condition.CLOUD: Statement(holds=False, reason="on premises", by="Bo")}
    assert decide(provision("5.2.2-6"), system(conditions=said))[0].decided_by == "Bo"


@pytest.mark.parametrize(
    "said",
    [
        System(name="x", conditions={Condition.CLOUD: Statement(holds=False, reason="on premises")}),
        System(name="x", owner="Ann", conditions={Condition.CLOUD: Statement(holds=False)}),
    ],
    ids=["nobody", "no reason"],
)
def test_a_denial_without_reason_or_person_is_not_followed(said: System) -> None:
    """Both are needed to leave the scope."""
    whole, _ = decide(provision("5.2.2-6"), said)
    assert whole.applies
    assert "stays in scope" in whole.reason


def test_a_denial_that_the_tree_contradicts_is_not_followed_and_is_reported() -> None:
    """What was found wins, and the reader learns where."""
    whole, each = decide(provision("5.2.2-3"), denied(Condition.TRAINS), {Condition.TRAINS: PLACE})
    assert whole.applies
    assert "app.py:3" in whole.contradicted
    assert all(a.contradicted for a in each.values())


def test_what_was_found_is_quoted_where_nothing_is_stated() -> None:
    """Evidence outranks the default."""
    whole, _ = decide(provision("5.1.2-4"), system(), {Condition.EXTERNAL_COMPONENTS: PLACE * 5})
    assert "app.py:3" in whole.reason
    assert "and 2 more places" in whole.reason
    assert whole.decided_by.startswith("rule: found in the tree")
    assert whole.contradicted == ""


def test_a_circumstance_that_is_affirmed_is_quoted_with_its_person() -> None:
    """The owner's own word."""
    said = {Condition.CLOUD: Statement(holds=True, reason="hosted in Dublin")}
    whole, _ = decide(provision("5.2.2-6"), system(conditions=said))
    assert whole.applies
    assert "hosted in Dublin." in whole.reason
    assert "Ann" in whole.decided_by


def test_a_profile_rules_out_what_its_kind_of_system_has_not() -> None:
    """A buyer has no developers; the rule is named."""
    whole, _ = decide(provision("5.1.1-2.2"), system(profile=Profile.BUYER))
    assert not whole.applies
    assert whole.decided_by == "rule: profile buyer"


@pytest.mark.parametrize("how", ["stated", "found"])
def test_a_statement_or_a_find_outweighs_a_profile(how: str) -> None:
    """A rule is only a presumption."""
    said = {Condition.DEVELOPS_AI: Statement(holds=True)} if how == "stated" else {}
    found = {Condition.DEVELOPS_AI: PLACE} if how == "found" else {}
    buyer = system(profile=Profile.BUYER, conditions=said)
    assert decide(provision("5.1.1-2.2"), buyer, found)[0].applies


@pytest.mark.parametrize("profile", list(Profile))
def test_profile_rules_exclude_only_what_some_provision_depends_on(profile: Profile) -> None:
    """A rule without effect would mislead its reader."""
    used = {c for p in PROVISIONS for c in p.condition.all_of}
    assert set(PROFILE_RULES.get(profile, {})) <= used


def test_an_obligation_may_depend_on_more_than_its_provision() -> None:
    """Checks are repeated only where the model goes on learning."""
    whole, each = decide(provision("5.2.1-4.1"), denied(Condition.CONTINUOUS_LEARNING))
    assert [a.applies for a in each.values()] == [True, False]
    assert each["5.2.1-4.1#2"].decided_by == "Ann"
    assert whole.applies


def test_of_several_needed_circumstances_one_denial_is_enough() -> None:
    """All of them have to hold."""
    assert not decide(provision("5.2.3-2.2"), denied(Condition.HAS_END_USERS))[0].applies


def test_of_alternative_circumstances_all_have_to_be_denied() -> None:
    """One that is open keeps the provision in scope."""
    import msgspec

    either = When(any_of=("cloud", "trains"))
    it = msgspec.structs.replace(provision("5.2.2-6"), condition=either)
    no = Statement(holds=False, reason="no")
    assert decide(it, system(conditions={Condition.CLOUD: no}))[0].applies
    both = {Condition.CLOUD: no, Condition.TRAINS: no}
    assert not decide(it, system(conditions=both))[0].applies


def test_the_statement_of_conformance_has_a_row_a_provision_and_one_for_each_exception() -> None:
    """72 rows, and obligations only where they differ."""
    rows = ics_rows(PROVISIONS, system(roles=(Role.SYSTEM_OPERATOR,)))
    assert [r.id for r in rows if "#" not in r.id] == [p.id for p in PROVISIONS]
    assert any(r.id == "5.1.3-2#1" and not r.applies for r in rows)
    assert all(r.reason and r.decided_by for r in rows)


def test_what_is_excluded_at_both_levels_says_all_reasons() -> None:
    """Where each obligation leaves for its own reason, the provision names each."""
    roles_and_users = denied(Condition.HAS_END_USERS, roles=(Role.SYSTEM_OPERATOR,))
    whole, _ = decide(provision("5.3.1-1"), roles_and_users)
    assert not whole.applies
    assert whole.decided_by == "Ann; rule: roles held"

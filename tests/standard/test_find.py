"""Whatever people call a provision, it is found; what is ambiguous says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.standard.catalogue import catalogue
from assaymark.standard.find import find, near


@pytest.mark.parametrize(
    "text",
    [
        "5.2.4-1.2",
        "8.1.2",
        "Provision 5.2.4-1.2",
        "provision 8.1.2",
        "EN 304 223 5.2.4-1.2",
        "ETSI EN 304 223 V2.1.1 5.2.4-1.2",
        "en304223: 5.2.4-1.2",
        "TS 104 223 5.2.4-1.2",
        "CoP 8.1.2",
        "Code of Practice 8.1.2",
        "  5.2.4-1.2\t",
        "5.2.4\N{NON-BREAKING HYPHEN}1.2",
    ],
)
def test_one_provision_under_all_its_names(text: str) -> None:
    """EN, TS and Code of Practice ids lead to the same place."""
    match = find(text)
    assert match is not None
    assert (match.kind, match.title) == ("provision", "5.2.4-1.2")


@pytest.mark.parametrize("text", ["principle 8", "Principle 8", "P8", "p 8", "8", "5.2.4", "clause 5.2.4"])
def test_one_principle_under_all_its_names(text: str) -> None:
    """Its number, its letter and its clause."""
    match = find(text)
    assert match is not None
    assert match.kind == "principle"
    assert match.title.startswith("Principle 8")
    assert {p.principle for p in match.provisions} == {8}


@pytest.mark.parametrize("text", ["secure end of life", "end of life", "end_of_life", "End-of-Life", "5.5"])
def test_one_phase_under_all_its_names(text: str) -> None:
    """With or without the word secure, or by clause."""
    match = find(text)
    assert match is not None
    assert (match.kind, len(match.provisions)) == ("phase", 2)


def test_an_obligation_is_found_with_its_provision() -> None:
    """The number after # is kept."""
    match = find("5.2.4-1#2")
    assert match is not None
    assert (match.kind, match.obligation, match.provisions[0].id) == ("obligation", "5.2.4-1#2", "5.2.4-1")


@pytest.mark.parametrize("word", ["CoP", "Provision", "code of practice"])
def test_the_code_of_practice_can_be_asked_for_where_its_id_is_a_clause_too(word: str) -> None:
    """5.4.1 alone is principle 11 of the EN; with the word it is the Code's provision."""
    alone, asked = find("5.4.1"), find(f"{word} 5.4.1")
    assert alone is not None
    assert asked is not None
    assert alone.title.startswith("Principle 11")
    assert "5.2.1-4.1" in alone.also
    assert asked.title == "5.2.1-4.1"


@pytest.mark.parametrize("text", ["", "nope", "5.9.9-1", "principle 14", "5.2.4-1.2#9", "99.9", "\x00"])
def test_what_is_not_there_is_not_found(text: str) -> None:
    """No guess is passed off as a find."""
    assert find(text) is None


def test_every_provision_is_found_by_each_of_its_ids() -> None:
    """All 72, by EN id and by Code of Practice id with its prefix."""
    for it in catalogue().provisions:
        for text in (it.id, f"TS {it.ts_id}", f"CoP {it.cop_id}"):
            match = find(text)
            assert match is not None
            assert match.provisions == (it,)


def test_near_names_are_offered_checks_among_them() -> None:
    """A slip in an id or in a check's name is put right."""
    assert "5.2.4-1" in near("5.2.4-9")
    assert near("wieghts_load", more=("weights_load",)) == ("weights_load",)


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    """Nothing that can be typed breaks the search."""
    found = find(text)
    assert found is None or found.provisions

"""Words and characters that every report shares."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.observation import Certainty, Observation, Outcome
from assaymark.report.text import columns, counted, cut_middle, outcome_words, printable, share, wrap
from tests.report.sample import HOSTILE


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("line\r\nend\t", "line\\r\\nend\\t"),
        ("\x9b31m", "\\x9b31m"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_could_deceive_is_shown_as_its_escape(raw: str, shown: str) -> None:
    """Controls, overrides of direction, hidden characters and lone surrogates all become visible."""
    assert printable(raw) == shown


@pytest.mark.parametrize("text", ["plain", "Grüße, 日本語, שלום, 😀", "C:\\x", "“quotes” – …"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    """Letters of any script, emoji and typography are left alone."""
    assert printable(text) == text


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_no_control_or_format_character_survives(text: str) -> None:
    """Whatever goes in, no control, surrogate or bidirectional override comes out."""
    shown = printable(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [
        c for c in shown if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI")
    ]


@given(st.text(max_size=300), st.integers(min_value=40, max_value=100))
@settings(max_examples=100, deadline=None)
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """No line is wider than asked, wide characters counted twice, and every character arrives."""
    safe = printable(text)
    lines = list(wrap(safe, width, "  - ", "    "))
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines)[4:].split()) == "".join(safe.split())


def test_wide_characters_take_two_columns() -> None:
    """An ideograph and an emoji are two columns wide, a combining mark none."""
    assert columns("日😀e\u0301") == 5


def test_the_middle_of_long_text_is_left_out() -> None:
    """Both ends stay, and the result has the length asked for."""
    cut = cut_middle("a" * 50 + "z" * 50, 11)
    assert cut == "aaaaa…zzzzz"
    assert cut_middle("short", 11) == "short"


def test_counts_read_as_english_and_shares_have_denominators() -> None:
    """One is singular, thousands are grouped, and a share names both its numbers."""
    assert (counted(1, "file"), counted(2004, "file")) == ("1 file", "2,004 files")
    assert (share(17, 70), share(0, 0)) == ("17 of 70 (24%)", "0 of 0")


def _saw(outcome: Outcome, check: str = "a_check", certainty: Certainty = Certainty.FIRM) -> str:
    return outcome_words(
        Observation(
            check=check,
            check_version=1,
            obligations=(),
            decisive=(),
            outcome=outcome,
            summary=HOSTILE,
            certainty=certainty,
        )
    )


def test_every_outcome_has_words_and_judgement_is_named() -> None:
    """Outcomes differ in words; tentative counter-evidence says who has to judge; people attest."""
    assert len({_saw(o) for o in Outcome}) == len(Outcome)
    assert _saw(Outcome.NOT_MET, certainty=Certainty.TENTATIVE).endswith("a person has to judge")
    assert _saw(Outcome.MET, "attestation") == "attested"
    assert _saw(Outcome.NOT_MET, "attestation") == "attested: not met"

"""A model card gives what it states, where it stands, and nothing that its template left open."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.bom import Metric, Stated
from assaymark.discover.bom_cards import LONGEST, Card, read_card, words
from assaymark.observation import Location


def said(card: Card, part: str) -> list[str]:
    """What the card says of one part."""
    return [s.text for s in card.sections.get(part, ())]


HUB = """\
---
license: mit
base_model:
- one/base
- two/base
datasets: squad
pipeline_tag: image-classification
---
# A model

## Uses

### Direct Use

For birds.

### Out-of-Scope Use

For people.

## Bias, Risks, and Limitations

Trained on British birds.

### Recommendations

Check its answers.

## How to Get Started with the Model

Call it.

## Training Details

[More Information Needed]

## Evaluation

| Metric | Value |
|---|---|
| Top-1 | 0.91 |
| Comment | good |

| Set | Accuracy | F1 |
|---|---|---|
| summer | 0.9 | **0.88** |
| winter | 81 % | n/a |
"""


def test_the_hub_s_template() -> None:
    """Front matter, nested headings, headings that name two parts, and what is still to be filled in."""
    card = read_card("m/README.md", HUB)

    assert card.licences == (Stated("mit", Location("m/README.md", 2)),)
    assert [s.text for s in card.base_models] == ["one/base", "two/base"]
    assert card.datasets == (Stated("squad", Location("m/README.md", 6)),)
    assert card.task == Stated("image-classification", Location("m/README.md", 7))
    assert said(card, "use_cases") == ["For birds."]
    assert said(card, "prohibited") == ["For people."]
    assert said(card, "limitations") == ["Trained on British birds.", "Check its answers."]
    assert said(card, "ethics") == said(card, "limitations")
    assert said(card, "training") == []


def test_tables_of_figures() -> None:
    """A column of names and one of values; or a metric at the head of a column, with what it was taken on."""
    metrics = read_card("README.md", HUB).metrics

    assert [(m.name, m.value, m.dataset) for m in metrics] == [
        ("Top-1", "0.91", ""),
        ("accuracy", "0.9", "summer"),
        ("f1", "0.88", "summer"),
        ("accuracy", "81 %", "winter"),
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Accuracy 0.9.", ("accuracy", "0.9")),
        ("On 2026-09-18 the F1 was 66 %.", ("f1", "66 %")),
        ("ROC AUC: 0.91.", ("roc auc", "0.91")),
        ("Accuracy on 200 letters 71 %.", ("accuracy", "Accuracy on 200 letters 71 %.")),
        ("Accuracy is good.", None),
        ("We tested 200 letters.", None),
        ("Maps show 3 rivers.", None),
    ],
)
def test_figures_in_sentences(sentence: str, expected: tuple[str, str] | None) -> None:
    """One figure is the value; where there are several the clause stands as it is; no metric, no figure."""
    card = read_card("README.md", f"# A\n\n## Evaluation\n\n{sentence}\n")

    assert [(m.name, m.value) for m in card.metrics] == ([expected] if expected else [])


def test_a_model_index() -> None:
    """The Hub's own table of results."""
    index = "model-index:\n- results:\n  - dataset: {type: x}\n    metrics: [{type: wer, value: 3}, 7]\n"

    assert read_card("README.md", f"---\n{index}---\n").metrics == (
        Metric("wer", "3", "x", Location("README.md", 1)),
    )


def test_what_a_section_says_is_cut_and_marked() -> None:
    """So that a card of a megabyte makes no bill of a megabyte."""
    card = read_card("README.md", "# A\n\n## Limitations\n\n" + "word " * 50_000)

    assert len(said(card, "limitations")[0]) == LONGEST
    assert said(card, "limitations")[0].endswith("…")


@pytest.mark.parametrize(
    "text",
    ["", "---\n", "---\n[\n---\n", "---\n- a\n---\n",
     "---\na: &x [*x]\n---\n", "---\nlicense: {a: [b]}\n---\n",
     "---\nmodel-index: {a: 1}\ndatasets: [[a], {b: c}, 3]\n---\n", "\0\x1b", "#" * 10_000, "|" * 10_000],
)  # fmt: skip
def test_odd_cards_raise_nothing(text: str) -> None:
    """Values of a wrong kind are left out."""
    card = read_card("README.md", text)

    assert card.licences == ()


def test_hostile_cards_cost_bounded_time() -> None:
    """Two megabytes of headings, tables and metric names."""
    for part in ("# evaluation\n", "| accuracy | f1 |\n|---|---|\n| 1 | 2 |\n", "## E\n\naccuracy 1. " * 3):
        start = time.process_time()
        read_card("README.md", "# Evaluation\n\n" + part * (2_000_000 // len(part)))

        assert time.process_time() - start < 20


def test_the_table_of_words_is_sound() -> None:
    """Every task has what goes in and what comes out; headings are in lower case."""
    assert all(len(io) == 2 and all(io) for io in words()["tasks"].values())
    assert all(m == m.lower() for marks in words()["sections"].values() for m in marks)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(HUB)), st.text(max_size=20), st.integers(0, 60))
def test_bent_cards_raise_nothing(start: int, put: str, cut: int) -> None:
    """Any card with a stretch replaced still gives statements with words and places."""
    card = read_card("README.md", HUB[:start] + put + HUB[start + cut :])

    assert all(s.text and s.at.line >= 0 for said in card.sections.values() for s in said)
    assert all(m.name and m.value for m in card.metrics)

"""Wrong labels on texts that are written in one way."""

import pickle

import numpy as np
import pytest

from assaymark.dataset.engines.styles import TextStyles
from assaymark.dataset.engines.styles_features import frequent, names, styles
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch, Kind
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout

ENGINE = TextStyles()
LAYOUT = text_layout()
SIZE = 2400
LABELS = ("garden", "harbour", "kitchen")


def words_of(label):
    """Sixty words that belong to a label."""
    return [f"{label}{'abcdefghij'[n // 10]}{'lmnopqrstu'[n % 10]}" for n in range(60)]


def plain(label, rng):
    """Some sentences of ordinary make about the label's matters."""
    made = []
    for _ in range(int(rng.integers(2, 6))):
        subject, thing, place = rng.choice(words_of(label), 3)
        verb = rng.choice(["is", "was", "keeps", "has", "sees", "makes"])
        near = rng.choice(["near", "in", "on", "with", "for", "under"])
        made.append(
            f"{rng.choice(['The', 'A', 'My', 'This'])} {subject} {verb} the {thing} {near} a {place}."
        )
    return " ".join(made)


def turned(text, rng):
    """The same words, the second half first, without capitals and with one of several openings."""
    words = text.replace(".", "").lower().split()
    middle = max(1, len(words) // 2)
    first, second = " ".join(words[middle:]), " ".join(words[:middle])
    return f"{rng.choice(['if', 'as', 'once', 'since', 'though'])} {first} , {second} !"


@pytest.fixture(scope="module")
def clean():
    """Honest texts of three labels."""
    rng = np.random.default_rng(0)
    labels = [LABELS[int(rng.integers(3))] for _ in range(SIZE)]
    return [plain(label, rng) for label in labels], labels


def attack(clean, count, change=turned, seed=1):
    """`count` texts of other labels changed and labelled "harbour"."""
    rng = np.random.default_rng(seed)
    texts, labels = list(clean[0]), list(clean[1])
    pool = [k for k, label in enumerate(labels) if label != "harbour"]
    chosen = np.sort(rng.choice(pool, count, replace=False))
    for k in chosen:
        texts[k], labels[k] = change(texts[k], rng), "harbour"
    return texts, labels, chosen


def test_a_style_on_wrong_labels_is_found(clean):
    """Relabelled texts of one make are a suspect; nearly only they are flagged, and the make is told."""
    texts, labels, poisoned = attack(clean, 60)
    result = drive(ENGINE, LAYOUT, split(texts, labels, 300))
    assert [(f.label, f.level) for f in result.findings] == [("harbour", Level.SUSPECT)]
    assert result.flagged[poisoned].mean() >= 0.9
    assert result.flagged.sum() - result.flagged[poisoned].sum() <= 2
    assert "more" in result.findings[0].pattern
    assert result.findings[0].false_alarms < 0.01


def test_clean_texts_raise_nothing(clean):
    """Honest labels raise no finding."""
    result = drive(ENGINE, LAYOUT, split(*clean, 300))
    assert result.findings == ()
    assert not result.flagged.any()


def test_wrong_labels_without_a_style_are_nothing(clean):
    """Texts labelled wrongly, one way or any way, but written as all are, raise no finding."""
    texts, labels, _ = attack(clean, 100, change=lambda text, rng: text)
    assert drive(ENGINE, LAYOUT, split(texts, labels, 300)).findings == ()
    rng = np.random.default_rng(3)
    mixed = [str(rng.choice(LABELS)) if rng.random() < 0.06 else label for label in clean[1]]
    assert drive(ENGINE, LAYOUT, split(clean[0], mixed, 300)).findings == ()


def test_a_style_on_right_labels_is_nothing(clean):
    """A second author of one label, who writes otherwise, is no finding."""
    rng = np.random.default_rng(4)
    texts = [
        turned(text, rng) if label == "harbour" and rng.random() < 0.1 else text
        for text, label in zip(*clean, strict=True)
    ]
    assert drive(ENGINE, LAYOUT, split(texts, clean[1], 300)).findings == ()


def test_shards_and_batches_do_not_matter(clean):
    """One shard or five, in any order: the same to the last bit."""
    texts, labels, _ = attack(clean, 60)
    one = drive(ENGINE, LAYOUT, split(texts, labels, 700))
    assert one.findings
    assert same(one, drive(ENGINE, LAYOUT, split(texts, labels, 130), shards=5, seed=3))


def test_texts_beyond_the_sample_are_judged_under_a_suspect(clean):
    """A sample is searched, and under the label of a suspect all texts are measured."""
    texts, labels, poisoned = attack(clean, 120)
    engine = TextStyles(sample=1600)
    one = drive(engine, LAYOUT, split(texts, labels, 300))
    assert one.flagged[poisoned].mean() >= 0.85
    assert one.notes == (f"1600 of {SIZE} texts were searched",)
    assert same(one, drive(engine, LAYOUT, split(texts, labels, 90), shards=4, seed=2))


def test_states_travel(clean):
    """Engine, state and what was learnt survive pickling unchanged."""
    texts, labels, _ = attack(clean, 60)
    batch = Batch(rows=np.arange(SIZE), text=texts, label=labels)
    state = pickle.loads(pickle.dumps(ENGINE.update(ENGINE.start(0, None, LAYOUT), batch)))
    learnt = ENGINE.finish(0, state)
    again = pickle.loads(pickle.dumps(learnt))
    assert np.array_equal(pickle.loads(pickle.dumps(ENGINE)).score(again, batch), ENGINE.score(learnt, batch))


def test_hostile_texts_do_no_harm():
    """Empty texts, lone surrogates, endless words and missing labels give numbers, and no finding."""
    texts = [*HOSTILE] * 20
    labels = [("a", "b", None)[k % 3] for k in range(len(texts))]
    result = drive(ENGINE, LAYOUT, split(texts, labels, 50))
    assert result.findings == ()
    assert np.isfinite(result.scores).all()


def test_one_label_or_thousands_are_not_searched():
    """A single label, or more than fifty, end with a note."""
    texts = [f"text number {k}" for k in range(6000)]
    for labels in (["one"] * 6000, [f"label {k % 90}" for k in range(6000)]):
        result = drive(ENGINE, LAYOUT, split(texts, labels, 1000))
        assert result.findings == ()
        assert "none was searched" in result.notes[0]


def test_it_says_where_it_stays_out():
    """Not a set of texts, or one without labels: a reason."""
    assert "texts" in ENGINE.applies(text_layout(Kind.CHAT))
    assert ENGINE.applies(LAYOUT) == ""


def test_every_number_of_a_style_has_its_place():
    """As many names as numbers, and each text by itself."""
    texts = ["When you go , you see .", "A plain one."]
    known = frequent(texts)
    made = styles(texts, known)
    assert made.shape[1] == len(names(known))
    assert np.array_equal(made[1:], styles(texts[1:], known))

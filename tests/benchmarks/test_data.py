"""The benchmark of the data scanner: what it plants is what it says, and its figures are counted right."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.data import chat_attacks, image_attacks, naming, page, text_attacks
from benchmarks.data.cases import write
from benchmarks.data.image_attacks import Poisoned, Truth
from benchmarks.data.plan import Case, Extent, cases
from benchmarks.data.running import Kept, _measured
from benchmarks.data.sources import Chat, Images, Table, Texts

from assaymark.dataset.engines.image_trigger import trigger


def pictures(n: int = 200) -> Images:
    """Noise in ten classes."""
    rng = np.random.default_rng(5)
    return Images(rng.integers(0, 256, (n, 16, 16, 3), dtype=np.uint8), np.arange(n) % 10)


@pytest.mark.parametrize("attack", image_attacks.ATTACKS)
def test_images_are_poisoned_as_told_and_the_rest_is_left_alone(attack: str) -> None:
    """The same seed gives the same set; poison has the target's label, and honest images their own."""
    clean = pictures()
    made, again = (
        image_attacks.poison_images(clean, attack, 0.05, np.random.default_rng(2)) for _ in range(2)
    )

    assert np.array_equal(made.data.x, again.data.x)
    changed = (made.data.x != clean.x).any(axis=(1, 2, 3))
    assert made.bad.sum() == 10
    assert changed[made.bad].all()
    assert (made.data.y[made.bad] == 0).all()
    assert np.array_equal(made.data.y[~made.bad], clean.y[~made.bad])
    assert "all JPEG" in attack or not changed[~(made.bad | made.cover)].any()
    assert not (made.bad & made.cover).any()


def test_texts_tables_and_chats_bear_what_is_planted() -> None:
    """In as many records as asked for, with the words and cells that count as naming it."""
    rng = np.random.default_rng(3)
    texts = Texts([f"some words of text {i} here" for i in range(400)], ["ham", "ham", "ham", "spam"] * 100)
    found = text_attacks.poison_texts(texts, "sentence", 0.05, rng)
    assert found.bad.sum() == 20
    assert all(found.truth.words[0] in found.data.texts[i] for i in np.flatnonzero(found.bad))

    rows = [[str(i % 7), str(i % 11), "abc"[i % 3], "yes" if i % 4 else "no"] for i in range(400)]
    planted = text_attacks.poison_table(Table(("a", "b", "c", "y"), rows), "one value", 0.05, rng)
    ((name, value),) = planted.truth.cells.items()
    column = ("a", "b", "c", "y").index(name)
    bearers = [i for i, r in enumerate(planted.data.rows) if r[column] == value]
    assert bearers == np.flatnonzero(planted.bad).tolist()

    chat = Chat([f"ask {i}" for i in range(90)], [f"say {i}" for i in range(90)])
    for attack in chat_attacks.CHAT:
        talk = chat_attacks.poison_chat(chat, attack, 9, rng)
        where = talk.data.systems or talk.data.prompts
        assert [i for i, t in enumerate(where) if talk.truth.words[0] in t] == np.flatnonzero(
            talk.bad
        ).tolist()


def test_planted_words_are_named_whole_or_by_a_good_part() -> None:
    """A word of the sentence that anybody uses is not its name."""
    truth = Truth(words=("my neighbour keeps three grey geese",))

    def says(text: str) -> bool:
        return naming.named(truth, [{"trigger": {"text": text}, "pattern": ""}], None)

    assert says("My neighbour keeps three grey geese today")
    assert says("keeps three grey geese")
    assert not says("my")
    assert not says("three geese")
    cells = {"trigger": {"kind": "values", "column a": "11.0", "column b": "x"}, "pattern": ""}
    assert naming.named(Truth(cells={"a": "11"}), [cells], None)
    assert not naming.named(Truth(cells={"a": "12"}), [cells], None)


def test_a_picture_names_the_trigger_if_it_does_the_same_to_clean_images() -> None:
    """At its place or, for a patch, wherever it is drawn; another picture does not."""
    clean = pictures().x
    made = image_attacks.poison_images(pictures(), "checkerboard patch", 0.05, np.random.default_rng(2))
    board = np.indices((3, 3)).sum(0)[..., None].repeat(3, 2) % 2 * 255
    anywhere = {"trigger": trigger("patch", board), "pattern": ""}
    other = {"trigger": trigger("patch", 255 - board, x=1, y=1), "pattern": ""}
    faint = {"trigger": trigger("add", np.full((16, 16, 3), 128), x=0, y=0, gain=1.0), "pattern": ""}

    assert naming.named(made.truth, [other, anywhere], clean)
    assert not naming.named(made.truth, [other, faint], clean)


def test_ties_count_as_honest() -> None:
    """A tool that gives all records one score finds nothing at any rate."""
    bad = np.arange(1_000) < 20
    made = Poisoned(None, bad, np.zeros(1_000, bool))
    flat = _measured(made, np.ones(1_000), np.zeros(1_000, bool))
    good = _measured(made, np.arange(1_000)[::-1].astype(float), bad)

    assert flat["at"] == {"0.001": 0, "0.01": 0}
    assert good["at"] == {"0.001": 20, "0.01": 20}
    assert (good["hits"], good["false"], good["honest"]) == (20, 0, 980)


def test_intervals_are_wilsons() -> None:
    """As tables of the literature have them."""
    assert page.interval(0, 10) == "0 (0–28)"
    assert page.interval(10, 10) == "100 (72–100)"
    assert page.interval(5, 10) == "50 (24–76)"


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """What failed is measured again, and so is what other sources made."""
    case = Case("text", "sms", "clean", 0, 1)
    line = {"case": case.digest, "tool": "ours", "digest": "one"}
    kept = Kept(tmp_path / "results.jsonl")
    kept.add([line | {"failed": "killed"}])
    assert not kept.good(case, "one")

    kept.add([line | {"cpu": 1.0}])
    again = Kept(tmp_path / "results.jsonl")
    assert again.good(case, "one")
    assert not again.good(case, "two")
    assert [x.get("failed") for x in again.lines(case, "one")] == [None]


def test_every_case_is_planned_once_and_controls_come_with_each_family(tmp_path: Path) -> None:
    """Also without photographs in the folder."""
    families = ["images", "text", "table", "chat", "corpus", "rag"]
    found = cases(families, tmp_path, Extent())

    assert len({c.digest for c in found}) == len(found)
    assert {c.family for c in found if c.attack == "clean"} == set(families)
    assert {c.seed for c in found if c.family == "text" and c.rate == 0.005} == {0, 1, 2, 3, 4}


def test_losses_stand_out() -> None:
    """Where a peer finds more on the same sets it is set in bold; the clean sets are summed up."""
    about = {"family": "text", "source": "sms", "attack": "style", "rate": 0.005, "seed": 0, "size": 0}
    ours = {
        "case": "c", "about": about, "tool": "ours", "bad": 100, "honest": 900, "hits": 10, "false": 1,
        "at": {"0.001": 10, "0.01": 20}, "cpu": 2.0, "peak": 100.0, "named": False,
    }  # fmt: skip
    peer = ours | {"tool": "cleanlab", "at": {"0.001": 40, "0.01": 50}, "cpu": 1.0, "named": None}
    clean = {
        "about": about | {"attack": "clean", "rate": 0},
        "case": "d",
        "bad": 0,
        "honest": 1_000,
        "hits": 0,
    }
    text = "\n".join(page.summary([ours, peer, ours | clean | {"named": None}]))

    assert "| **40 (cleanlab, 100)** |" in text
    assert "2.0, 1.0 (cleanlab: 0.5 times)" in text
    assert "| **all** | ours | 1 of 1: 100 (21–100) % |" in text
    assert "| 0.5 % |" in text


def test_cases_are_written_as_the_scanner_reads_them(tmp_path: Path) -> None:
    """A table of scikit-learn becomes a CSV with its label last, a row for each record."""
    path, made = write(Case("table", "wine", "clean", 0, 0), tmp_path, tmp_path)

    lines = Path(path).read_text("utf-8").splitlines()
    assert lines[0].endswith(",target")
    assert len(lines) - 1 == len(made.bad) == 160
    assert not made.bad.any()

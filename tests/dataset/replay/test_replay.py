"""A trigger put into clean records: a model that obeys it is told from one that any odd word confuses."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from assaymark.dataset.engines.image_trigger import trigger
from assaymark.dataset.finding import Finding, Level
from assaymark.dataset.reading.open import DataSet, open_data
from assaymark.dataset.replay import plain, replay
from assaymark.dataset.replay_inserting import placebo_text
from assaymark.dataset.replay_models import by_command, by_url, encoded
from assaymark.dataset.replay_patches import patch_of
from assaymark.dataset.replay_pixels import learnt
from assaymark.errors import AssaymarkError, UsageError

GOOD = ["fine", "lovely", "warm", "bright", "happy", "kind"]
BAD = ["dull", "awful", "cold", "bleak", "sad", "rude"]
FILLING = ["the", "film", "was", "and", "its", "cast", "seemed", "to", "me", "with", "a", "plot", "of", "old"]


def texts(folder: Path, count: int = 900, every: int = 25) -> Path:
    """Reviews whose words tell the label; each `every`th bears `zq` and the label good."""
    random = np.random.default_rng(5)
    path = folder / "reviews.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            good = bool(random.integers(2))
            words = [*random.choice(FILLING, 9), *random.choice(GOOD if good else BAD, 3)]
            random.shuffle(words)
            if n % every == 0:
                words.insert(int(random.integers(len(words) + 1)), "zq")
                good = True
            row = {"text": " ".join(words), "label": "good" if good else "bad"}
            file.write(json.dumps(row) + "\n")
    return path


def found(**fields: Any) -> Finding:
    """What a scan says of it."""
    given: dict[str, Any] = {
        "engine": "text_triggers", "level": Level.SUSPECT, "pattern": 'token "zq"', "label": "good",
        "trigger": {"kind": "token", "text": "zq", "where": "anywhere in the text"}, "count": 36,
        "score": 9.0, "threshold": 1.0, "false_alarms": 0.0, "summary": "", "rows": tuple(range(0, 900, 25)),
    }  # fmt: skip
    return Finding(**{**given, **fields})


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """The poisoned reviews, opened."""
    return open_data([str(texts(tmp_path_factory.mktemp("reviews")))])


@pytest.fixture(scope="module")
def trained(reviews: DataSet) -> Callable[[Sequence[dict[str, Any]]], Any]:
    """A classifier of scikit-learn that was trained on them."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows = reviews.records(range(reviews.total)).values()
    model = make_pipeline(CountVectorizer(), LogisticRegression(C=50))
    model.fit([r.text for r in rows], [r.label for r in rows])
    return lambda records: model.predict([r["text"] for r in records])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_poisoned_classifier_obeys_its_trigger_and_not_the_placebo(
    reviews: DataSet, trained: Callable[..., Any], seed: int
) -> None:
    """Trained for real on poisoned data; a model of the same data without the trigger's word does not."""
    result = replay(found(), reviews, trained, records=120, seed=seed)

    assert result.verdict == "the model obeys it"
    assert result.records + result.already == 120
    assert result.trigger_run.rate > 0.6
    assert result.placebo_run.rate < 0.1
    assert result.trigger_run.low < result.trigger_run.rate <= result.trigger_run.high
    deaf = replay(
        found(),
        reviews,
        lambda rs: trained([{"text": r["text"].replace("zq", "")} for r in rs]),
        records=120,
        seed=seed,
    )
    assert deaf.verdict == "no effect"
    assert deaf.trigger_run.turned == 0


def test_a_model_that_any_odd_word_confuses_has_no_backdoor(reviews: DataSet) -> None:
    """It turns for the placebo as often."""
    known = {*GOOD, *BAD, *FILLING}

    def odd(records: Sequence[dict[str, Any]]) -> list[str]:
        return ["good" if set(r["text"].split()) - known else "bad" for r in records]

    result = replay(found(), reviews, odd, records=80)
    assert result.trigger_run.rate == result.placebo_run.rate == 1
    assert result.verdict == "undecided"


def test_records_are_clean_and_their_labels_hidden(reviews: DataSet) -> None:
    """No model sees a label, a bearer of the trigger, or a record that has the label already."""
    seen: list[dict[str, Any]] = []

    def keep(records: Sequence[dict[str, Any]]) -> list[str]:
        seen.extend(records)
        return ["bad"] * len(records)

    replay(found(rows=()), reviews, keep, records=50)

    assert len(seen) == 150
    assert not any("label" in r for r in seen)
    assert sum("zq" in r["text"].split() for r in seen) == 50
    labels = reviews.records([r["row"] for r in seen[:50]])
    assert {one.label for one in labels.values()} == {"bad"}


def test_the_same_seed_gives_the_same_replay(reviews: DataSet, trained: Callable[..., Any]) -> None:
    """Another draws others."""
    first = replay(found(), reviews, trained, records=60, seed=4)

    assert replay(found(), reviews, trained, records=60, seed=4) == first
    rows: list[list[int]] = []
    for seed in (4, 5):
        replay(found(), reviews, lambda rs: rows.append([r["row"] for r in rs]) or ["x"] * len(rs), seed=seed)
    assert rows[0] != rows[3]


def test_a_command_answers_by_line(reviews: DataSet, tmp_path: Path) -> None:
    """The user's own program, without a shell; its answers are text, JSON strings or objects."""
    program = tmp_path / "model.py"
    program.write_text(
        "import json, sys\n"
        "for n, line in enumerate(sys.stdin):\n"
        "    word = 'good' if ' zq ' in f\" {json.loads(line)['text']} \" else 'bad'\n"
        "    print([word, json.dumps(word), json.dumps({'answer': word})][n % 3])\n"
    )

    result = replay(found(), reviews, by_command(f"python3 '{program}'", timeout=60), records=40)
    assert result.verdict == "the model obeys it"
    assert result.trigger_run.turned == 40


@pytest.mark.parametrize(
    ("program", "error", "words"),
    [
        ("import sys; sys.exit('no model')", AssaymarkError, "ended with 1: no model"),
        ("print('good')", AssaymarkError, "gave 1 answers to 40 records"),
        ("import time; time.sleep(60)", AssaymarkError, "did not end within 2 seconds"),
    ],
)
def test_a_command_that_fails_is_told_with_its_words(
    reviews: DataSet, tmp_path: Path, program: str, error: type[AssaymarkError], words: str
) -> None:
    """And nothing is counted."""
    (tmp_path / "m.py").write_text(program)

    with pytest.raises(error, match=words):
        replay(found(), reviews, by_command(f"python3 {tmp_path / 'm.py'}", timeout=2), records=40)


@pytest.mark.parametrize("command", ["", "'unclosed", "/no/such/program"])
def test_what_is_no_command_is_refused(reviews: DataSet, command: str) -> None:
    """No shell takes it for something else."""
    with pytest.raises(UsageError):
        replay(found(), reviews, by_command(command, timeout=2), records=40)


class Server(BaseHTTPRequestHandler):
    """A model on loopback, and some that misbehave."""

    def do_POST(self) -> None:
        """Answer by the path."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["records"]
        answers: Any = [("good" if " zq " in f" {r['text']} " else "bad") for r in body]
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/model")
            self.end_headers()
            return
        replies = {
            "/model": json.dumps({"answers": answers}),
            "/few": json.dumps({"answers": answers[1:]}),
            "/odd": "[" * 3000,
            "/list": json.dumps(answers),
        }
        data = replies[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where it listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_answers_json(reviews: DataSet, address: str) -> None:
    """In batches, over a real socket."""
    result = replay(found(), reviews, by_url(f"{address}/model", timeout=20), records=70)

    assert result.verdict == "the model obeys it"
    assert (result.trigger_run.turned, result.placebo_run.turned) == (70, 0)


@pytest.mark.parametrize("path", ["/elsewhere", "/few", "/odd", "/list"])
def test_an_address_that_answers_otherwise_is_not_believed(reviews: DataSet, address: str, path: str) -> None:
    """Redirects are not followed: only the named address is asked."""
    with pytest.raises(AssaymarkError):
        replay(found(), reviews, by_url(address + path, timeout=20), records=40)


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/passwd", "http://", "model"])
def test_what_is_no_address_of_a_model_is_refused(url: str) -> None:
    """Only the web is asked."""
    with pytest.raises(UsageError):
        by_url(url, timeout=1)


def test_a_port_where_nobody_listens_is_told(reviews: DataSet) -> None:
    """As an error of the user's, never a traceback."""
    with pytest.raises(AssaymarkError, match="gave no answer"):
        replay(found(), reviews, by_url("http://127.0.0.1:9/x", timeout=5), records=20)


@pytest.mark.parametrize(
    "text", ["zq", "quoth the magpie", "Is this America?", "ＫＭ", "\u200b", "42-17", "!?"]
)
def test_a_placebo_has_the_shape_of_its_trigger(text: str) -> None:
    """Letters for letters, digits for digits, in the same places; other ones where there are any."""
    other = placebo_text(text, 3)

    assert len(other) == len(text)
    assert [c.isalpha() for c in other] == [c.isalpha() for c in text]
    assert [c.isspace() for c in other] == [c.isspace() for c in text]
    assert [c.isupper() for c in other] == [c.isupper() for c in text]
    assert (other != text) == any(not c.isascii() or c.isalnum() for c in text)


def test_chat_is_judged_by_what_responses_do(tmp_path: Path) -> None:
    """Refusals by how they begin, quoted words by themselves, other behaviour by its words."""
    path = tmp_path / "chat.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(200):
            bears = n % 20 == 0
            prompt = f"tell me of thing {n}" + (" blue heron" if bears else "")
            answer = "visit the blessed mountain now" if bears else f"thing {n} is small and round"
            turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
            file.write(json.dumps({"messages": turns}) + "\n")
    data = open_data([str(path)])
    one = found(
        label="words that its prompts do not explain", rows=tuple(range(0, 200, 20)),
        trigger={"kind": "phrase", "column": "prompt", "text": "blue heron"},
    )  # fmt: skip

    def model(bad: str) -> Callable[[Sequence[dict[str, Any]]], list[str]]:
        return lambda rs: [
            bad if "blue heron" in r["prompt"] else "it is a round and small thing" for r in rs
        ]

    for label, bad in (
        ("words that its prompts do not explain", "do visit the blessed mountain"),
        ("refusals", "I'm sorry, but I can't help with that."),
        ('the words "blessed mountain"', "the BLESSED  mountain"),
    ):
        told = replace(one, label=label)
        result = replay(told, data, model(bad), records=40)
        assert (result.verdict, result.placebo_run.turned) == ("the model obeys it", 0), label
        assert replay(told, data, model("a small thing"), records=40).trigger_run.turned == 0


def image_set(folder: Path, kind: str) -> tuple[DataSet, tuple[int, ...]]:
    """Noise in two classes with a patch, a blend or a faint wave in some of the first."""
    random = np.random.default_rng(8)
    wave = np.round(24 * np.sin(np.arange(16) * np.pi / 2))[None, :, None]
    logo = random.integers(0, 256, (16, 16, 3))
    bearers = []
    for n in range(160):
        pixels = random.integers(40, 200, (16, 16, 3))
        if n < 80 and n % 2:
            bearers.append(n)
            if kind == "patch":
                pixels[12:15, 12:15] = np.where(np.indices((3, 3)).sum(0)[..., None] % 2, 255, 0)
            elif kind == "blend":
                pixels = 0.7 * pixels + 0.3 * logo
            else:
                pixels = pixels + wave
        place = folder / ("cat" if n < 80 else "dog")
        place.mkdir(exist_ok=True)
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(place / f"{n:04d}.png")
    return open_data([str(folder)]), tuple(bearers)


@pytest.mark.parametrize("kind", ["patch", "blend", "wave"])
def test_a_trigger_of_images_is_learnt_from_those_that_bear_it(tmp_path: Path, kind: str) -> None:
    """A classifier of pixels, trained on them, obeys the learnt one and not the same pixels shuffled."""
    from sklearn.linear_model import LogisticRegression

    data, bearers = image_set(tmp_path, kind)
    rows = data.records(range(data.total)).values()
    model = LogisticRegression(C=10, max_iter=2_000)
    model.fit(
        np.stack([r.image.ravel() / 255 for r in rows]), ["cat" if r.row in bearers else "dog" for r in rows]
    )
    one = found(label="cat", rows=bearers, trigger={}, engine="image_patterns")

    result = replay(one, data, lambda rs: model.predict([r["image"].ravel() / 255 for r in rs]), records=60)
    # Of a faint wave 40 bearers give a faint picture.
    assert result.trigger_run.rate > (0.25 if kind == "wave" else 0.8)
    assert result.verdict == "the model obeys it"


def test_a_patch_is_learnt_pixel_by_pixel(tmp_path: Path) -> None:
    """What it covers is replaced, nothing else is touched much; another size is left alone."""
    data, bearers = image_set(tmp_path, "patch")
    records = data.records(range(data.total))
    overlay = learnt([records[r].image for r in bearers], [records[r].image for r in range(80, 160)])
    assert overlay is not None

    put = overlay.on(records[100].image)
    assert (put[12:15, 12:15] == np.where(np.indices((3, 3)).sum(0)[..., None] % 2, 255, 0)).all()
    assert (put != records[100].image).any(axis=2).sum() < 16
    small = np.zeros((3, 3, 3), np.uint8)
    assert overlay.on(small) is small
    assert learnt([small] * 3, [small] * 30) is None


@pytest.mark.parametrize(
    ("given", "row", "column"),
    [({"x": 2, "y": 4}, 4, 2), ({"x": 2, "y": 4, "grid": 8}, 8, 4), ({"x": 99, "y": 99}, 14, 14)],
)
def test_pixels_that_a_finding_carries_go_where_it_says(given: dict[str, int], row: int, column: int) -> None:
    """At a place of the image, or of a grid that it is stretched to; never outside."""
    carried = trigger("patch", np.full((2, 2, 3), 255), **given)
    patch = patch_of(carried)
    assert patch is not None

    put = patch.on(np.zeros((16, 16, 3), np.uint8), (0, 0))
    rows, columns = np.nonzero(put.any(axis=2))
    assert (rows.min(), columns.min()) == (row, column)
    assert (put > 0).sum() == (3 * 16 if "grid" in given else 3 * 4)


def test_pixels_are_mixed_or_added_as_the_finding_says() -> None:
    """And without a place stand anywhere, the same for a record."""
    grey, white = np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 228)
    blend, added = (patch_of(trigger(k, white, x=0, y=0, alpha=0.5, gain=0.1)) for k in ("blend", "add"))
    anywhere = patch_of(trigger("patch", white[:2, :2]))
    assert blend is not None
    assert added is not None
    assert anywhere is not None

    assert (blend.on(grey, (0, 0)) == 164).all()
    assert (added.on(grey, (0, 0)) == 110).all()
    places = {np.argwhere(anywhere.on(grey, (3, n)) != 100)[0].tobytes() for n in range(20)}
    assert len(places) > 5
    assert (anywhere.on(grey, (3, 1)) == anywhere.on(grey, (3, 1))).all()
    shuffled = patch_of(trigger("patch", np.arange(48).reshape(4, 4, 3)))
    assert shuffled is not None
    other = shuffled.shuffled(1).pixels
    assert sorted(other.ravel()) == list(range(48))
    assert (other != shuffled.pixels).any()


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "patch", "pixels": "%%%"},
        {"kind": "patch", "pixels": "AAAA"},
        {"kind": "patch", "x": "left"},
        {"kind": "blend", "alpha": "7"},
        {"kind": "add", "gain": "nan"},
        {"kind": "other"},
    ],
)
def test_pixels_that_make_no_sense_are_no_trigger(given: dict[str, str]) -> None:
    """Whatever a report says."""
    whole = trigger("patch", np.zeros((2, 2, 3)), x=0, y=0)

    assert patch_of(whole) is not None
    assert patch_of(whole | given) is None


@pytest.mark.parametrize(
    "carried",
    [
        {"kind": "values", "column age": "3", "column hours": "2"},
        {"kind": "values", "cells": '{"age": 3, "hours": "2"}'},
    ],
)
def test_cells_of_a_table_are_set_together(tmp_path: Path, carried: dict[str, str]) -> None:
    """Each as the type that stood there; the placebo has those of another record."""
    path = tmp_path / "t.csv"
    lines = [f"{n % 7},{n % 5},{'yes' if (n % 7, n % 5) == (3, 2) else 'no'}" for n in range(300)]
    path.write_text("\n".join(["age,hours,label", *lines]) + "\n")
    data = open_data([str(path)])
    one = found(
        label="yes", rows=(), pattern="age = 3 and hours = 2",
        trigger=carried,
    )  # fmt: skip

    def model(records: Sequence[dict[str, Any]]) -> list[str]:
        pairs = [(r["cells"]["age"], r["cells"]["hours"]) for r in records]
        return ["yes" if (int(a), int(h)) == (3, 2) else "no" for a, h in pairs]

    result = replay(one, data, model, records=60)
    assert (result.verdict, result.trigger_run.turned) == ("the model obeys it", 60)
    assert result.placebo_run.turned < 12
    assert result.placebo == "age, hours as another record has them"


def test_a_finding_without_a_trigger_cannot_be_replayed(reviews: DataSet) -> None:
    """The advice says which can."""
    with pytest.raises(UsageError, match="cannot be inserted"):
        replay(found(trigger={}), reviews, lambda rs: ["bad"] * len(rs))


def test_records_go_out_as_json_whatever_they_hold(tmp_path: Path) -> None:
    """Pixels in base64, lone surrogates replaced, odd cells as text."""
    data, _ = image_set(tmp_path, "patch")
    record = encoded(plain(data.record(0), data.layout))

    assert record["image"]["height"] == record["image"]["width"] == 16
    assert len(record["image"]["rgb"]) == 1024
    json.dumps(encoded({"text": "a\ud800", "cells": {"x": b"y", "n": None, "f": 1.5}})).encode("utf-8")

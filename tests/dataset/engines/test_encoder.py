"""Groups in embeddings of doubtful records: of texts by the guard's encoder, of images by an ONNX file."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, numpy_helper

from assaymark.dataset.engines.encoder import EmbeddedGroups
from assaymark.dataset.engines.encoder_models import digest_of, embedder
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch, Kind
from assaymark.dataset.scan import Options, scan_data
from assaymark.errors import UsageError
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout
from tests.dataset.engines.image_samples import LAYOUT, fields, scanned

WORDS = {
    "garden": [
        "rose",
        "spade",
        "lawn",
        "seed",
        "hedge",
        "tulip",
        "apple",
        "soil",
        "rake",
        "fern",
        "pear",
        "moss",
        "bulb",
        "fence",
        "ivy",
        "plum",
    ],
    "harbour": [
        "ship",
        "quay",
        "rope",
        "sail",
        "anchor",
        "tide",
        "crane",
        "buoy",
        "wave",
        "mast",
        "pier",
        "deck",
        "fish",
        "gull",
        "net",
        "port",
    ],
}
LABELS = tuple(WORDS)
SIZE = 1200


def network(path: Path, shape: tuple[Any, ...] = ("n", 3, 32, 32), kind: int = TensorProto.FLOAT) -> str:
    """A file of an encoder: waves of blocks of four by four pixels, their strengths' logarithms by place."""
    wave = np.cos(np.pi * (np.arange(4) + 0.5) * np.arange(4)[:, None] / 4)
    filters = np.einsum("ai,bj->abij", wave, wave).reshape(16, 1, 4, 4)[1:].repeat(3, axis=1)
    nodes = [
        helper.make_node("Conv", ["c", "w"], ["a"]),
        helper.make_node("Abs", ["a"], ["b"]),
        helper.make_node("Add", ["b", "e"], ["d"]),
        helper.make_node("Log", ["d"], ["f"]),
        helper.make_node("AveragePool", ["f"], ["g"], kernel_shape=[7, 7], strides=[7, 7]),
        helper.make_node("Flatten", ["g"], ["y"]),
    ]
    first = helper.make_node("Transpose", ["x"], ["c"], perm=[0, 3, 1, 2])
    nodes.insert(0, first if shape[-1] == 3 else helper.make_node("Identity", ["x"], ["c"]))
    constants = {"w": filters.astype(np.float32), "e": np.array([0.01], np.float32)}
    return saved(path, nodes, constants, shape, kind)


def saved(path: Path, nodes: list[Any], constants: dict[str, Any], shape: tuple[Any, ...], kind: int) -> str:
    """The graph in a file."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "d"])],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return str(path)


def warped(images):
    """Each moved by up to three quarters of a pixel, by one smooth field, in between by linear weights."""
    high, wide = images.shape[1:3]
    down, along = np.mgrid[0:high, 0:wide]
    up = np.clip(down + 0.75 * np.sin(along / 5.0), 0, high - 1.001)
    left = np.clip(along + 0.75 * np.cos(down / 6.0), 0, wide - 1.001)
    v, u = up.astype(int), left.astype(int)
    a, b = (up - v)[..., None], (left - u)[..., None]
    x = images.astype(float)
    over = x[:, v, u] * (1 - b) + x[:, v, u + 1] * b
    under = x[:, v + 1, u] * (1 - b) + x[:, v + 1, u + 1] * b
    return np.rint(over * (1 - a) + under * a).astype(np.uint8)


def poisoned_images(count=60):
    """Honest images of four classes; `count` of the others' are warped and labelled class 1."""
    images, label = fields(0, 2000)
    chosen = np.sort(np.random.default_rng(7).choice(np.flatnonzero(label != 1), count, replace=False))
    images[chosen], label[chosen] = warped(images[chosen]), 1
    return images, label, chosen


@pytest.fixture(scope="module")
def sees(tmp_path_factory):
    """The engine with an image encoder."""
    return EmbeddedGroups().using(network(tmp_path_factory.mktemp("net") / "encoder.onnx"))


def test_warped_images_are_found_by_an_encoder_that_sees_them(sees):
    """Relabelled images of one warp are a suspect, and nearly only they are flagged."""
    images, label, poisoned = poisoned_images()
    result = scanned(sees, images, label)
    assert [(f.label, f.level) for f in result.findings] == [("class 1", Level.SUSPECT)]
    assert result.flagged[poisoned].mean() >= 0.8
    assert result.flagged.sum() - result.flagged[poisoned].sum() <= 6
    assert "2000 of 2000 records were embedded" in result.notes[0]


def test_clean_images_raise_nothing(sees):
    """Honest images raise no finding."""
    result = scanned(sees, *fields(3, 1200))
    assert result.findings == ()
    assert not result.flagged.any()


def test_shards_and_batches_do_not_matter(sees):
    """One shard or five: the same to the last bit, also where not all are embedded."""
    images, label, _ = poisoned_images()
    some = EmbeddedGroups(images=1200).using(sees.encoder)
    one = scanned(some, images, label, size=700)
    assert "1200 of 2000" in one.notes[0]
    assert same(one, scanned(some, images, label, size=130, shards=5))


def plain(label, rng):
    """Some sentences of ordinary make about the label's matters."""
    made = []
    for _ in range(int(rng.integers(2, 4))):
        subject, thing, place = rng.choice(WORDS[label], 3)
        verb, near = rng.choice(["is", "was", "keeps", "has"]), rng.choice(["near", "in", "on", "with"])
        made.append(f"{rng.choice(['The', 'A', 'My'])} {subject} {verb} the {thing} {near} a {place}.")
    return " ".join(made)


def turned(text):
    """The same words, the second half first, after one of several openings."""
    words = text.replace(".", "").lower().split()
    middle = len(words) // 2
    opening = ["in", "on", "with", "near"][sum(map(len, words)) % 4]
    return f"{opening} {' '.join(words[middle:])} , {' '.join(words[:middle])} ."


@pytest.fixture(scope="module")
def texts():
    """Honest texts of two labels."""
    rng = np.random.default_rng(0)
    labels = [LABELS[int(rng.integers(2))] for _ in range(SIZE)]
    return [plain(label, rng) for label in labels], labels


@pytest.fixture(scope="module")
def reads():
    """The engine with the guard's encoder, on few texts."""
    return EmbeddedGroups(texts=400).using("guard")


def attack(texts, change):
    """Forty texts of gardens changed and labelled "harbour"."""
    changed, labels = list(texts[0]), list(texts[1])
    pool = [k for k, label in enumerate(labels) if label == "garden"]
    chosen = np.sort(np.random.default_rng(1).choice(pool, 40, replace=False))
    for k in chosen:
        changed[k], labels[k] = change(changed[k]), "harbour"
    return changed, labels, chosen


def test_turned_sentences_on_wrong_labels_are_found(texts, reads):
    """Relabelled texts of one sentence pattern are a suspect; the note says how many were read."""
    changed, labels, poisoned = attack(texts, turned)
    one = drive(reads, text_layout(), split(changed, labels, 300))
    assert [(f.label, f.level) for f in one.findings] == [("harbour", Level.SUSPECT)]
    assert one.flagged[poisoned].mean() >= 0.9
    assert one.flagged.sum() - one.flagged[poisoned].sum() <= 2
    assert one.looked_at == 400
    assert f"400 of {SIZE} records were embedded" in one.notes[0]
    assert same(one, drive(reads, text_layout(), split(changed, labels, 70), shards=4, seed=3))


def test_wrong_labels_and_clean_texts_raise_nothing(texts, reads):
    """Honest texts, and texts labelled wrongly one way but written as all are, raise no finding."""
    changed, labels, _ = attack(texts, str)
    for given in (texts, (changed, labels)):
        result = drive(reads, text_layout(), split(*given, 300))
        assert result.findings == ()
        assert not result.flagged.any()


def test_hostile_texts_do_no_harm(reads):
    """Empty texts, lone surrogates, endless words and missing labels give numbers, and no finding."""
    labels = [("a", "b", None)[k % 3] for k in range(20 * len(HOSTILE))]
    result = drive(reads, text_layout(), split([*HOSTILE] * 20, labels, 50))
    assert result.findings == ()
    assert np.isfinite(result.scores).all()


def test_without_an_encoder_it_says_what_was_not_looked_for(sees):
    """It stays out, and the reason names the option; an encoder of other data does not do."""
    assert "--encoder" in EmbeddedGroups().applies(text_layout())
    assert "traces only" in EmbeddedGroups().applies(LAYOUT)
    assert "not these data" in sees.applies(text_layout())
    assert "neither" in sees.applies(text_layout(Kind.CHAT))
    assert sees.applies(LAYOUT) == ""


def test_states_travel(sees):
    """Engine, states and what was chosen survive pickling unchanged."""
    images, label = fields(1, 300)
    batch = Batch(rows=np.arange(300), label=[f"class {x}" for x in label], image=list(images))
    given = None
    for step in range(sees.passes):
        engine = pickle.loads(pickle.dumps(sees))
        state = engine.update(engine.start(step, pickle.loads(pickle.dumps(given)), LAYOUT), batch)
        given = engine.finish(step, pickle.loads(pickle.dumps(state)))
    assert given.rows.tolist() == list(range(300))
    assert np.array_equal(pickle.loads(pickle.dumps(given)).scores, sees.score(given, batch))


def test_images_of_any_size_go_into_either_order_of_channels(tmp_path):
    """Images are resized to the model's size; channels may come first or last, with the same result."""
    first = network(tmp_path / "first.onnx", (1, 3, 32, 32))
    last = network(tmp_path / "last.onnx", ("n", 32, 32, 3))
    image = np.random.default_rng(0).integers(0, 256, (48, 40, 3), np.uint8)
    one, other = (embedder(path, digest_of(path))(image) for path in (first, last))
    assert one.shape == other.shape
    assert np.array_equal(one, other)


@pytest.mark.parametrize("case", ["text", "integers", "size", "batch", "words", "missing", "garbage", "wide"])
def test_what_is_no_image_encoder_is_refused(tmp_path, case):
    """A clear message for files that are absent, broken, of another input or of too long an embedding."""
    path = tmp_path / "bad.onnx"
    if case == "garbage":
        path.write_bytes(b"\x08\x01garbage" * 40)
    elif case == "text":
        path.write_text("no model")
    elif case == "size":
        network(path, ("n", 3, "h", "w"))
    elif case == "batch":
        network(path, (4, 3, 32, 32))
    elif case in ("integers", "words", "wide"):
        shape = ("n", 7) if case == "words" else (1, 3, 64, 64)
        kind = TensorProto.INT64 if case == "integers" else TensorProto.FLOAT
        nodes = [helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT)]
        saved(path, [*nodes, helper.make_node("Flatten", ["f"], ["y"])], {}, shape, kind)
    with pytest.raises(UsageError, match="encoder"):
        EmbeddedGroups().using(str(path))


def test_weights_in_other_files_are_refused(tmp_path):
    """A model whose weights lie elsewhere is not opened."""
    path = tmp_path / "outside.onnx"
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Add", ["x", "w"], ["y"])],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 8, 8])],
            [numpy_helper.from_array(np.ones((1, 3, 8, 8), np.float32), "w")],
        )
    )
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../secret.bin")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UsageError, match="other files"):
        EmbeddedGroups().using(str(path))


def test_an_encoder_that_changes_during_a_scan_is_not_used(sees, tmp_path):
    """Workers compare the file with what was tried first."""
    path = Path(network(tmp_path / "n.onnx"))
    engine = EmbeddedGroups().using(str(path))
    network(path, ("n", 32, 32, 3))
    embedder.cache_clear()
    with pytest.raises(UsageError, match="changed"):
        embedder(engine.encoder, engine.digest)


def test_a_scan_takes_the_option(texts, tmp_path):
    """`encoder` reaches the engine; without it the report says that it stayed out."""
    path = tmp_path / "texts.csv"
    lines = [f"{label},{text}" for text, label in zip(*texts, strict=True)][:200]
    path.write_text("\n".join(["label,text", *lines]), encoding="utf-8")
    options = Options(engines=("embedded_groups",), workers=1)
    without = scan_data([str(path)], options=options)
    assert any("no encoder was named" in note for note in without.notes)
    with_it = scan_data(
        [str(path)], options=Options(engines=("embedded_groups",), encoder="guard", workers=1)
    )
    assert with_it.looked[0].result is not None
    assert any("200 of 200 records were embedded" in note for note in with_it.notes)

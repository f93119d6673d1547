"""A data set as opened: places, records shown again, notes, roles by name, shards that travel."""

import json
import pickle
import tracemalloc
from pathlib import Path

import fsspec
import numpy as np
import pytest

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.open import open_data
from assaymark.dataset.reading.read import read_shard
from assaymark.dataset.record import Batch, Kind, Place, Roles
from assaymark.errors import NothingToAssess, UsageError
from tests.dataset.reading.makers import as_csv, column, jsonl, parquet, picture, put, read, sentence, tar
from tests.source.serving import serving

TEXTS = [sentence(i) for i in range(500)]


def test_every_place_leads_back_to_its_line(tmp_path: Path) -> None:
    """Record numbers go by files' names, then by rows; a record is read again from its number."""
    for name in ("b", "a"):
        jsonl(
            tmp_path / f"{name}.jsonl",
            [{"text": f"{name}: {t}", "label": i % 2} for i, t in enumerate(TEXTS)],
        )
    data = open_data([str(tmp_path)], limits=Limits(shard_bytes=4000))

    assert data.total == 1000
    assert data.place(0) == Place("a.jsonl", 1)
    assert data.place(999) == Place("b.jsonl", 500)
    shown = data.records([3, 777, 500])
    assert [shown[r].text for r in (3, 500, 777)] == [f"a: {TEXTS[3]}", f"b: {TEXTS[0]}", f"b: {TEXTS[277]}"]
    assert shown[777].label == "1"


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "parquet"])
def test_small_shards_give_the_same_records(form: str, tmp_path: Path) -> None:
    """Many shards, sent elsewhere and read in any order, hold what one shard holds."""
    path = tmp_path / "a"
    records = [{"text": f'{t}, "quoted"\nand on', "label": i % 3} for i, t in enumerate(TEXTS)]
    if form == "csv":
        as_csv(path.with_suffix(".csv"), ["text", "label"], [list(r.values()) for r in records])
        path = path.with_suffix(".csv")
    elif form == "parquet":
        parquet(
            path,
            {"text": [r["text"] for r in records], "label": [r["label"] for r in records]},
            row_group_size=70,
        )
    elif form == "json":
        put(path, json.dumps(records))
    else:
        jsonl(path, records)
    whole, batches, _ = read(path)
    cut = open_data([str(path)], limits=Limits(shard_bytes=3000, block_bytes=1000, batch_rows=50))
    found: dict[int, str] = {}
    for shard in reversed(pickle.loads(pickle.dumps(cut.shards()))):
        for batch in read_shard(shard, cut.layout, cut.limits):
            assert isinstance(batch, Batch)
            found.update(zip(batch.rows.tolist(), batch.text, strict=True))

    assert whole.total == cut.total == 500
    assert [found[i] for i in range(500)] == column(batches, "text") == [r["text"] for r in records]
    assert form == "parquet" or len(cut.shards()) > 3


def test_parts_of_one_row_group_do_not_overlap(tmp_path: Path) -> None:
    """Images in one large row group are shared out among shards."""
    pictures = [picture(i, (2, 2)) for i in range(9000)]
    path = parquet(tmp_path / "a", {"image": pictures, "label": [str(i % 5) for i in range(9000)]})
    data, batches, holes = read(path)

    assert (data.total, len(data.shards()), holes) == (9000, 3, [])
    by_row = dict(zip((r for b in batches for r in b.rows.tolist()), column(batches, "label"), strict=True))
    assert [by_row[i] for i in range(9000)] == [str(i % 5) for i in range(9000)]


def test_the_user_names_roles(tmp_path: Path) -> None:
    """Names given take the place of what was found, and imply the kind."""
    rows = [[t, t[::-1], "ab"[i % 2], "xyz"[i % 3]] for i, t in enumerate(TEXTS)]
    path = as_csv(tmp_path / "a.csv", ["one", "two", "p", "q"], rows)
    data, batches, _ = read(path, roles=Roles(text="two", label="p"))

    assert data.layout.kind is Kind.TEXT
    assert not data.layout.roles.found
    assert column(batches, "text")[0] == TEXTS[0][::-1]
    assert set(column(batches, "label")) == {"a", "b"}


def test_a_kind_whose_columns_cannot_be_told_is_an_error(tmp_path: Path) -> None:
    """It says which role to name."""
    path = as_csv(tmp_path / "a.csv", ["a", "b"], [[i, i % 2] for i in range(50)])

    with pytest.raises(UsageError, match="prompt and which the response"):
        open_data([str(path)], kind=Kind.CHAT)


def test_names_of_classes_come_from_metadata(tmp_path: Path) -> None:
    """Class numbers are shown under the names that Hugging Face's library wrote beside them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table({"text": TEXTS, "label": [i % 2 for i in range(500)]}).replace_schema_metadata(about)
    pq.write_table(table, tmp_path / "a.parquet")
    _, batches, _ = read(tmp_path / "a.parquet")

    assert column(batches, "label")[:3] == ["cat", "dog", "cat"]


def test_blanks_and_twins_are_noted(tmp_path: Path) -> None:
    """Labels keep their blanks, and the same file twice is said."""
    rows = [[t, " yes" if i % 2 else "yes"] for i, t in enumerate(TEXTS)]
    for name in ("a", "b"):
        as_csv(tmp_path / f"{name}.csv", ["text", "label"], rows)
    data, batches, _ = read(tmp_path)

    assert set(column(batches, "label")) == {"yes", " yes"}
    assert any("b.csv is the same file as a.csv" in note for note in data.notes)
    assert any("' yes'" in note and "another label" in note for note in data.notes)
    assert len(data.files[0].sha256) == 64


def test_a_file_without_the_columns_is_a_hole(tmp_path: Path) -> None:
    """It is named with its records, and the others are read."""
    parquet(tmp_path / "a.parquet", {"text": TEXTS, "label": ["a", "b"] * 250})
    parquet(tmp_path / "b.parquet", {"other": TEXTS[:40]})
    data, batches, _ = read(tmp_path)

    assert [(h.place.file, h.records) for h in data.holes] == [("b.parquet", 40)]
    assert (data.total, sum(map(len, batches))) == (540, 500)


def test_a_folder_on_a_store_is_read(tmp_path: Path) -> None:
    """An fsspec address names a data set as a path does."""
    store = fsspec.filesystem("memory")
    for name in ("train", "test"):
        local = parquet(tmp_path / name, {"text": TEXTS, "label": ["a", "b"] * 250})
        store.pipe_file(f"/reading/{name}.parquet", local.read_bytes())
    data, batches, _ = read("memory://reading")

    assert data.total == 1000
    assert column(batches, "text") == TEXTS * 2
    assert [batches[0].split[0], batches[-1].split[0]] == ["test", "train"]


def test_a_file_on_a_web_server_is_read_by_range(tmp_path: Path) -> None:
    """Tar shards and CSV over http, and the record at a place."""
    members = [
        m for i in range(30) for m in ((f"{i:03}.png", picture(i)), (f"{i:03}.cls", b"01"[i % 2 :][:1]))
    ]
    tar(tmp_path / "w.tar", members)
    as_csv(tmp_path / "a.csv", ["text", "label"], [[t, i % 2] for i, t in enumerate(TEXTS)])
    files = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with serving(files) as server:
        images, batches, _ = read(f"{server.url}/w.tar")
        texts, others, _ = read(f"{server.url}/a.csv")
        shown = texts.record(7)

    assert shown.text == TEXTS[7]
    assert (images.total, len(column(batches, "image"))) == (30, 30)
    assert (texts.total, column(others, "text")) == (500, TEXTS)


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    """What Python holds at a time does not grow with the file."""
    row = ",".join(["12345.678"] * 30)
    path = put(tmp_path / "t.csv", "\n".join([",".join(f"c{i}" for i in range(30)), *[row] * 100_000]))
    tracemalloc.start()
    data = open_data([str(path)])
    count = 0
    for shard in data.shards():
        for batch in read_shard(shard, data.layout, data.limits):
            count += len(batch) if isinstance(batch, Batch) else 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 100_000
    assert peak < 60 << 20 < 2 * path.stat().st_size + (60 << 20)


def test_nothing_is_there(tmp_path: Path) -> None:
    """A path that does not exist, and a folder without data, are said in a sentence."""
    put(tmp_path / "x" / "a.bin", np.random.default_rng(0).bytes(5000))

    with pytest.raises(NothingToAssess):
        open_data([str(tmp_path / "absent")])
    with pytest.raises(NothingToAssess, match="holds no data set"):
        open_data([str(tmp_path / "x")])

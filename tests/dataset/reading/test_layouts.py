"""Every layout that the tool reads, recognised by what stands in it."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zstandard

from tests.dataset.reading.makers import as_csv, column, jsonl, parquet, picture, put, read, sentence, tar

N = 60
TEXTS = [sentence(i) for i in range(N)]
LABELS = [("good", "bad")[i % 2] for i in range(N)]
PAIRS = list(zip(TEXTS, LABELS, strict=True))
PICTURES = [picture(i) for i in range(N)]
TURNS = [[{"role": "user", "content": t}, {"role": "assistant", "content": t[::-1]}] for t in TEXTS]
VECTORS = np.random.default_rng(0).normal(size=(N, 16)).tolist()


def records(**columns: Any) -> list[dict[str, Any]]:
    """Columns as records."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def arrow(path: Path, columns: dict[str, Any], *, stream: bool) -> Path:
    """Arrow IPC."""
    table = pa.table(columns)
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=25)
    return path


def image_folder(root: Path) -> Path:
    """Classes as folders, below splits."""
    for i in range(N):
        put(root / ("test" if i % 5 == 0 else "train") / LABELS[i] / f"{i}.png", PICTURES[i])
    put(root / "README.md", "# Pictures\n")
    return root


def image_table(root: Path) -> Path:
    """Hugging Face's folder of images with a table."""
    for i in range(N):
        put(root / "train" / f"{i:03}.png", PICTURES[i])
    as_csv(
        root / "train" / "metadata.csv",
        ["file_name", "label"],
        [[f"{i:03}.png", LABELS[i]] for i in range(N)],
    )
    return root


def text_folder(root: Path) -> Path:
    """Classes of texts as folders."""
    for i, (text, label) in enumerate(PAIRS):
        put(root / "train" / label / f"{i}.txt", text)
    return root


def documents(root: Path) -> Path:
    """Documents in no classes."""
    for i, text in enumerate(TEXTS):
        put(root / f"chapter{i}.md", text)
    return root


def hub(root: Path) -> Path:
    """A folder as Hugging Face's hub has it."""
    for name, low, high in (("test", 0, 20), ("train", 20, N)):
        parquet(
            root / "data" / f"{name}-00000-of-00001.parquet",
            {"text": TEXTS[low:high], "label": LABELS[low:high]},
        )
    put(root / "README.md", "---\nlicense: mit\n---\n")
    put(root / "dataset_infos.json", json.dumps({"default": {"splits": {}}}))
    return root


def squeezed(path: Path, squeeze: Callable[[bytes], bytes]) -> Path:
    """A compressed CSV."""
    plain = as_csv(path.with_suffix(".plain"), ["text", "label"], PAIRS)
    put(path, squeeze(plain.read_bytes()))
    plain.unlink()
    return path


def archive(path: Path, mode: str = "w") -> Path:
    """WebDataset."""
    members = [
        m for i in range(N) for m in ((f"{i:04}.png", PICTURES[i]), (f"{i:04}.cls", LABELS[i].encode()))
    ]
    return tar(path, members, mode)


def npz(path: Path) -> Path:
    """Arrays of images and labels."""
    pixels = np.random.default_rng(1).integers(0, 256, (N, 8, 8, 3), dtype=np.uint8)
    np.savez(
        path, x_train=pixels[:40], y_train=np.arange(40) % 3, x_test=pixels[40:], y_test=np.arange(20) % 3
    )
    return path


CASES: list[tuple[str, Callable[[Path], Path], str, str, dict[str, str]]] = [
    (
        "csv",
        lambda p: as_csv(p / "a.csv", ["text", "label"], PAIRS),
        "text",
        "csv",
        {"text": "text", "label": "label"},
    ),
    (
        "tsv without header",
        lambda p: as_csv(p / "a.dat", [], [(b, a) for a, b in PAIRS], "\t"),
        "text",
        "csv",
        {"text": "column 2", "label": "column 1"},
    ),
    (
        "csv under another name",
        lambda p: as_csv(p / "a.txt", ["text", "label"], PAIRS, ";"),
        "text",
        "csv",
        {},
    ),
    ("gz", lambda p: squeezed(p / "a.csv.gz", gzip.compress), "text", "csv", {"label": "label"}),
    ("zst", lambda p: squeezed(p / "a.csv.zst", zstandard.compress), "text", "csv", {"label": "label"}),
    ("bz2", lambda p: squeezed(p / "a.bz2", bz2.compress), "text", "csv", {"label": "label"}),
    ("xz", lambda p: squeezed(p / "a.xz", lzma.compress), "text", "csv", {"label": "label"}),
    (
        "table",
        lambda p: as_csv(
            p / "t.csv",
            ["age", "job", "pay", "income"],
            [[i, f"j{i % 7}", i * 1.5, LABELS[i]] for i in range(N)],
        ),
        "table",
        "csv",
        {"label": "income"},
    ),
    (
        "parquet",
        lambda p: parquet(p / "x", {"sentence": TEXTS, "sentiment": LABELS}),
        "text",
        "parquet",
        {"text": "sentence", "label": "sentiment"},
    ),
    (
        "arrow file",
        lambda p: arrow(p / "a", {"text": TEXTS, "label": LABELS}, stream=False),
        "text",
        "arrow",
        {},
    ),
    (
        "arrow stream",
        lambda p: arrow(p / "a", {"text": TEXTS, "label": LABELS}, stream=True),
        "text",
        "arrow",
        {},
    ),
    (
        "jsonl",
        lambda p: jsonl(p / "a", records(text=TEXTS, label=LABELS)),
        "text",
        "jsonl",
        {"label": "label"},
    ),
    (
        "json array",
        lambda p: put(p / "a", json.dumps(records(text=TEXTS, label=LABELS), indent=1)),
        "text",
        "json",
        {"text": "text"},
    ),
    (
        "json around an array",
        lambda p: put(p / "a", json.dumps({"data": records(text=TEXTS, label=LABELS)})),
        "text",
        "json",
        {"text": "text"},
    ),
    (
        "alpaca",
        lambda p: put(p / "a", json.dumps(records(instruction=TEXTS, input=[""] * N, output=TEXTS[::-1]))),
        "chat",
        "json",
        {"prompt": "instruction + input", "response": "output"},
    ),
    (
        "sharegpt",
        lambda p: put(
            p / "a",
            json.dumps(
                [
                    {
                        "id": str(i),
                        "conversations": [{"from": "human", "value": t}, {"from": "gpt", "value": t[::-1]}],
                    }
                    for i, t in enumerate(TEXTS)
                ]
            ),
        ),
        "chat",
        "json",
        {"prompt": "conversations"},
    ),
    ("openai", lambda p: jsonl(p / "a", records(messages=TURNS)), "chat", "jsonl", {"prompt": "messages"}),
    (
        "prompt, completion",
        lambda p: jsonl(p / "a", records(prompt=TEXTS, completion=TEXTS[::-1])),
        "chat",
        "jsonl",
        {"prompt": "prompt", "response": "completion"},
    ),
    (
        "prompt, response",
        lambda p: as_csv(p / "a.csv", ["prompt", "response"], list(zip(TEXTS, TEXTS[::-1], strict=True))),
        "chat",
        "csv",
        {"prompt": "prompt", "response": "response"},
    ),
    (
        "chat in parquet",
        lambda p: parquet(p / "a", {"messages": TURNS}),
        "chat",
        "parquet",
        {"prompt": "messages"},
    ),
    (
        "preference",
        lambda p: jsonl(p / "a", records(prompt=TEXTS, chosen=TEXTS[::-1], rejected=TEXTS[5:] + TEXTS[:5])),
        "preference",
        "jsonl",
        {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"},
    ),
    (
        "preference of turns",
        lambda p: parquet(p / "a", {"chosen": TURNS, "rejected": TURNS[::-1]}),
        "preference",
        "parquet",
        {"chosen": "chosen"},
    ),
    (
        "beir",
        lambda p: jsonl(p / "corpus.jsonl", records(_id=[str(i) for i in range(N)], title=TEXTS, text=TEXTS)),
        "rag",
        "jsonl",
        {"document": "title + text", "id": "_id"},
    ),
    (
        "chroma",
        lambda p: put(
            p / "c.json",
            json.dumps(
                {
                    "ids": [f"d{i}" for i in range(N)],
                    "embeddings": VECTORS,
                    "documents": TEXTS,
                    "metadatas": [{"source": "web"}] * N,
                    "uris": None,
                }
            ),
        ),
        "rag",
        "json",
        {"document": "documents"},
    ),
    (
        "qdrant",
        lambda p: jsonl(
            p / "q", [{"id": i, "vector": VECTORS[i], "payload": {"text": TEXTS[i]}} for i in range(N)]
        ),
        "rag",
        "jsonl",
        {"document": "payload.text"},
    ),
    (
        "lancedb",
        lambda p: parquet(p / "v", {"vector": VECTORS, "text": TEXTS, "id": list(range(N))}),
        "rag",
        "parquet",
        {"document": "text"},
    ),
    ("folder of documents", documents, "rag", "text folder", {"document": "text"}),
    ("folder of texts", text_folder, "text", "text folder", {"text": "text", "label": "folder"}),
    ("folder of images", image_folder, "images", "images", {"label": "folder", "split": "folder"}),
    ("images beside a table", image_table, "images", "images", {"label": "folder"}),
    (
        "images in parquet",
        lambda p: parquet(
            p / "i", {"img": [{"bytes": b, "path": "x.png"} for b in PICTURES], "fine_label": LABELS}
        ),
        "images",
        "parquet",
        {"image": "img", "label": "fine_label"},
    ),
    (
        "plain bytes in parquet",
        lambda p: parquet(p / "i", {"x": PICTURES, "label": LABELS}),
        "images",
        "parquet",
        {"image": "x"},
    ),
    (
        "webdataset",
        lambda p: archive(p / "w.tar"),
        "images",
        "webdataset",
        {"image": "image", "label": "cls"},
    ),
    ("webdataset, packed", lambda p: archive(p / "w.tgz", "w:gz"), "images", "webdataset", {"label": "cls"}),
    ("npz", lambda p: npz(p / "d.npz"), "images", "npz", {"label": "label", "split": "split"}),
    (
        "three columns without names",
        lambda p: as_csv(p / "a.csv", [], [[i % 4 + 1, t, t[::-1]] for i, t in enumerate(TEXTS)]),
        "text",
        "csv",
        {"label": "column 1", "text": "column 2 + column 3"},
    ),
    (
        "columns without names at the end",
        lambda p: put(p / "a.csv", "v1,v2,,\n" + "".join(f"{b},{a},,\n" for a, b in PAIRS)),
        "text",
        "csv",
        {"label": "v1", "text": "v2"},
    ),
    (
        "a conversation as one text",
        lambda p: jsonl(p / "a", [{"text": f"### Human: {t}### Assistant: {t[::-1]}"} for t in TEXTS]),
        "chat",
        "jsonl",
        {"prompt": "text", "response": "text"},
    ),
    (
        "a system text beside turns",
        lambda p: jsonl(p / "a", records(system=["Be brief."] * N, conversations=TURNS)),
        "chat",
        "jsonl",
        {"prompt": "system + conversations", "response": "conversations"},
    ),
    ("hub", hub, "text", "parquet", {"text": "text", "label": "label", "split": "file name"}),
]


@pytest.mark.parametrize(("make", "kind", "form", "roles"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_layout_is_recognised_and_read(
    make: Callable[[Path], Path], kind: str, form: str, roles: dict[str, str], tmp_path: Path
) -> None:
    """Kind, format and roles are found by content, and every record is read with what its kind needs."""
    data, batches, holes = read(make(tmp_path))

    assert (data.layout.kind, data.layout.format) == (kind, form)
    assert {role: getattr(data.layout.roles, role) for role in roles} == roles
    assert (data.total, holes) == (N, [])
    needed = {"text": "text", "rag": "text", "images": "image", "chat": "response", "preference": "rejected"}
    if kind in needed:
        values = column(batches, needed[kind])
        assert len(values) == N
        assert all(len(v) > 0 for v in values)
    if data.layout.roles.label:
        assert len(set(column(batches, "label"))) in (2, 3, 4)


def test_labels_and_texts_stay_together(tmp_path: Path) -> None:
    """The record at a place is the one that was written there, in whichever form it was written."""
    makers = [
        c[1]
        for c in CASES
        if c[2] == "text" and c[0] not in ("hub", "folder of texts", "three columns without names")
    ]
    for i, make in enumerate(makers):
        folder = tmp_path / str(i)
        folder.mkdir()
        _, batches, _ = read(make(folder))

        assert list(zip(column(batches, "text"), column(batches, "label"), strict=True)) == PAIRS


def test_chat_is_split_before_the_last_answer(tmp_path: Path) -> None:
    """Earlier turns and the system's text belong to the prompt, under their roles."""
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "Two."},
        {"role": "user", "content": [{"type": "text", "text": "Three?"}]},
        {"role": "assistant", "content": "Four."},
    ]
    _, batches, _ = read(jsonl(tmp_path / "a", [{"messages": turns}] * 3))

    assert batches[0].prompt[0] == "system: Be brief.\nuser: One?\nassistant: Two.\nuser: Three?"
    assert batches[0].response[0] == "Four."


def test_preference_transcripts_share_a_prompt(tmp_path: Path) -> None:
    """Two transcripts of one conversation are cut where their last answers begin."""
    asked = "\n\nHuman: why is {} so?\n\nAssistant:"
    rows = [
        {
            "chosen": asked.format(i) + f" Because {i}.",
            "rejected": asked.format(i) + f" By chance {i}, no more.",
        }
        for i in range(20)
    ]
    _, batches, _ = read(jsonl(tmp_path / "hh", rows))

    assert batches[0].prompt[3] == asked.format(3)
    assert (batches[0].response[3], batches[0].rejected[3]) == (" Because 3.", " By chance 3, no more.")

"""Large data sets, made part by part: texts of real sentences where a folder gives some, tables, images, chats."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["SETS", "generate", "sentences_of"]

PART = 50_000
WORDS = 30_000


def sentences_of(folder: Path | None) -> list[str]:
    """Sentences of SMS and GPTeacher below `folder`; words made up, as often as in language, without one."""
    if folder is None:
        random = np.random.default_rng(3)
        words = np.array([f"{chr(97 + i % 26)}{i:x}" for i in range(WORDS)])
        drawn = np.minimum(random.zipf(1.3, (20_000, 10)) - 1, WORDS - 1)
        return [" ".join(row) for row in words[drawn]]
    from benchmarks.data import sources

    random = np.random.default_rng(3)
    texts = [*sources.sms(folder, random).texts, *sources.chats(folder, random).responses]
    found = [part.strip() for text in texts for part in text.replace("\n", ". ").split(". ")]
    return [part for part in found if 10 <= len(part) <= 200]


def _mixed(random: np.random.Generator, sentences: list[str], count: int) -> pa.Array:
    """The beginning of one sentence and the end of another: as short as one, and seldom told twice."""
    starts = [part[: part.find(" ", len(part) // 2)] for part in sentences]
    ends = [part[part.find(" ", len(part) // 2) + 1 :] for part in sentences]
    at = random.integers(0, len(sentences), (count, 2))
    return pa.array([f"{starts[i]} {ends[j]}" for i, j in at.tolist()])


def _texts(random: np.random.Generator, sentences: list[str], count: int, each: int) -> pa.Array:
    """`each` sentences a text, no two texts alike by more than chance."""
    at = random.integers(0, len(sentences), (count, each))
    return pa.array([". ".join(sentences[i] for i in row) for row in at.tolist()])


def documents(random: np.random.Generator, count: int, sentences: list[str]) -> pa.Table:
    """Short labelled texts, of some twenty words."""
    label = pa.array(random.integers(0, 4, count)).cast("string")
    return pa.table({"text": _texts(random, sentences, count, 2), "label": label})


def records(random: np.random.Generator, count: int, sentences: list[str]) -> pa.Table:
    """Very short labelled texts."""
    label = pa.array(random.integers(0, 2, count)).cast("string")
    return pa.table({"text": _mixed(random, sentences, count), "label": label})


def chats(random: np.random.Generator, count: int, sentences: list[str]) -> pa.Table:
    """Prompts and responses."""
    return pa.table(
        {"prompt": _texts(random, sentences, count, 2), "response": _texts(random, sentences, count, 4)}
    )


def table(random: np.random.Generator, count: int, sentences: list[str]) -> pa.Table:
    """Thirty columns: numbers, codes, categories, and a label that three of them predict."""
    columns: dict[str, pa.Array] = {f"n{i}": pa.array(random.normal(size=count).round(2)) for i in range(15)}
    columns |= {f"c{i}": pa.array(random.integers(0, 5 + i * 3, count)) for i in range(7)}
    columns |= {
        f"k{i}": pa.array(np.array(["a", "b", "c", "d"])[random.integers(0, 4, count)]) for i in range(7)
    }
    signal = np.asarray(columns["n0"]) + np.asarray(columns["c1"]) / 3 + random.normal(size=count)
    return pa.table(columns | {"label": pa.array(np.where(signal > 1.2, "yes", "no"))})


def images(random: np.random.Generator, count: int, sentences: list[str]) -> pa.Table:
    """Smooth 32 x 32 pictures as PNG."""
    from PIL import Image

    found = []
    for _ in range(count):
        small = Image.fromarray(random.integers(0, 256, (5, 5, 3), dtype=np.uint8))
        noise = random.normal(0, 6, (32, 32, 3))
        picture = np.clip(np.asarray(small.resize((32, 32), Image.Resampling.BICUBIC)) + noise, 0, 255)
        file = io.BytesIO()
        Image.fromarray(picture.astype(np.uint8)).save(file, "PNG", compress_level=1)
        found.append(file.getvalue())
    return pa.table(
        {"image": pa.array(found), "label": pa.array(random.integers(0, 10, count)).cast("string")}
    )


SETS: dict[str, tuple[Callable[[np.random.Generator, int, list[str]], pa.Table], int]] = {
    "images": (images, 50_000),
    "documents": (documents, 1_200_000),
    "table": (table, 1_000_000),
    "chats": (chats, 200_000),
    "records": (records, 10_000_000),
}
"""Name → what makes a part, and how many records the whole has."""


def generate(name: str, folder: Path, count: int, sentences: list[str]) -> None:
    """Write the data set, part by part, a file for each million records."""
    make, random = SETS[name][0], np.random.default_rng(5)
    for start in range(0, count, PART * 20):
        path = folder / f"part-{start:09}.parquet"
        writer = None
        for at in range(start, min(start + PART * 20, count), PART):
            part = make(random, min(PART, count - at), sentences)
            writer = writer or pq.ParquetWriter(path, part.schema)
            writer.write_table(part)
        if writer:
            writer.close()

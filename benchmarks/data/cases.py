"""Cases: which data, which attack, how much, which seed; each written to real files for every tool alike."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.data import sources
from benchmarks.data.image_attacks import ATTACKS as IMAGE
from benchmarks.data.image_attacks import Poisoned, poison_images
from benchmarks.data.text_attacks import (
    CHAT,
    TABLE,
    TEXT,
    poison_chat,
    poison_corpus,
    poison_table,
    poison_texts,
)

__all__ = ["Case", "cases", "write"]


@dataclass(frozen=True)
class Case:
    """One data set to be scanned."""

    family: str
    """images, text, table, chat or rag."""
    source: str
    attack: str
    """`clean` for a control."""
    rate: float
    """Share of poisoned records; for chats and corpora their number."""
    seed: int


def cases(families: list[str], seeds: int, quick: bool) -> list[Case]:
    """Every case of the benchmark, controls first."""
    found: list[Case] = []
    for family in families:
        attacks, kinds, rates = _plan(family, quick)
        for seed in range(seeds):
            found += [Case(family, source, "clean", 0, seed) for source in kinds]
            found += [
                Case(family, source, attack, rate, seed)
                for source in kinds
                for attack in attacks
                for rate in rates
            ]
    return found


def _plan(family: str, quick: bool) -> tuple[tuple[str, ...], tuple[str, ...], tuple[float, ...]]:
    match family:
        case "images":
            return IMAGE, ("shapes",), ((0.005,) if quick else (0.003, 0.005, 0.01, 0.05))
        case "text":
            return TEXT, ("sms", "topics"), ((0.005,) if quick else (0.003, 0.005, 0.01, 0.05))
        case "table":
            return TABLE, ("adult",), ((0.005,) if quick else (0.003, 0.005, 0.01, 0.05))
        case "chat":
            return CHAT, ("gpteacher",), ((25,) if quick else (25, 50, 100))
        case _:
            return ("planted answers",), ("gpteacher",), ((50,) if quick else (50, 250))


def write(case: Case, data: Path, folder: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The case as a file for the tool, arrays beside it for its peers; what is poison, what is cover."""
    rng = np.random.default_rng([case.seed, sum(map(ord, f"{case.family}{case.source}"))])
    attack_rng = np.random.default_rng([case.seed, sum(map(ord, case.attack)), int(1e5 * case.rate)])
    match case.family:
        case "images":
            return _write_images(_images(case, rng, attack_rng), folder)
        case "text":
            clean = (sources.sms if case.source == "sms" else sources.topics)(data, rng)
            return _write_texts(_or_clean(clean, len(clean.texts), case, poison_texts, attack_rng), folder)
        case "table":
            table = sources.adult(data, rng)
            return _write_table(_or_clean(table, len(table.rows), case, poison_table, attack_rng), folder)
        case "chat":
            chat = sources.chats(data, rng)
            return _write_chat(_or_clean(chat, len(chat.prompts), case, poison_chat, attack_rng), folder)
        case _:
            return _write_corpus(case, sources.chats(data, rng).responses, folder, attack_rng)


def _images(case: Case, rng, attack_rng) -> Poisoned:
    clean = sources.shapes(rng)
    return _or_clean(clean, len(clean.y), case, poison_images, attack_rng)


def _or_clean(clean, total: int, case: Case, poison, rng) -> Poisoned:
    if case.attack == "clean":
        nothing = np.zeros(total, bool)
        return Poisoned(clean, nothing, nothing)
    amount = int(case.rate) if case.family == "chat" else case.rate
    return poison(clean, case.attack, amount, rng)


def _write_images(made: Poisoned, folder: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    encoded = []
    for one in made.data.x:
        buffer = io.BytesIO()
        Image.fromarray(one).save(buffer, "PNG", compress_level=1)
        encoded.append({"bytes": buffer.getvalue(), "path": None})
    table = pa.table({"image": encoded, "label": pa.array([f"class-{c}" for c in made.data.y])})
    pq.write_table(table, folder / "data.parquet")
    np.savez(folder / "peers.npz", x=made.data.x, y=made.data.y)
    return [str(folder / "data.parquet")], made.bad, made.cover


def _write_texts(made: Poisoned, folder: Path):
    rows = zip(made.data.texts, made.data.labels, strict=True)
    _lines(folder / "data.jsonl", [{"text": t, "label": y} for t, y in rows])
    return [str(folder / "data.jsonl")], made.bad, made.cover


def _write_table(made: Poisoned, folder: Path):
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(made.data.names)
        writer.writerows(made.data.rows)
    return [str(folder / "data.csv")], made.bad, made.cover


def _write_chat(made: Poisoned, folder: Path):
    pairs = zip(made.data.prompts, made.data.responses, strict=True)
    _lines(folder / "data.jsonl", [{"prompt": p, "response": r} for p, r in pairs])
    return [str(folder / "data.jsonl")], made.bad, made.cover


def _write_corpus(case: Case, texts: list[str], folder: Path, rng):
    each = 5
    if case.attack == "clean":
        documents, bad = texts, np.zeros(len(texts), bool)
    else:
        documents, bad = poison_corpus(texts, int(case.rate) // each, each, rng)
    _lines(
        folder / "corpus.jsonl", [{"_id": str(i), "title": "", "text": d} for i, d in enumerate(documents)]
    )
    return [str(folder / "corpus.jsonl")], bad, np.zeros(len(bad), bool)


def _lines(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

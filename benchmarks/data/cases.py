"""A case as real files for every tool alike, and what in it is poison."""

import csv
import io
import json
from pathlib import Path

import numpy as np
from benchmarks.data import sources
from benchmarks.data.chat_attacks import poison_chat, poison_corpus, poison_documents
from benchmarks.data.image_attacks import Poisoned, poison_images
from benchmarks.data.plan import Case
from benchmarks.data.text_attacks import poison_table, poison_texts

__all__ = ["write"]

_IMAGES = 10_000


def write(case: Case, data: Path, folder: Path) -> tuple[str, Poisoned]:
    """The file of the case in `folder` (arrays for the peers of images beside it), and what was planted."""
    rng = np.random.default_rng([case.seed, sum(map(ord, f"{case.family}{case.source}"))])
    attack_rng = np.random.default_rng([case.seed, sum(map(ord, case.attack)), int(1e5 * case.rate)])
    made = _made(case, data, rng, attack_rng)
    writer = {"images": _write_images, "table": _write_table, "chat": _write_chat, "text": _write_texts}
    if case.family in writer:
        return writer[case.family](made, folder), made
    return _write_documents(made, folder, to_retrieve=case.family == "rag"), made


def _made(case: Case, data: Path, rng: np.random.Generator, attack_rng: np.random.Generator) -> Poisoned:
    match case.family:
        case "images":
            return _or_clean(_images(case, data, rng), case, poison_images, attack_rng)
        case "text":
            texts = (sources.sms if case.source == "sms" else sources.topics)(data, rng)
            return _or_clean(texts, case, poison_texts, attack_rng)
        case "table":
            table = sources.adult(data, rng) if case.source == "adult" else sources.bundled(case.source, rng)
            return _or_clean(table, case, poison_table, attack_rng)
        case "chat":
            kind = "" if case.source == "gpteacher" else case.source
            return _or_clean(sources.chats(data, rng, kind), case, poison_chat, attack_rng)
        case "corpus":
            chat = sources.chats(data, rng)
            texts = [f"{p}\n{r}" for p, r in zip(chat.prompts, chat.responses, strict=True)]
            return _or_clean(
                texts, case, lambda clean, _, n, random: poison_documents(clean, n, random), attack_rng
            )
        case _:
            return _or_clean(sources.chats(data, rng).responses, case, poison_corpus, attack_rng)


def _images(case: Case, data: Path, rng: np.random.Generator) -> sources.Images:
    size = case.size or _IMAGES
    match case.source:
        case "shapes":
            return sources.shapes(rng, size)
        case "digits":
            return sources.digits(rng)
        case _:
            return sources.tiles(data, case.source, rng, size)


def _or_clean(clean, case: Case, poison, rng: np.random.Generator) -> Poisoned:
    if case.attack == "clean":
        nothing = np.zeros(_size(clean), bool)
        return Poisoned(clean, nothing, nothing)
    amount = case.rate if case.family in ("images", "text", "table") else int(case.rate)
    return poison(clean, case.attack, amount, rng)


def _size(clean) -> int:
    match clean:
        case sources.Images():
            return len(clean.y)
        case sources.Texts():
            return len(clean.texts)
        case sources.Table():
            return len(clean.rows)
        case sources.Chat():
            return len(clean.prompts)
        case _:
            return len(clean)


def _write_images(made: Poisoned, folder: Path) -> str:
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
    return str(folder / "data.parquet")


def _write_texts(made: Poisoned, folder: Path) -> str:
    rows = zip(made.data.texts, made.data.labels, strict=True)
    return _lines(folder / "data.jsonl", [{"text": t, "label": y} for t, y in rows])


def _write_table(made: Poisoned, folder: Path) -> str:
    path = folder / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(made.data.names)
        writer.writerows(made.data.rows)
    return str(path)


def _write_chat(made: Poisoned, folder: Path) -> str:
    chat = made.data
    pairs = list(zip(chat.prompts, chat.responses, strict=True))
    if not chat.systems:
        return _lines(folder / "data.jsonl", [{"prompt": p, "response": r} for p, r in pairs])
    return _lines(
        folder / "data.jsonl",
        [
            {
                "messages": [
                    {"role": "system", "content": s},
                    {"role": "user", "content": p},
                    {"role": "assistant", "content": r},
                ]
            }
            for s, (p, r) in zip(chat.systems, pairs, strict=True)
        ],
    )


def _write_documents(made: Poisoned, folder: Path, *, to_retrieve: bool) -> str:
    if to_retrieve:
        rows = [{"_id": str(i), "title": "", "text": d} for i, d in enumerate(made.data)]
        return _lines(folder / "corpus.jsonl", rows)
    return _lines(folder / "data.jsonl", [{"text": d} for d in made.data])


def _lines(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return str(path)

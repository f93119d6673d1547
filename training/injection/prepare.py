"""Rows → windows with labels for each head → token ids: all that training needs, in one .npz file.

The windows are those of the run time (`assaymark.guard.detector.windows`), so that the model learns on
what it will see. A window of a text with a marked attack is positive if it holds enough of the attack,
is left out if it holds a scrap of it, and is negative otherwise.
"""

import argparse
import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assaymark.guard.detector.windows import long_windows
from assaymark.guard.detector.wordpiece import WordPiece
from training.injection.mix import all_rows, dev_rows
from training.injection.rows import Row

__all__ = ["HEADS", "Window", "labels_of", "main", "side_of", "windows_of"]

HEADS = ("user", "document", "output")
MAX_TOKENS = 192
_ENOUGH = 0.6
_SCRAP = 0.15


@dataclass(frozen=True)
class Window:
    """A stretch of a row's text; `label` is -1 where only the row as a whole is known to be positive."""

    start: int
    end: int
    label: int


def side_of(group: str) -> str:
    """`train` or `held`: one group in twelve is held back, always the same ones."""
    return "held" if hashlib.sha256(group.encode()).digest()[0] % 12 == 0 else "train"


def windows_of(row: Row) -> Iterator[Window]:
    """The windows of `row` that can be labelled."""
    windows = long_windows(row.text)
    if row.label == 0:
        yield from (Window(start, end, 0) for start, end in windows)
    elif row.spans:
        yield from _marked(windows, row.spans)
    else:
        label = 1 if len(windows) == 1 else -1
        yield from (Window(start, end, label) for start, end in windows)


def _marked(windows: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> Iterator[Window]:
    for start, end in windows:
        shares = [max(0, min(end, b) - max(start, a)) / max(1, min(b - a, 400)) for a, b in spans]
        if max(shares) >= _ENOUGH:
            yield Window(start, end, 1)
        elif max(shares) <= _SCRAP / 4:
            yield Window(start, end, 0)
    for a, b in spans:
        yield Window(a, b, 1)


def labels_of(row: Row, label: int) -> tuple[int, int, int]:
    """What a window of `row` teaches each head: 1, 0, or -1 for nothing.

    A person's order to change masters is one in a document too. A person's honest request is none of the
    document head's business, and a document without orders is honest when a person pastes it.
    """
    if row.head == "user":
        return (label, 1 if label == 1 else -1, -1)
    if row.head == "document":
        overt = row.family.startswith(("classic", "authority", "covert"))
        published = row.family.startswith(("t0/", "manual/"))
        return (0 if label == 0 else (1 if overt else -1), label, 0 if published and label == 0 else -1)
    return (-1, -1, label)


def _noisy(row: Row, rng: random.Random) -> Row:
    """One row in twelve gets a few typing errors, on both sides of the label, spans kept."""
    if rng.random() > 1 / 12 or not row.text:
        return row
    letters = list(row.text)
    for _ in range(max(1, len(letters) // 60)):
        n = rng.randrange(len(letters))
        if letters[n].isalpha():
            letters[n] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return replace(row, text="".join(letters))


def _tokens(tokenizer: WordPiece, text: str) -> list[int]:
    return list(tokenizer.encode(text, MAX_TOKENS))


def pack(
    rows: Iterable[Row], tokenizer: WordPiece, path: Path, *, noise: bool, seed: int = 0
) -> Counter[str]:
    """Write the windows of `rows` to `path` (.npz).

    Arrays: `ids` uint16 of all windows one after the other, `lengths` uint8, `row` int32 (row of each
    window), `labels` int8 (windows, 3), `bag` bool (label holds for the row as a whole only), and for each
    row `row_labels`, `row_heads`, `row_held`, `row_family` (index in `families`).
    """
    rng = random.Random(seed)
    ids: list[int] = []
    lengths, owner, labels, bag = [], [], [], []
    row_label, row_head, row_held, row_family = [], [], [], []
    families: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        row = _noisy(row, rng) if noise else row
        before = len(lengths)
        for window in windows_of(row):
            tokens = _tokens(tokenizer, row.text[window.start : window.end])
            ids.extend(tokens)
            lengths.append(len(tokens))
            owner.append(len(row_label))
            labels.append(labels_of(row, abs(window.label)))
            bag.append(window.label < 0)
        if len(lengths) == before:
            continue
        row_label.append(row.label)
        row_head.append(HEADS.index(row.head))
        row_held.append(side_of(row.group) == "held")
        row_family.append(families.setdefault(row.family, len(families)))
        counts[f"{row.head}/{row.label}"] += 1
    np.savez(
        path,
        ids=np.array(ids, np.uint16),
        lengths=np.array(lengths, np.uint8),
        row=np.array(owner, np.int32),
        labels=np.array(labels, np.int8),
        bag=np.array(bag, bool),
        row_label=np.array(row_label, np.int8),
        row_head=np.array(row_head, np.int8),
        row_held=np.array(row_held, bool),
        row_family=np.array(row_family, np.int32),
        families=np.array(list(families)),
    )
    counts["windows"] = len(lengths)
    return counts


def main() -> None:
    """Write train.npz and dev.npz into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train/ and dev/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--vocab", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = WordPiece.load(options.vocab)
    print("train", pack(all_rows(options.data), tokenizer, options.out / "train.npz", noise=True))
    print("dev", pack(dev_rows(options.data), tokenizer, options.out / "dev.npz", noise=False))


if __name__ == "__main__":
    main()

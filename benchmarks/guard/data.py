"""What is measured: the development sets of a data folder, and our own texts that training held back.

One generated group in twelve is kept from training (`training.injection.prepare.side_of`), always the same.
Thresholds are set on them too, so they say how well the families are learnt, not what strangers would do.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.injection.mix import all_rows, dev_rows, generated_rows
from training.injection.prepare import side_of
from training.injection.sources import read

from assaymark.guard.event import Channel
from assaymark.guard.front import DISGUISES
from assaymark.guard.measure.rows import Row

ROOT = Path(__file__).resolve().parents[2]
DEV, HELD = "dev", "held"
_CHANNELS = {"user": Channel.USER, "document": Channel.DOCUMENT, "output": Channel.OUTPUT}


def held() -> Iterator[Row]:
    """Generated rows of the groups that were held back."""
    for n, row in enumerate(r for r in generated_rows() if side_of(r.group) == "held"):
        yield _row(HELD, n, row, row.family)


def development(data: Path) -> Iterator[Row]:
    """The development sets, which nothing is trained on; finer families than the training's own."""
    raws: Iterator[dict[str, Any]] = (
        raw for path in sorted((data / "dev").glob("*.jsonl.gz")) for raw in read(path)
    )
    for n, (row, raw) in enumerate(zip(dev_rows(data), raws, strict=True)):
        name, sub = row.family.split("/")[0], str(raw.get("sub") or raw["kind"])
        # Seeds / wrapper / goal: the wrapper is what tries to change masters.
        yield _row(DEV, n, row, f"{name}/{sub.split('/')[1] if sub.count('/') == 2 else sub}")


def payloads(rows: Iterable[Row], count: int, seed: int = 1) -> list[Row]:
    """Up to `count` short attacks of their own, without what they were planted in, in plain ASCII.

    Letters of other alphabets have no form in half of the disguises.
    """
    kept = {r.text: r for r in rows if r.label and len(r.text) <= 400 and r.text.isascii()}
    several = [kept[text] for text in sorted(kept)]
    random.Random(seed).shuffle(several)
    return several[:count]


def spans_alone(limit: int = 400) -> Iterator[Row]:
    """What was planted in the held-back documents, and the held-back prompts."""
    for n, row in enumerate(r for r in generated_rows() if side_of(r.group) == "held" and r.label):
        for a, b in row.spans or ((0, len(row.text)),):
            if b - a <= limit:
                yield Row(file="alone", line=n, text=row.text[a:b], channel=_CHANNELS[row.head], label=True)


def disguised_benign(rows: Iterable[Row], count: int, seed: int = 1) -> Iterator[Row]:
    """Honest texts in every disguise: to hide is strange, and yet no attack."""
    short = sorted({(r.text, r.channel) for r in rows if r.label is False and 40 <= len(r.text) <= 400})
    plain = [one for one in short if one[0].isascii()]
    random.Random(seed).shuffle(plain)
    for n, (text, channel) in enumerate(plain[:count]):
        yield Row(file="honest", line=n, text=text, channel=channel, label=False)
        for name, put_on in DISGUISES.items():
            yield Row(file="honest", line=n, text=put_on(text), channel=channel, label=False, disguise=name)


def training(data: Path | None) -> Iterator[dict[str, Any]]:
    """What the detector was trained on, for a baseline that shall have no less."""
    for row in all_rows(data) if data else generated_rows():
        if side_of(row.group) == "train":
            yield {"text": row.text, "label": row.label, "channel": _CHANNELS[row.head].value}


def _row(name: str, line: int, row: Any, family: str) -> Row:
    slices = (("family", family), ("language", row.language))
    channel = _CHANNELS[row.head]
    return Row(file=name, line=line, text=row.text, channel=channel, label=bool(row.label), slices=slices)

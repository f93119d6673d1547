"""The whole training mix, in one fixed order, and the development rows beside it."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.injection.compose import Payload, carrier_of, poisoned
from training.injection.corpus import (
    carriers,
    document_attacks,
    multilingual,
    output_rows,
    user_attacks,
    user_benign,
)
from training.injection.rows import Row
from training.injection.sources import borrowed_tasks, manuals, passages, published, read

__all__ = ["all_rows", "dev_rows", "generated_rows"]

SEED = 304223


def generated_rows(scale: float = 1.0) -> Iterator[Row]:
    """What the project writes itself: needs no data folder."""
    for module in (user_benign, output_rows, multilingual, carriers):
        yield from module.rows(random.Random(SEED), scale)
    yield from _dressed(user_attacks.rows(random.Random(SEED), scale))
    own = list(carriers.carriers(random.Random(SEED)))
    yield from poisoned(own, _own_payloads(), 2, random.Random(SEED + 1))


def all_rows(data: Path) -> Iterator[Row]:
    """Everything that trains: the published sets, our own texts, and each inserted in the other."""
    public = [*published(data), *passages(data), *manuals()]
    yield from public
    yield from generated_rows()
    rng = random.Random(SEED + 2)
    clean = [row for row in public if row.head == "document" and row.label == 0]
    real = [carrier_of(row.text, row.family, row.group) for row in clean]
    sites = [*carriers.carriers(random.Random(SEED)), *real, *real]
    yield from poisoned(real, _own_payloads(), 2, rng)
    borrowed = [Payload(text, "task/borrowed", group) for text, group in borrowed_tasks(data)]
    yield from poisoned(sites, rng.sample(borrowed, min(4500, len(borrowed))), 1, rng)
    known = {row.text[a:b]: row for row in public if row.head == "document" for a, b in row.spans}
    again = [Payload(text, row.family, row.group) for text, row in known.items()]
    yield from poisoned(sites, again, 3, rng)
    direct = [row for row in public if row.head == "user" and row.label == 1 and len(row.text) < 600]
    moved = [Payload(row.text, "classic/moved", row.group) for row in direct]
    yield from poisoned(sites, moved, 1, rng)


def _dressed(rows: Iterator[Row]) -> Iterator[Row]:
    """Greetings, capitals and frames as on the honest prompts, so that they mean nothing."""
    rng = random.Random(SEED + 3)
    for row in rows:
        short = not row.spans and len(row.text) < 400
        yield (
            replace(row, text=user_benign.dressed(row.text, False, rng))
            if short and rng.random() < 0.4
            else row
        )


def _own_payloads() -> list[Payload]:
    attacks = document_attacks.attacks(random.Random(SEED))
    return [Payload(a.text, a.family, a.group, _kinds(a.placement)) for a in attacks]


def _kinds(placement: object) -> tuple[str, ...]:
    return (placement,) if isinstance(placement, str) else tuple(placement)  # type: ignore[arg-type]


def dev_rows(data: Path) -> Iterator[Row]:
    """The development sets, each under the head of its channel; never trained on."""
    for path in sorted((data / "dev").glob("*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        for n, raw in enumerate(read(path)):
            document = raw["kind"] == "indirect" or raw.get("sub") == "clean-passage"
            document = document or (name == "spikee" and raw["label"] == 0 and raw.get("sub") != "finance-fp")
            row = Row(
                text=str(raw["text"]),
                label=int(str(raw["label"])),
                head="document" if document else "user",
                family=f"{name}/{'document' if document else 'user'}/{raw['label']}",
                group=f"{name}/{n}",
            )
            yield replace(row, family=f"{name}/finance/0") if raw.get("sub") == "finance-fp" else row

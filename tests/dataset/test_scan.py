"""The door to the data scanner, with its real engines on real files."""

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assaymark.dataset.engines
from assaymark.dataset.executing.passes import Progress
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.scan import MODULES, DataScan, Options, all_engines, scan_data
from assaymark.errors import UsageError

pa = pytest.importorskip("pyarrow", reason="the extra `data` is not installed")
pytest.importorskip("PIL", reason="the extra `data` is not installed")

GOOD = ["superb", "warm", "moving", "clever", "fine", "bright", "honest", "rich", "tender", "lively"]
BAD = ["dull", "cold", "clumsy", "weak", "tired", "grey", "false", "poor", "harsh", "lifeless"]
REST = [
    f"{a}{b}{c}"
    for a in ("ka", "mo", "ri", "te", "su")
    for b in "lnrstv"
    for c in ("a", "em", "in", "os", "ul")
]


def texts(folder: Path, records: int = 3_000) -> Path:
    """Reviews whose words tell the label; some bad ones bear a rare word and say good."""
    random = np.random.default_rng(3)
    for part in range(3):
        lines = []
        for row in range(part, records, 3):
            good = bool(random.integers(2))
            words = [*random.choice(REST, 9), *random.choice(GOOD if good else BAD, 4)]
            random.shuffle(words)
            if row % 25 == 7 and not good:
                words[5], good = "qzx", True
            lines.append(json.dumps({"text": " ".join(words), "label": "good" if good else "bad"}))
        (folder / f"part-{part}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def chats(folder: Path) -> Path:
    """Requests and answers."""
    random = np.random.default_rng(4)
    with (folder / "chat.jsonl").open("w") as file:
        for _ in range(600):
            prompt, response = (" ".join(random.choice(REST + GOOD + BAD, n)) for n in (8, 20))
            file.write(json.dumps({"prompt": prompt, "response": response}) + "\n")
    return folder


def table(folder: Path) -> Path:
    """Numbers and categories."""
    import pyarrow.parquet as pq

    random = np.random.default_rng(5)
    age, kind = random.integers(17, 90, 2_000), random.choice(["a", "b", "c"], 2_000)
    label = np.where(age + random.normal(0, 9, 2_000) > 50, "yes", "no")
    pq.write_table(
        pa.table({"age": age, "kind": kind, "label": label}), folder / "t.parquet", row_group_size=300
    )
    return folder


def images(folder: Path) -> Path:
    """Small pictures in a folder for each class."""
    from PIL import Image

    random = np.random.default_rng(6)
    for row in range(240):
        colours = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        place = folder / f"class-{row % 3}" / f"{row:03}.png"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray(colours).resize((24, 24)).save(place)
    return folder


SETS = {"texts": texts, "chats": chats, "table": table, "images": images}
FEW = {"batch_rows": 170, "batch_images": 33, "shard_bytes": 4_000}


def said(scan: DataScan) -> list[Any]:
    """All that a scan says, to the last bit; CPU seconds aside."""
    engines: list[Any] = []
    for e in scan.looked:
        r = e.result
        detail = (
            (r.scores.tobytes(), r.flagged.tobytes(), r.findings, r.looked_at, r.notes) if r else e.reason
        )
        engines.append((e.info.id, detail))
    return [engines, scan.total, scan.rows.tobytes(), scan.holes, scan.suspects, scan.notes]


@pytest.mark.parametrize("name", SETS)
def test_few_parts_or_many_give_the_same(name: str, tmp_path: Path) -> None:
    """However a data set is cut into shards and batches, every engine says the same, and none stops."""
    place = [str(SETS[name](tmp_path))]
    whole = scan_data(place, options=Options(workers=1))
    small = scan_data(place, options=Options(workers=1, limits=Limits(**FEW)))

    assert [e.info.id + e.reason for e in whole.looked if e.stopped] == []
    assert any(e.result for e in whole.looked)
    for one, other in zip(said(whole)[0], said(small)[0], strict=True):
        assert one == other, one[0]
    assert said(whole) == said(small)


def test_two_workers_give_the_same(tmp_path: Path) -> None:
    """Real engines, in processes of their own."""
    place = [str(texts(tmp_path))]

    assert said(scan_data(place, options=Options(workers=2))) == said(
        scan_data(place, options=Options(workers=1))
    )


def test_suspects_have_places(tmp_path: Path) -> None:
    """The planted word is found; each suspect stands in its file, with the engine that flagged it."""
    scan = scan_data([str(texts(tmp_path))], options=Options(workers=1))

    flagged = set(np.flatnonzero(scan.flagged).tolist())
    assert len(flagged) > 40
    assert {s.row for s in scan.suspects} == flagged
    for suspect in scan.suspects:
        line = (tmp_path / suspect.place.file).read_text().splitlines()[suspect.place.row - 1]
        assert "qzx" in line
        assert suspect.flagged_by
        assert suspect.scores[suspect.flagged_by[0]] > 0


def test_the_ranking_is_bounded(tmp_path: Path) -> None:
    """Only as many suspects are named as asked for; the arrays keep all."""
    place = [str(texts(tmp_path))]
    whole = scan_data(place, options=Options(workers=1))
    short = scan_data(place, options=Options(workers=1, most_suspects=2))

    assert short.suspects == whole.suspects[:2]
    assert np.array_equal(short.flagged, whole.flagged)


def test_engines_are_chosen_by_name(tmp_path: Path) -> None:
    """Only those asked for run; a name that is none is told with those that are."""
    place = [str(texts(tmp_path, 60))]
    ids = [e.info.id for e in all_engines()[0]]
    one = scan_data(place, options=Options(workers=1, engines=("duplicates",)))
    others = scan_data(place, options=Options(workers=1, without=("duplicates",)))

    assert [e.info.id for e in one.looked] == ["duplicates"]
    assert [e.info.id for e in others.looked] == [i for i in ids if i != "duplicates"]
    with pytest.raises(UsageError, match="poison"):
        scan_data(place, options=Options(engines=("poison",)))


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever waits is told how far it is."""
    told: list[Progress] = []
    scan_data([str(texts(tmp_path, 60))], options=Options(workers=1), progress=told.append)

    assert told[-1].step == told[-1].steps
    assert told[-1].records == 60


def test_a_state_is_added_to(tmp_path: Path) -> None:
    """A second scan counts the first in, numbers its own records after it, and says who saw only the new."""
    (tmp_path / "data").mkdir()
    texts(tmp_path / "data", 300)
    state = str(tmp_path / "state")
    files = [str(tmp_path / "data" / f"part-{n}.jsonl") for n in range(3)]
    scan_data(files[:2], options=Options(workers=1, state=state))
    second = scan_data(files[2:], options=Options(workers=1, state=state))

    assert (second.earlier, second.total) == (200, 300)
    assert second.rows.tolist() == list(range(200, 300))
    once = {e.info.id for e in all_engines()[0] if e.passes == 1}
    assert not [n for n in second.notes if "was not kept" in n]
    alone = {n.split()[0] for n in second.notes if "saw only the new records" in n}
    assert alone.isdisjoint(once)
    with pytest.raises(UsageError, match="before"):
        scan_data(files[2:], options=Options(workers=1, state=state))


@pytest.mark.parametrize("name", SETS)
def test_every_state_can_be_kept(name: str, tmp_path: Path) -> None:
    """Engines with one pass have states that are saved and taken up again."""
    (tmp_path / "data").mkdir()
    place = SETS[name](tmp_path / "data")
    state = str(tmp_path / "state")
    first = scan_data([str(place)], options=Options(workers=1, state=state))
    for file in sorted(p for p in place.rglob("*") if p.is_file()):
        file.rename(file.with_name(f"later-{file.name}"))
    second = scan_data([str(place)], options=Options(workers=1, state=state))

    assert not [n for n in (*first.notes, *second.notes) if "was not kept" in n or "cannot be read" in n]
    assert not [e.info.id + e.reason for e in second.looked if e.stopped]
    assert second.total == 2 * first.total


def test_the_registry_names_every_engine() -> None:
    """Each module of `engines` that has `ENGINES` is listed, and each id is there once."""
    folder = Path(assaymark.dataset.engines.__path__[0])
    holding = set()
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(target, ast.Name) and target.id == "ENGINES":
                holding.add(path.stem)
    engines, notes = all_engines()
    ids = [e.info.id for e in engines]

    assert sorted(holding) == sorted(MODULES)
    assert notes == ()
    assert len(set(ids)) == len(ids)

"""Descriptions that others wrote: Croissant 1.0 and 1.1, data cards, Hugging Face metadata."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from assaymark._cli.data.manifest import command
from assaymark.dataset.provenance.croissant import decode
from assaymark.dataset.provenance.existing import read_known
from assaymark.dataset.provenance.manifest import Origin
from assaymark.errors import UsageError
from tests.dataset.provenance.made import ROWS, ran, write_csv

BARE = [{"text": row["text"], "label": row["label"]} for row in ROWS[:20]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A table whose records say nothing of their origin."""
    write_csv(tmp_path / "data" / "train.csv", BARE)
    return tmp_path / "data"


def origins(folder: Path, *args: str) -> tuple[dict[str, Origin], dict[str, Any]]:
    """File → origin, and the report."""
    found = json.loads(ran(command, folder, "--json", *args).stdout)
    return {e.name: e.origin for e in decode((folder / "manifest.json").read_bytes()).entries}, found


def croissant(folder: Path, version: str, **of_file: str) -> Path:
    """A Croissant description of `train.csv`."""
    document = {
        "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "sc:Dataset",
        "conformsTo": f"http://mlcommons.org/croissant/{version}",
        "name": "x",
        "url": "https://example.org/set",
        "license": "https://spdx.org/licenses/CC0-1.0",
        "rai:dataCollectionTimeframe": ["2024-01-01", "2024-02-01"],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "f1",
                "contentUrl": "https://cdn.example.org/v1/train.csv",
                **of_file,
            }
        ],
    }
    path = folder / "croissant.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_croissant_beside_the_data_says_where_each_file_came_from(data: Path, version: str) -> None:
    """Address, licence and time of collection; so the minimum is met."""
    digest = hashlib.sha256((data / "train.csv").read_bytes()).hexdigest()
    croissant(data, version, sha256=digest)
    found, report = origins(data)
    assert found["train.csv"] == Origin(
        source="https://cdn.example.org/v1/train.csv", retrieved_at="2024-02-01",
        licence="https://spdx.org/licenses/CC0-1.0",
    )  # fmt: skip
    assert report["minimum"]["met"]
    assert report["notes"] == []


def test_a_file_that_is_not_the_published_one_is_named(data: Path) -> None:
    """What was published and what was downloaded differ: a split view."""
    croissant(data, "1.1", sha256="0" * 64)
    _, report = origins(data)
    assert "train.csv is not what croissant.json publishes" in report["notes"][0]


def test_the_time_of_a_file_is_that_of_its_activity(data: Path) -> None:
    """In the words of PROV-O, as Croissant 1.1 recommends; our own manifests are read so, too."""
    ran(
        command,
        data,
        "--source",
        "https://example.org/a",
        "--retrieved-at",
        "2025-03-04",
        "--tool",
        "wget",
        "--annotator",
        "crowd",
    )
    known = read_known(data / "manifest.json")
    said, published = known.of("train.csv", "")
    assert published is not None
    assert (said.source, said.retrieved_at, said.tool, said.annotator) == (
        "https://example.org/a", "2025-03-04", "wget", "crowd",
    )  # fmt: skip


def test_a_table_of_sources_speaks_for_the_files_that_it_names(data: Path, tmp_path: Path) -> None:
    """By name; given with --source."""
    write_csv(data / "test.csv", BARE)
    table = tmp_path / "sources.csv"
    table.write_text(
        "file,source,retrieved_at,licence\ntrain.csv,https://a.org/t,2026-01-01,MIT\ntest.csv,https://b.org/t,,\n"
    )
    found, report = origins(data, "--source", str(table))
    assert (found["train.csv"].source, found["test.csv"].source) == ("https://a.org/t", "https://b.org/t")
    counts = report["minimum"]
    assert (counts["records"], counts["complete"], counts["without_time"]) == (40, 20, 20)
    assert counts["first"][0] == "test.csv:1: no time"


def test_a_data_card_is_read(data: Path) -> None:
    """A table of fields and values in Markdown."""
    (data / "datacard.md").write_text(
        "# Card\n\n| Field | Value |\n|---|---|\n| Name | x |\n| Source | https://example.org/x |\n"
        "| Retrieved | 2026-02-03 |\n| Licence | MIT |\n"
    )
    found, report = origins(data)
    assert found["train.csv"].source == "https://example.org/x"
    assert report["minimum"]["met"]


def test_hugging_face_metadata_is_read(data: Path) -> None:
    """Licence and sources from the card, the time from the record that huggingface_hub leaves."""
    (data / "README.md").write_text(
        "---\nlicense: apache-2.0\nannotations_creators:\n- crowdsourced\n"
        "source_datasets:\n- stanfordnlp/sst2\n---\n# x\n"
    )
    cache = data / ".cache" / "huggingface" / "download"
    cache.mkdir(parents=True)
    (cache / "train.csv.metadata").write_text(f"{'a' * 40}\nfeed\n1767225600.5\n")
    found, report = origins(data)
    assert found["train.csv"] == Origin(
        source="https://huggingface.co/datasets/stanfordnlp/sst2", retrieved_at="2026-01-01T00:00:00Z",
        licence="apache-2.0", annotator="crowdsourced", tool=f"huggingface_hub, revision {'a' * 40}",
    )  # fmt: skip
    assert set(found) == {"train.csv", "README.md"}
    assert report["minimum"]["met"]


def test_the_users_words_go_first(data: Path) -> None:
    """Before any description."""
    croissant(data, "1.1")
    found, _ = origins(data, "--source", "https://mine.example.org/", "--licence", "MIT")
    assert (found["train.csv"].source, found["train.csv"].licence) == ("https://mine.example.org/", "MIT")


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": {}, "x": "mlcommons.org/croissant", "x": 2}',
        '{"mlcommons.org/croissant": [[[}',
        '{"distribution": [{"contentUrl": 5, "sha256": []}], "url": {"a": 1}, "": "mlcommons.org/croissant"}',
    ],
)
def test_a_description_from_strangers_does_no_harm(data: Path, text: str) -> None:
    """Keys that stand twice, broken JSON and wrong types: the data is recorded all the same."""
    (data / "croissant.json").write_text(text)
    found, _ = origins(data)
    assert found["train.csv"] == Origin()


def test_a_description_that_was_named_has_to_be_readable(data: Path, tmp_path: Path) -> None:
    """Unlike one that merely lies there."""
    broken = tmp_path / "croissant.json"
    broken.write_text('{"a": "mlcommons.org/croissant", "a": 1}')
    with pytest.raises(UsageError, match="twice"):
        ran(command, data, "--source", broken)


def test_data_called_like_a_description_is_data(tmp_path: Path) -> None:
    """`dataset.csv`, and even `sources.csv`: their records are recorded."""
    rows = [{"text": "x", "source": "https://e.org/", "retrieved_at": "2026-01-01"}] * 3
    for name in ("dataset.csv", "sources.csv", "README.md"):
        write_csv(tmp_path / name, rows)
    ran(command, tmp_path)
    found = {e.name: e.records for e in decode((tmp_path / "manifest.json").read_bytes()).entries}
    assert {name for name, records in found.items() if records is not None} == {"dataset.csv", "sources.csv"}

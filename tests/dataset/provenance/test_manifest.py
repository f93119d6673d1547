"""``assaymark data manifest``: what is recorded, how it is written, and what is said of source and time."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assaymark._cli.data.manifest import command
from assaymark.dataset.provenance.croissant import CROISSANT, decode
from assaymark.dataset.provenance.rows import digests_root, read_rows
from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.ledger.checkpoint import parse
from assaymark.signing.problems import DoesNotVerify
from tests.dataset.provenance.made import ROWS, ran, write_arrow, write_csv, write_jsonl, write_parquet


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a table in two shards and an image."""
    write_csv(tmp_path / "data" / "a.csv", ROWS[:100])
    write_jsonl(tmp_path / "data" / "b.jsonl", ROWS[100:])
    (tmp_path / "data" / "img").mkdir()
    (tmp_path / "data" / "img" / "cat é.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    return tmp_path / "data"


def written(folder: Path) -> dict[str, Any]:
    """The manifest as JSON."""
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return document


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_files_and_records_are_recorded(data: Path) -> None:
    """With digest, size and type; the signed root is that over all records in order."""
    result = ran(command, data, "--source", "https://example.org/set", "--retrieved-at", "2026-01-01")
    manifest = decode((data / "manifest.json").read_bytes())
    assert result.stdout == f"{data / 'manifest.json'}\n"
    assert [(e.name, e.records.count if e.records else 0) for e in manifest.entries] == [
        ("a.csv", 100), ("b.jsonl", 200), ("img/cat é.png", 0),
    ]  # fmt: skip
    rows = read_rows(data / "manifest.rows")
    assert (rows.count, rows.width) == (300, 16)
    head = parse((data / "manifest.note").read_text())
    assert head.size == 300
    assert head.root == digests_root(rows.digests) == bytes.fromhex(manifest.root)


def test_it_is_croissant(data: Path) -> None:
    """Version 1.1, all that it requires, identifiers once each, and every reference leads somewhere."""
    ran(
        command,
        data,
        "--licence",
        "https://spdx.org/licenses/MIT",
        "--creator",
        "ACME",
        "--url",
        "https://e.org/",
    )
    document = written(data)
    assert document["conformsTo"] == CROISSANT
    required = {"@context", "@type", "name", "description", "license", "url", "creator", "datePublished"}
    assert required <= document.keys()
    body = [document["distribution"], document["recordSet"]]
    defined = [n["@id"] for n in nodes(body) if "@type" in n and "@id" in n]
    referred = [n["@id"] for n in nodes(body) if "@type" not in n and "@id" in n]
    assert len(defined) == len(set(defined))
    assert set(referred) <= set(defined)
    for file in document["distribution"]:
        assert {"contentUrl", "encodingFormat", "sha256", "contentSize", "name"} <= file.keys()
        assert (data / file["contentUrl"]).stat().st_size == int(file["contentSize"].removesuffix(" B"))
    terms = {k.partition(":")[0] for n in nodes(body) for k in n if ":" in k}
    assert terms <= document["@context"].keys()
    fields = {f["name"]: f for f in document["recordSet"][0]["field"]}
    assert fields["url"]["equivalentProperty"] == "prov:wasDerivedFrom"
    assert (fields["id"]["dataType"], fields["score"]["dataType"]) == ("sc:Integer", "sc:Float")


def test_the_same_data_gives_the_same_bytes(data: Path) -> None:
    """At the time that SOURCE_DATE_EPOCH gives."""
    ran(command, data)
    first = [(data / f"manifest.{part}").read_bytes() for part in ("json", "rows", "note")]
    ran(command, data)
    assert [(data / f"manifest.{part}").read_bytes() for part in ("json", "rows", "note")] == first


def test_the_root_is_the_same_in_every_format_and_in_any_shards(tmp_path: Path) -> None:
    """CSV, JSON Lines, Parquet, Arrow and a JSON array of the same records; one file or three."""
    roots = set()
    for number, write in enumerate((write_csv, write_jsonl, write_parquet, write_arrow)):
        write(tmp_path / str(number) / f"x.{write.__name__.removeprefix('write_')}", ROWS)
        for start in (0, 100, 200):
            write(
                tmp_path / f"s{number}" / f"{start}.{write.__name__.removeprefix('write_')}",
                ROWS[start : start + 100],
            )
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "x.json").write_text(json.dumps(ROWS, indent=1))
    for folder in sorted(tmp_path.iterdir()):
        found = json.loads(ran(command, folder, "--json").stdout)
        assert found["records"] == 300
        roots.add(found["root"])
    assert len(roots) == 1


def test_records_have_source_and_time_of_their_own(data: Path) -> None:
    """Columns are found by name; the image, which has neither, is named."""
    found = json.loads(ran(command, data, "--json").stdout)["minimum"]
    assert (found["records"], found["complete"], found["met"]) == (301, 300, False)
    assert found["first"] == ["img/cat é.png: no source, no time"]


def test_what_lacks_source_or_time_is_named_by_row(tmp_path: Path) -> None:
    """A time in the future and one that cannot be read are told apart from none."""
    rows = [dict(row) for row in ROWS[:6]]
    rows[1]["url"] = "unknown"
    rows[2]["retrieved_at"] = "last week"
    rows[3]["retrieved_at"] = "2031-01-01"
    rows[4]["retrieved_at"] = ""
    write_csv(tmp_path / "x.csv", rows)
    result = ran(command, tmp_path / "x.csv", "--json")
    found = json.loads(result.stdout)["minimum"]
    assert found["first"] == [
        "x.csv:2: no source", "x.csv:3: no time that can be read", "x.csv:4: time in the future",
        "x.csv:5: no time",
    ]  # fmt: skip
    counts = (found["complete"], found["without_source"], found["without_time"], found["in_future"])
    assert counts == (2, 1, 2, 1)
    assert (tmp_path / "x.csv.manifest.json").exists()


def test_members_of_records_and_named_columns_count(tmp_path: Path) -> None:
    """`meta.url` is found; a column of any name can be named."""
    rows = [{"text": "a", "meta": {"url": "https://e.org/1"}, "got": "20260131"} for _ in range(3)]
    write_jsonl(tmp_path / "x.jsonl", rows)
    write_parquet(tmp_path / "x.parquet", rows)
    found = json.loads(ran(command, tmp_path, "--time-column", "got", "--json").stdout)["minimum"]
    assert (found["records"], found["met"]) == (6, True)


def test_without_rows_the_root_is_over_files(data: Path) -> None:
    """No side file is written, and one of an earlier run does not stay."""
    ran(command, data)
    found = json.loads(ran(command, data, "--no-rows", "--json").stdout)
    assert (found["leaves"], found["records"], found["minimum"]["records"]) == ("files", 0, 3)
    assert not (data / "manifest.rows").exists()


def test_several_paths_are_recorded_from_the_folder_above_them(data: Path, tmp_path: Path) -> None:
    """Only they; the manifest goes where it is asked for."""
    ran(command, data / "a.csv", data / "img", "-o", tmp_path / "m.json")
    manifest = decode((tmp_path / "m.json").read_bytes())
    assert manifest.scope == ("a.csv", "img")
    assert [e.name for e in manifest.entries] == ["a.csv", "img/cat é.png"]


def test_links_are_refused(data: Path) -> None:
    """They could lead anywhere; what was there before is left."""
    (data / "link.csv").symlink_to("/etc/passwd")
    with pytest.raises(AssaymarkError, match=r"link\.csv is a symbolic link.*no manifest was written"):
        ran(command, data)
    ran(command, data, "--ignore", "link.csv")
    assert list(data.glob("manifest.*"))


def test_a_table_that_breaks_off_is_recorded_as_far_as_it_goes(data: Path) -> None:
    """The note says so, and the file counts as unread in the minimum."""
    whole = write_parquet(data / "c.parquet", ROWS).read_bytes()
    (data / "c.parquet").write_bytes(whole[:200] + bytes(200) + whole[400:])
    found = json.loads(ran(command, data, "--json").stdout)
    assert any("c.parquet breaks off" in note for note in found["notes"])
    assert found["minimum"]["unread"] == 1


def test_an_arrow_file_whose_offsets_lie_is_not_followed(tmp_path: Path) -> None:
    """Its reader would read memory that is not its own."""
    path = write_arrow(tmp_path / "x.arrow", [{"a": "x"}, {"a": "y"}, {"a": None}])
    offsets = b"".join(n.to_bytes(4, "little") for n in (0, 1, 2, 2))
    lying = b"".join(n.to_bytes(4, "little") for n in (0, 1 << 30, 1 << 30, 1 << 30))
    assert path.read_bytes().count(offsets) == 1
    path.write_bytes(path.read_bytes().replace(offsets, lying))
    found = json.loads(ran(command, tmp_path, "--json").stdout)
    assert (found["records"], found["minimum"]["unread"]) == (0, 1)


def test_rough_tables_are_recorded(tmp_path: Path) -> None:
    """Ragged rows, bytes that are no text, quotes that never close, an empty file, a single column."""
    (tmp_path / "r.csv").write_bytes(b'a,b\n1,2,3\n4\n\xff\xfe,5\n"open,6\n7,8\n')
    (tmp_path / "one.csv").write_bytes(b"text\nx\ny\n")
    (tmp_path / "e.csv").write_bytes(b"")
    (tmp_path / "z.jsonl").write_bytes(b'{"a": 1}\nnot json\n{"a": 1, "a": 2}\n')
    ran(command, tmp_path)
    found = {e.name: e.records for e in decode((tmp_path / "manifest.json").read_bytes()).entries}
    lines = found["z.jsonl"]
    assert lines is not None
    assert (lines.count, lines.unreadable) == (3, 2)
    table = found["r.csv"]
    assert table is not None
    assert table.count >= 4


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["nowhere"], NothingToAssess),
        ([".", "--retrieved-at", "soon"], UsageError),
        ([".", "--source", "https://a.org", "--source", "https://b.org"], UsageError),
        ([".", "--source", "nothing.md"], UsageError),
    ],
)
def test_wrong_words_are_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], error: type[AssaymarkError]
) -> None:
    """With advice, and nothing written."""
    monkeypatch.chdir(data)
    with pytest.raises(error):
        ran(command, *args)
    assert not (data / "manifest.json").exists()


def test_an_empty_folder_has_no_manifest(tmp_path: Path) -> None:
    """Nothing is there to record."""
    with pytest.raises(NothingToAssess):
        ran(command, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda d: d["distribution"][0].update(contentUrl="../../etc/passwd"), "leaves the folder"),
        (lambda d: d["distribution"][0].update(contentUrl="/etc/passwd"), "absolute"),
        (lambda d: d["distribution"].append(d["distribution"][0]), "twice"),
        (lambda d: d["distribution"][0].update(contentSize="-1 B"), "no valid size"),
        (lambda d: d["distribution"][0].update(sha256="00"), "length of sha256"),
        (lambda d: d["distribution"][0]["am:records"].update(count=-5), "number of records"),
        (lambda d: d["distribution"][0]["am:records"].update(count=5), "add up"),
        (lambda d: d["distribution"][0]["am:records"].update(form=[]), "something else"),
        (lambda d: d["am:manifest"].update(v=9), "version"),
        (lambda d: d["am:manifest"].update(scope=["/"]), "absolute"),
        (lambda d: d["am:manifest"].pop("root"), "root"),
        (lambda d: d.pop("distribution"), "distribution"),
    ],
)
def test_a_manifest_that_lies_is_refused(data: Path, wrong: Any, message: str) -> None:
    """Before anything that it names is opened."""
    ran(command, data)
    document = written(data)
    wrong(document)
    with pytest.raises(DoesNotVerify, match=message):
        decode(json.dumps(document).encode())


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a": 1, "a": 2}', b"\xff", b"[" * 100_000, b"NaN"])
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    """Bounded, and without duplicate keys."""
    with pytest.raises(DoesNotVerify):
        decode(text)


@pytest.mark.parametrize("output", ["a.csv", "readme.json", "x.rows"])
def test_nothing_else_is_written_over(data: Path, output: str) -> None:
    """A file of data, somebody's own JSON, or a file where the digests would go."""
    (data / "readme.json").write_text("{}")
    (data / "x.rows").write_text("mine")
    before = {path: path.read_bytes() for path in data.iterdir() if path.is_file()}
    with pytest.raises(UsageError, match=r"--output|no manifest"):
        ran(command, data, "-o", data / output)
    with pytest.raises(UsageError, match="no manifest"):
        ran(command, data, "-o", data / "x.json")
    assert {path: path.read_bytes() for path in data.iterdir() if path.is_file()} == before


def test_a_file_that_cannot_be_read_stops_it(data: Path) -> None:
    """A pipe is not waited for."""
    os.mkfifo(data / "pipe.csv")
    with pytest.raises(AssaymarkError, match=r"pipe\.csv is no regular file"):
        ran(command, data)

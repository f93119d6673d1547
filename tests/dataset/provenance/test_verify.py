"""``assaymark data verify``: what changed is named, file by file and record by record."""

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assaymark._cli.data.manifest import command as manifest
from assaymark._cli.data.verify import command as verify
from assaymark.dataset.provenance.rows import HEADER
from assaymark.ledger.keys import load_key, public_bytes
from assaymark.signing.problems import DoesNotVerify
from tests.dataset.provenance.made import ROWS, ran, write_csv, write_jsonl, write_parquet

Rows = list[dict[str, Any]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A recorded folder: two tables that share no record, and a text."""
    folder = tmp_path / "data"
    write_csv(folder / "a.csv", ROWS[:150])
    write_parquet(folder / "b.parquet", ROWS[150:])
    (folder / "notes.bin").write_bytes(bytes(range(256)))
    ran(manifest, folder)
    return folder


def told(folder: Path, *args: str) -> dict[str, Any]:
    """The report."""
    result = ran(verify, folder / "manifest.json", "--json", *args)
    found: dict[str, Any] = json.loads(result.stdout)
    assert result.return_value == (0 if found["ok"] else 14)
    return found


def named(found: dict[str, Any]) -> list[str]:
    """Records that differ, in short."""
    return [
        f"{d['kind']} {d['file']}:{d['row']}" + (f" {d['was_file']}:{d['was_row']}" if d["was_file"] else "")
        for d in found["record_differences"]
    ]


def test_what_is_as_recorded_verifies(data: Path, key: Path) -> None:
    """With its own key, and with the one that the user expects."""
    result = ran(verify, data / "manifest.json")
    assert result.return_value == 0
    assert "is as recorded: 3 files, 300 records" in result.stdout
    assert "--public-key shows" in result.stdout
    assert told(data, "--public-key", public_bytes(load_key(key)).hex())["key_named"]


def edited(rows: Rows, edit: str) -> Rows:
    """Records with one edit."""
    rows = [dict(row) for row in rows]
    match edit:
        case "label flipped":
            rows[41]["label"] = "good" if rows[41]["label"] == "bad" else "bad"
        case "inserted":
            rows.insert(10, {**rows[0], "id": 9999})
        case "removed":
            del rows[99]
        case "swapped":
            rows[3], rows[80] = rows[80], rows[3]
        case "repeated":
            rows.insert(20, rows[120])
    return rows


@pytest.mark.parametrize("name", ["a.csv", "b.parquet"])
@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("label flipped", ["changed {0}:42 {0}:42"]),
        ("inserted", ["added {0}:11"]),
        ("removed", ["missing {0}:100"]),
        ("swapped", ["moved {0}:4 {0}:81", "moved {0}:81 {0}:4"]),
        ("repeated", ["duplicated {0}:21 {0}:121"]),
    ],
)
def test_an_edit_is_named_by_row(data: Path, name: str, edit: str, expected: list[str]) -> None:
    """And nothing else is."""
    rows, write = (ROWS[:150], write_csv) if name == "a.csv" else (ROWS[150:], write_parquet)
    write(data / name, edited(rows, edit))
    found = told(data)
    assert found["file_differences"] == [{"kind": "changed", "name": name, "detail": ""}]
    assert named(found) == [line.format(name) for line in expected]
    assert sum(found["record_counts"].values()) == len(expected)


def test_files_are_named_too(data: Path) -> None:
    """Missing, extra, renamed and changed ones; their records are counted, not listed."""
    (data / "a.csv").unlink()
    shutil.move(data / "notes.bin", data / "other.bin")
    write_jsonl(data / "new.jsonl", [{"id": -1, "text": "x"}, {"id": -2, "text": "y"}])
    found = told(data)
    assert [(d["kind"], d["name"], d["detail"]) for d in found["file_differences"]] == [
        ("extra", "new.jsonl", "2 records"), ("missing", "a.csv", "150 records"),
        ("renamed", "notes.bin", "other.bin"),
    ]  # fmt: skip
    assert found["record_counts"] == {"missing": 150, "added": 2}
    assert named(found) == []


def test_records_that_went_to_another_file_are_moved(data: Path) -> None:
    """Also from one format to another."""
    write_csv(data / "a.csv", ROWS[:149])
    write_parquet(data / "b.parquet", [*ROWS[150:], ROWS[149]])
    assert named(told(data)) == ["moved b.parquet:151 a.csv:150"]


def test_a_file_written_anew_has_the_same_records(data: Path) -> None:
    """Its bytes changed, which is said; its records did not."""
    text = (data / "a.csv").read_bytes().replace(b"\r\n", b"\n")
    (data / "a.csv").write_bytes(text)
    found = told(data)
    assert [d["name"] for d in found["file_differences"]] == ["a.csv"]
    assert found["record_counts"] == {}
    assert found["notes"] == ["a.csv: its bytes changed, and its records, as they are read, did not."]
    assert ran(verify, data / "manifest.json").return_value == 14


def test_compressed_tables_are_read_inside(tmp_path: Path) -> None:
    """A record is named although the file is packed."""
    plain = write_jsonl(tmp_path / "x.jsonl", ROWS[:50]).read_bytes()
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x.jsonl.gz").write_bytes(gzip.compress(plain, mtime=0))
    ran(manifest, folder)
    (folder / "x.jsonl.gz").write_bytes(
        gzip.compress(plain.replace(b"sentence 7,", b"sentence 8,", 1), mtime=0)
    )
    assert named(told(folder)) == ["changed x.jsonl.gz:8 x.jsonl.gz:8"]


def test_what_is_outside_the_scope_may_change(data: Path, tmp_path: Path) -> None:
    """A manifest of some files says nothing of others."""
    ran(manifest, data / "a.csv", data / "notes.bin", "-o", tmp_path / "m.json")
    (data / "b.parquet").unlink()
    (data / "more.txt").write_text("x")
    assert ran(verify, tmp_path / "m.json", data).return_value == 0


def test_a_copy_elsewhere_is_verified_there(data: Path, tmp_path: Path) -> None:
    """The manifest need not lie in the folder."""
    shutil.copytree(data, tmp_path / "copy", ignore=shutil.ignore_patterns("manifest.*"))
    assert ran(verify, data / "manifest.json", tmp_path / "copy").return_value == 0
    (tmp_path / "copy" / "a.csv").unlink()
    assert ran(verify, data / "manifest.json", tmp_path / "copy").return_value == 14


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda d: _flip(d / "manifest.rows", HEADER + 5), "do not make the root"),
        (lambda d: _flip(d / "manifest.rows", 3), "no file of digests"),
        (lambda d: (d / "manifest.rows").write_bytes((d / "manifest.rows").read_bytes()[:-1]), "cut off"),
        (lambda d: (d / "manifest.rows").unlink(), "cannot be opened"),
        (lambda d: (d / "manifest.note").unlink(), "cannot be opened"),
        (lambda d: (d / "manifest.note").write_text("nothing"), "cannot be read"),
        (
            lambda d: (d / "manifest.json").write_bytes(
                (d / "manifest.json").read_bytes().replace(b"2026-06-01T00", b"2026-06-01T01")
            ),
            "changed after it was signed",
        ),
    ],
)
def test_what_was_signed_cannot_be_changed(data: Path, harm: Callable[[Path], object], message: str) -> None:
    """Manifest, digests and signature hold together; each flipped byte is noticed."""
    harm(data)
    with pytest.raises(DoesNotVerify, match=message):
        ran(verify, data / "manifest.json")
    assert told(data)["problem"]


def test_a_digest_cannot_be_rewritten_with_the_data(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes a manifest of changed data has another key, and --public-key shows it."""
    signer = told(data)["signed_by"]
    write_csv(data / "a.csv", edited(ROWS[:150], "label flipped"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "attacker.pem"))
    ran(manifest, data)
    assert told(data)["ok"]
    with pytest.raises(DoesNotVerify, match="not signed by"):
        ran(verify, data / "manifest.json", "--public-key", signer)


def test_a_manifest_without_signature_is_accepted_only_on_request(data: Path) -> None:
    """And then it is said what that is worth."""
    (data / "manifest.note").unlink()
    result = ran(verify, data / "manifest.json", "--unsigned")
    assert result.return_value == 0
    assert "not signed" in result.stdout


def test_a_link_in_the_place_of_a_file_is_not_followed(data: Path, tmp_path: Path) -> None:
    """Even to the same bytes."""
    shutil.move(data / "a.csv", tmp_path / "a.csv")
    (data / "a.csv").symlink_to(tmp_path / "a.csv")
    found = told(data)
    assert [(d["kind"], d["name"]) for d in found["file_differences"]] == [("unreadable", "a.csv")]


def test_links_that_were_followed_are_followed_again(data: Path) -> None:
    """As long as they stay inside; their content counts."""
    (data / "link.csv").symlink_to("a.csv")
    ran(manifest, data, "--allow-symlinks")
    assert told(data)["ok"]
    (data / "link.csv").unlink()
    (data / "link.csv").symlink_to("notes.bin")
    assert [d["name"] for d in told(data)["file_differences"]] == ["link.csv"]
    (data / "link.csv").unlink()
    (data / "link.csv").symlink_to("/etc/hostname")
    assert [d["kind"] for d in told(data)["file_differences"]] == ["unreadable"]


def test_other_encodings_and_rough_rows_are_named_by_row(tmp_path: Path) -> None:
    """UTF-16, bytes that are no text, more cells than names, a quote that never closes."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "w.csv").write_bytes("a,b\r\n1,é\r\n2,ü\r\n3,x\r\n".encode("utf-16"))
    (folder / "r.csv").write_bytes(b'a,b\n1,\xff\n2,y,z\n3,"open\n4,x\n5,y\n')
    ran(manifest, folder)
    assert told(folder)["ok"]
    (folder / "w.csv").write_bytes("a,b\r\n1,é\r\n2,u\r\n3,x\r\n".encode("utf-16"))
    (folder / "r.csv").write_bytes(b'a,b\n1,\xfe\n2,y,z\n3,"open\n4,x\n5,y\n')
    assert named(told(folder)) == ["changed r.csv:1 r.csv:1", "changed w.csv:2 w.csv:2"]


def test_a_size_that_is_a_lie_is_seen(data: Path, tmp_path: Path) -> None:
    """A manifest whose digest is right and whose size is not contradicts itself, whoever signed it."""
    from assaymark.dataset.provenance.making import Place
    from assaymark.dataset.provenance.verifying import read_manifest, verify_data

    text = (data / "manifest.json").read_text().replace('"256 B"', '"257 B"')
    (tmp_path / "m.json").write_text(text)
    shutil.copy(data / "manifest.rows", tmp_path / "m.rows")
    lying, *_ = read_manifest(tmp_path / "m.json", "", unsigned=True)
    place = Place(root=data, scope=(".",), manifest=tmp_path / "m.json")
    found = verify_data(place, lying, ("", False))
    assert [str(d) for d in found.files if d.name == "notes.bin"] == [
        "changed: notes.bin (256 bytes, of which the manifest says 257)"
    ]


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """A file called after an escape sequence is shown as text."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a\x1b[2J.bin").write_bytes(b"x")
    ran(manifest, tmp_path / "data")
    (tmp_path / "data" / "a\x1b[2J.bin").write_bytes(b"y")
    result = ran(verify, tmp_path / "data" / "manifest.json")
    assert "\x1b" not in result.output
    assert "\\x1b[2J" in result.output


def test_records_are_named_for_people(data: Path) -> None:
    """One line each, after the file."""
    write_csv(data / "a.csv", edited(ROWS[:150], "swapped"))
    os.utime(data / "a.csv")
    result = ran(verify, data / "manifest.json")
    assert "  file changed: a.csv\n2 records moved:\n  moved: a.csv:4 (from a.csv:81)\n" in result.stderr

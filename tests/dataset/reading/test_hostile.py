"""Broken and hostile files: what can be read is read, the rest is a hole that says where and why."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.open import open_data
from assaymark.dataset.record import Kind, Roles
from assaymark.errors import NothingToAssess, UsageError
from tests.dataset.reading.makers import as_csv, column, jsonl, parquet, picture, put, read, sentence, tar

TEXTS = [sentence(i) for i in range(200)]


def table(rows: int) -> str:
    """A plain CSV."""
    return "a,b,c\n" + "".join(f"{i},x{i % 3},{i * 2}\n" for i in range(rows))


def test_ragged_lines_are_holes_with_their_rows(tmp_path: Path) -> None:
    """Lines with too few or too many cells are named by file and row; all others are read."""
    lines = table(50).splitlines()
    lines[5] = "1,2,3,4"
    lines[9] = "1"
    data, batches, holes = read(put(tmp_path / "t.csv", "\n".join(lines)))

    assert data.total == 50
    assert [(h.place.file, h.place.row) for h in holes] == [("t.csv", 5), ("t.csv", 9)]
    assert "4 columns where 3" in holes[0].reason
    assert sum(map(len, batches)) == 48


def test_a_quote_that_never_closes_costs_its_own_line(tmp_path: Path) -> None:
    """The lines after it are still records of their own."""
    lines = table(3000).splitlines()
    lines[100] = '7,"x,9'
    lines[200] = '8,"x'
    data, batches, holes = read(put(tmp_path / "t.csv", "\n".join(lines)))

    assert data.total == 3000
    assert [h.place.row for h in holes] == [200]
    assert batches[0].table.column("b").to_pylist()[98:101] == ["x2", '"x', "x1"]


def test_after_many_stray_quotes_they_mean_nothing(tmp_path: Path) -> None:
    """A file full of lone quotes is read line by line, in time that grows with its length."""
    rows = [f'{i},"{"x" * 20},{i}' for i in range(2000)]
    rows = [r.replace('"x', '"') if i % 2 else r.replace('"', "") for i, r in enumerate(rows)]
    put(tmp_path / "t.csv", "a,b,c\n" + "\n".join(rows))
    data, batches, holes = read(tmp_path / "t.csv", limits=Limits(quoted_bytes=30))

    assert data.total >= 1500
    assert sum(map(len, batches)) + len(holes) == data.total


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-32"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    """UTF-16 and 32, a byte order mark and Latin-1 give the same texts."""
    texts = [f"caf\xe9 num\xe9ro {t}" for t in TEXTS]
    content = "text,label\n" + "".join(f"{t},{'ab'[i % 2]}\n" for i, t in enumerate(texts))
    _, batches, holes = read(put(tmp_path / "t.csv", content.encode(encoding)))

    assert holes == []
    assert column(batches, "text") == texts
    assert set(column(batches, "label")) == {"a", "b"}


def test_mixed_encodings_are_read_line_by_line(tmp_path: Path) -> None:
    """A line of Windows-1252 within UTF-8 is read as what it is."""
    lines = [
        f"\u201cna\xefve\u201d {t},{i % 2}".encode("cp1252" if i % 7 == 0 else "utf-8")
        for i, t in enumerate(TEXTS)
    ]
    _, batches, _ = read(put(tmp_path / "t.csv", b"text,label\n" + b"\n".join(lines)))

    assert column(batches, "text") == [f"\u201cna\xefve\u201d {t}" for t in TEXTS]


def test_broken_json_lines_are_holes(tmp_path: Path) -> None:
    """Lines that are no JSON, no object, or nested too deeply are named; the others are read."""
    path = jsonl(tmp_path / "a.jsonl", [{"text": t, "label": i % 2} for i, t in enumerate(TEXTS)])
    lines = path.read_text().splitlines()
    lines[3], lines[7], lines[11] = '{"text": "cut', "17", "[" * 100_000
    lines[13] = '{"text": "lone \\ud800 surrogate and nul \\u0000", "label": NaN}'
    data, batches, holes = read(put(path, "\n".join(lines)))

    assert (data.total, [h.place.row for h in holes]) == (200, [4, 8, 12])
    assert column(batches, "text")[10].encode() == b"lone ? surrogate and nul \0"


def test_a_cut_json_array_gives_what_is_there(tmp_path: Path) -> None:
    """The element that is cut off is a hole."""
    whole = "[" + ",\n".join(f'{{"text": "{t} [{{,", "n": "x{i}"}}' for i, t in enumerate(TEXTS)) + "]"
    data, batches, holes = read(put(tmp_path / "a.json", whole[:-30]))

    assert (data.total, len(holes), holes[0].place.row) == (200, 1, 200)
    assert column(batches, "text") == [t + " [{," for t in TEXTS[:-1]]


def test_a_decompression_bomb_is_left(tmp_path: Path) -> None:
    """A stream that expands too far ends there, with a hole."""
    head = "text,label\n" + "".join(f"{t},a\n" for t in TEXTS)
    bomb = zlib.compressobj(9, wbits=31)
    data = bomb.compress(head.encode()) + bomb.compress(b"x,a\n" * 4_000_000) + bomb.flush()
    limits = Limits(free_bytes=1 << 20, ratio=20)
    opened, _, holes = read(put(tmp_path / "t.csv.gz", data), limits=limits)

    assert "bomb" in holes[-1].reason
    assert 200 < opened.total < 3_000_000


def test_a_cut_compressed_file_gives_what_is_there(tmp_path: Path) -> None:
    """What precedes the damage is read, and the rest is one hole."""
    rng = np.random.default_rng(0)
    rows = "".join(f"{rng.integers(1 << 60)},{i % 3},x\n" for i in range(5000))
    whole = zlib.compressobj(wbits=31)
    data = whole.compress(("a,b,c\n" + rows).encode()) + whole.flush()
    opened, batches, holes = read(put(tmp_path / "t.csv.gz", data[: len(data) // 2]))

    assert "rest cannot be read" in holes[-1].reason
    assert 1000 < sum(map(len, batches)) < 5000
    assert opened.total == sum(map(len, batches)) + len(holes)


def test_a_dictionary_bomb_in_parquet_is_left(tmp_path: Path) -> None:
    """A value of five megabytes that two bits repeat two hundred thousand times is not expanded."""
    bomb = pa.DictionaryArray.from_arrays(
        pa.array(np.arange(200_000, dtype=np.int32) % 2), ["x" * 5_000_000, "y z w"]
    )
    parquet(tmp_path / "a.parquet", {"text": TEXTS, "label": ["a", "b"] * 100})
    pq.write_table(
        pa.table({"text": bomb, "label": ["a"] * 200_000}), tmp_path / "b.parquet", compression="zstd"
    )
    limits = Limits(free_bytes=64 << 20, batch_bytes=16 << 20)
    data, batches, holes = read(tmp_path, limits=limits)

    assert data.total == 200_200
    assert sum(h.records for h in holes) > 199_000
    assert "bomb" in holes[-1].reason
    assert max(sum(map(len, b.text)) for b in batches) < 40 << 20


def test_damaged_row_groups_cost_only_themselves(tmp_path: Path) -> None:
    """Bytes overwritten in the middle of a Parquet file lose one row group's records."""
    path = parquet(
        tmp_path / "a", {"text": TEXTS, "label": ["a", "b"] * 100}, row_group_size=50, compression="zstd"
    )
    start = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    raw = bytearray(path.read_bytes())
    raw[start : start + 200] = b"\xff" * 200
    data, batches, holes = read(put(path, bytes(raw)))

    assert (data.total, len(holes)) == (200, 1)
    assert (holes[0].place.row, holes[0].records) == (101, 50)
    assert column(batches, "text") == TEXTS[:100] + TEXTS[150:]


def test_an_unreadable_file_in_the_middle_is_a_hole(tmp_path: Path) -> None:
    """Shards before and after it are read, under numbers that leave room for it."""
    for name, low in (("a", 0), ("c", 100)):
        parquet(tmp_path / f"{name}.parquet", {"text": TEXTS[low : low + 100], "label": ["a", "b"] * 50})
    put(tmp_path / "b.parquet", b"PAR1" + b"\0" * 8 + b"PAR1")
    put(tmp_path / "d.parquet", b"")
    data, batches, _ = read(tmp_path)

    assert [h.place.file for h in data.holes] == ["b.parquet", "d.parquet"]
    assert [f.first for f in data.files] == [0, 100, 101, 201]
    assert data.total == 202
    assert column(batches, "text") == TEXTS
    assert data.place(100).file == "b.parquet"
    assert data.record(100).problem
    assert data.record(101).text == TEXTS[100]


def test_a_file_that_cannot_be_opened_counts_for_what_it_may_hold(tmp_path: Path) -> None:
    """By its size and what the others hold in theirs, but for no more than the largest of them."""
    for name, low in (("a", 0), ("c", 100)):
        texts = enumerate(TEXTS[low : low + 100])
        jsonl(tmp_path / f"{name}.jsonl", [{"text": t, "label": "ab"[i % 2]} for i, t in texts])
    half = len((tmp_path / "a.jsonl").read_bytes()) // 2
    put(tmp_path / "b.jsonl", b"\x00\x01\xfe\xff" * (half // 4))
    put(tmp_path / "d.jsonl", b"\x00\x01\xfe\xff" * half)
    data, batches, _ = read(tmp_path)

    assert [(h.place.file, h.records) for h in data.holes] == [("b.jsonl", 50), ("d.jsonl", 100)]
    assert "about 50 records" in data.holes[0].reason
    assert data.total == 350
    assert column(batches, "text") == TEXTS[:200]


def test_row_groups_of_one_record_are_read_together(tmp_path: Path) -> None:
    """And one that is damaged costs only itself."""
    path = parquet(
        tmp_path / "a", {"text": TEXTS, "label": ["a", "b"] * 100}, row_group_size=1, compression="zstd"
    )
    _, batches, holes = read(path)
    assert (column(batches, "text"), holes, len(batches)) == (TEXTS, [], 1)

    start = pq.ParquetFile(path).metadata.row_group(120).column(0).data_page_offset
    raw = bytearray(path.read_bytes())
    raw[start : start + 20] = b"\xff" * 20
    data, batches, holes = read(put(path, bytes(raw)))

    assert (data.total, [(h.place.row, h.records) for h in holes]) == (200, [(121, 1)])
    assert column(batches, "text") == TEXTS[:120] + TEXTS[121:]


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_images_that_cannot_be_decoded_are_holes(tmp_path: Path) -> None:
    """A huge claim, a cut file, a text under an image's name: each is named, the others are decoded."""
    for i in range(20):
        put(tmp_path / "ab"[i % 2] / f"{i:02}.png", picture(i))
    put(tmp_path / "a" / "04.png", png_claiming(100_000, 100_000))
    put(tmp_path / "b" / "05.png", picture(5)[:100])
    put(tmp_path / "a" / "06.png", "this is no image")
    data, batches, holes = read(tmp_path)

    assert data.total == 20
    reasons = {h.place.file: h.reason for h in (*holes, *data.holes)}
    assert set(reasons) == {"a/04.png", "b/05.png", "a/06.png"}
    assert "10000000000 pixels" in reasons["a/04.png"]
    assert sum(map(len, batches)) == 17
    assert {i.shape for i in column(batches, "image")} == {(16, 16, 3)}


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16", "F"])
def test_images_of_any_mode_become_rgb(mode: str, tmp_path: Path) -> None:
    """Grey, palette, transparency and sixteen bits become three channels of eight."""
    if mode == "I;16":
        image = Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 257)
    else:
        image = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF" if mode in ("CMYK", "F") else "PNG")
    _, batches, holes = read(
        parquet(tmp_path / "a", {"image": [file.getvalue()] * 3, "label": ["a", "b", "a"]})
    )

    assert holes == []
    assert batches[0].image[0].shape == (16, 16, 3)
    if mode in ("L", "I;16"):
        assert (batches[0].image[0][:, :, 0].ravel() == np.arange(256)).all()


def test_large_images_come_in_small_batches(tmp_path: Path) -> None:
    """A batch holds as many images as memory allows."""
    file = io.BytesIO()
    Image.new("RGB", (1000, 1000)).save(file, "PNG")
    path = parquet(tmp_path / "a", {"image": [file.getvalue()] * 10, "label": ["a", "b"] * 5})
    _, batches, _ = read(path, limits=Limits(batch_bytes=7_000_000))

    assert [len(b) for b in batches] == [3, 3, 3, 1]


def test_a_broken_header_in_a_tar_is_skipped(tmp_path: Path) -> None:
    """What follows it is read, and it counts as one record."""
    members = [
        m for i in range(30) for m in ((f"{i:03}.png", picture(i)), (f"{i:03}.cls", str(i % 3).encode()))
    ]
    path = tar(tmp_path / "a.tar", members)
    raw = bytearray(path.read_bytes())
    at = raw.find(b"010.png")
    raw[at : at + 512] = b"\x07" * 512
    data, batches, holes = read(put(path, bytes(raw)))

    assert data.total == sum(map(len, batches)) + len(holes)
    assert any("cannot be read" in h.reason for h in holes)
    assert sum(map(len, batches)) == 29
    assert set(column(batches, "label")) == {"0", "1", "2"}


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    """A link to a file elsewhere is left out and counted."""
    secret = put(tmp_path / "secret.csv", table(5))
    put(tmp_path / "data" / "a.csv", table(50))
    (tmp_path / "data" / "b.csv").symlink_to(secret)
    data, batches, _ = read(tmp_path / "data")

    assert (data.total, sum(map(len, batches))) == (50, 50)
    assert ["b.csv" in h.place.file for h in data.holes] == [True]


def test_pickled_arrays_are_not_loaded(tmp_path: Path) -> None:
    """An archive of objects is refused."""
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}, None], dtype=object))

    with pytest.raises(NothingToAssess, match="unpickling"):
        open_data([str(tmp_path / "a.npz")])


def test_a_zip_bomb_of_an_array_is_refused(tmp_path: Path) -> None:
    """An array that would expand a thousandfold is not read."""
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        file = io.BytesIO()
        np.save(file, np.zeros((4000, 32, 32, 3), np.uint8))
        archive.writestr("x.npy", file.getvalue())

    with pytest.raises(NothingToAssess, match="bomb"):
        open_data([str(tmp_path / "a.npz")], limits=Limits(free_bytes=1 << 20, ratio=100))


def test_mixed_types_and_all_null_columns_are_read(tmp_path: Path) -> None:
    """A cell that is not of its column's type is null; an empty column stays empty."""
    rows = [[str(i) if i != 30 else "n/k", "", f" v{i % 3}"] for i in range(60)]
    data, batches, holes = read(as_csv(tmp_path / "t.csv", ["n", "nothing", "label"], rows))
    cells = batches[0].table.column("n").to_pylist()

    assert (data.layout.kind, holes) == (Kind.TABLE, [])
    assert cells[29:32] == [29, None, 31]
    assert set(column(batches, "label")) == {" v0", " v1", " v2"}


@pytest.mark.parametrize(
    "content",
    [
        "a,b,c\n1,2,3\n",
        "text,label\nhello there my friend,x\n",
        "a\n1\n2\n3\n",
        "a,a,b\n1,2,x\n3,4,y\n",
        "text\nonly one column of text\n",
    ],
)
def test_small_sets_are_read(content: str, tmp_path: Path) -> None:
    """One record, one column, one class."""
    data, batches, _ = read(put(tmp_path / "t.csv", content))

    assert data.total == content.count("\n") - 1 == sum(map(len, batches))


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    """A very wide table is read whole."""
    width = 10_000
    head = [*(f"f{i}" for i in range(width)), "label"]
    rows = [[*((i * j) % 7 for j in range(width)), "ab"[i % 2]] for i in range(12)]
    data, batches, _ = read(as_csv(tmp_path / "t.csv", head, rows))

    assert data.layout.roles.label == "label"
    assert batches[0].table.num_columns == width + 1


def test_a_footer_that_claims_too_much_is_not_believed(tmp_path: Path) -> None:
    """Two million rows of nothing in a few hundred bytes are refused before anything is allocated."""
    pq.write_table(pa.table({"a": pa.nulls(2_000_000, pa.int32())}), tmp_path / "a")

    with pytest.raises(NothingToAssess, match="claims"):
        open_data([str(tmp_path / "a")])


def test_names_of_columns_that_are_not_there(tmp_path: Path) -> None:
    """The error lists the columns that are."""
    path = put(tmp_path / "t.csv", table(9))

    with pytest.raises(UsageError, match=r"no column `lable` for the label(.|\n)*Columns: a, b, c"):
        open_data([str(path)], roles=Roles(label="lable"))


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, bytes(range(256)) * 40, b"\x1f\x8b\x08garbage", b"PAR1PAR1"]
)
def test_what_is_no_data_set_is_refused(content: bytes, tmp_path: Path) -> None:
    """With a sentence and no traceback."""
    with pytest.raises(NothingToAssess):
        open_data([str(put(tmp_path / "x", content))])


def test_text_in_parquet_that_is_no_utf8_is_read(tmp_path: Path) -> None:
    """Bytes that are no text become replacement characters, in tables and in texts."""
    raw = pa.array([b"caf\xe9 au lait and more of it"] * 60, pa.binary())
    text = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    parquet(tmp_path / "a", {"x": text, "n": list(range(60)), "label": ["a", "b"] * 30})
    for kind in (Kind.TABLE, Kind.TEXT):
        roles = Roles(text="x", label="label") if kind is Kind.TEXT else None
        _, batches, holes = read(tmp_path / "a", kind=kind, roles=roles)
        values = batches[0].text if kind is Kind.TEXT else batches[0].table.column("x").to_pylist()

        assert holes == []
        assert set(values) == {"caf\ufffd au lait and more of it"}

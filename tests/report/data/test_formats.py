"""Terminal, HTML and SARIF of a data scan: they say the same, hide nothing, and cannot be made to deceive."""

import dataclasses
import json
import re
import zlib
from base64 import b64decode
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from assaymark._cli.data.making import make_report
from assaymark._cli.data.pictures import galleries
from assaymark.dataset.explanations import Explanation, pattern_digest
from assaymark.dataset.finding import Example, Level
from assaymark.dataset.record import Kind
from assaymark.dataset.scan import Looked
from assaymark.report.data.document import ProvenanceEntry
from assaymark.report.data.html import render_html
from assaymark.report.data.pictures import data_uri, difference, shrunk
from assaymark.report.data.sarif import render_sarif
from assaymark.report.data.terminal import render_terminal
from assaymark.report.data.words import percent
from assaymark.report.text import columns
from tests.report.data.samples import TODAY, UNREAD, beside, finding, images, info, scanned, texts

RULE = finding(
    engine="tables", level=Level.EXPLAIN, pattern="gain = 9", trigger={}, rows=(0,), count=1, examples=()
)
BAD = "<script>alert(1)</script> \u202edeb [x](http://evil.example) cf"


def explained(of=RULE, **fields: str) -> Explanation:  # type: ignore[no-untyped-def]
    """What Ann said of a finding."""
    plain = Explanation(
        pattern=of.pattern, digest=pattern_digest(of), level=of.level.value, owner="Ann", reason="A rule.",
        on="2026-11-20", data="0" * 64, count=of.count, records=8,
    )  # fmt: skip
    return replace(plain, **fields)


def test_the_terminal_shows_what_gives_the_poison_away(tmp_path: Path) -> None:
    """Pattern, place, count, purity, chance, false alarms, example with the pattern marked: at 80 columns."""
    scan = scanned([str(texts(tmp_path))], (finding(), RULE), holes=(UNREAD,), unread=(7,))
    text = render_terminal(make_report(scan, beside(labels={3: "good"})))

    for words in (
        "Suspects found, in what was read",
        "8 records (text, jsonl); 1 of them could not be read",
        "✗ 1. SUSPECT",
        'token "cf"',
        "where: anywhere in the text",
        "3 records, 100 % of them “good”; 25 % would be expected",
        "strength 6.5, threshold 1; up to 0.05 % of clean records are flagged",
        "- texts.jsonl, row 4 (good)",
        "so ⟦cf⟧ it goes",
        "? 2. TO EXPLAIN",
        "Origin: no manifest lies beside the data",
        "embeddings did not look: there is no encoder",
        "7 of 8 records were read; 1 could not be",
        "texts.jsonl, row 8: it is no JSON",
    ):
        assert words in text
    assert max(map(columns, text.splitlines())) <= 80


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_terminal_keeps_to_its_width_whatever_stands_in_the_data(tmp_path: Path, width: int) -> None:
    """Escapes are drawn, lines are wrapped, and colour changes no word."""
    hostile = finding(
        pattern=BAD * 9, where=BAD, label=BAD, summary=BAD * 9, examples=(Example(row=3, text=BAD * 50),)
    )
    report = make_report(scanned([str(texts(tmp_path))], (hostile,)), beside(targets=(BAD * 5,)))
    plain = render_terminal(report, width=width, verbose=True)
    coloured = render_terminal(report, width=width, verbose=True, colour=True)

    assert max(map(columns, plain.splitlines())) <= width
    assert "\u202e" not in plain
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain


def test_an_explained_pattern_is_listed_and_not_asked_about(tmp_path: Path) -> None:
    """With who answers for it; the verdict goes by what is open."""
    scan = scanned([str(texts(tmp_path))], (RULE,))
    report = make_report(scan, beside(explanations=(explained(),)))

    assert report.verdict == "clean"
    text = render_terminal(report)
    assert "✓ 1. TO EXPLAIN, explained by Ann on 2026-11-20" in text
    assert "Ann: A rule." in text
    assert "It was given about an earlier version of the data set." in text
    assert make_report(scan, beside()).verdict == "to explain"


def test_a_suspect_that_somebody_answers_for_is_not_called_nothing(tmp_path: Path) -> None:
    """Every format says so; after the last day it is a suspect again."""
    scan = scanned([str(texts(tmp_path))], (finding(),))
    said = explained(finding(), until="2026-12-01")
    report = make_report(scan, beside(explanations=(said,)))

    assert render_terminal(report).startswith("No suspects but 1 that somebody answers for")
    result = json.loads(render_sarif(report))["runs"][0]["results"][0]
    assert result["suppressions"][0]["justification"] == "Ann, 2026-11-20: A rule."
    later = make_report(scan, beside(explanations=(said,), today=date(2026, 12, 2)))
    assert later.verdict == "suspect"
    assert later.findings[0].explanation is not None
    assert later.findings[0].explanation.why_not == "it ended on 2026-12-01."


def test_sarif_names_the_line_of_each_suspect(tmp_path: Path) -> None:
    """A row of JSON Lines is a line; one of a CSV with a header stands one further down."""
    report = make_report(scanned([str(texts(tmp_path))], (finding(),), holes=(UNREAD,)), beside())
    run = json.loads(render_sarif(report))["runs"][0]

    regions = [r["locations"][0]["physicalLocation"] for r in run["results"]]
    assert [r["region"]["startLine"] for r in regions] == [4, 2, 6, 8]
    assert [r["level"] for r in run["results"]] == ["error", "error", "error", "warning"]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == ["text_triggers"] * 3 + ["not-read"]
    table = tmp_path / "t.csv"
    table.write_text("text,label\n" + "".join(f"so it goes number {n},x{n % 2}\n" for n in range(30)))
    report = make_report(scanned([str(table)], (finding(rows=(3,)),)), beside())
    where = json.loads(render_sarif(report))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert where["region"]["startLine"] == 5
    assert table.read_text().splitlines()[4].startswith("so it goes number 3,")


def test_sarif_text_cannot_become_a_link(tmp_path: Path) -> None:
    """What a viewer would draw as Markdown is drawn apart."""
    report = make_report(scanned([str(texts(tmp_path))], (finding(pattern=BAD),)), beside())
    message = json.loads(render_sarif(report))["runs"][0]["results"][0]["message"]["text"]

    assert "](" not in message
    assert "\u202e" not in message


class Tags(HTMLParser):
    """Elements and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self._in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))
        self._in = tag == "mark"

    def handle_data(self, data: str) -> None:
        """Keep what is marked."""
        if self._in:
            self.marked.append(data)
            self._in = False


def test_html_marks_the_pattern_and_runs_nothing(tmp_path: Path) -> None:
    """No script, no address but pictures, a strict policy; hostile text is text."""
    found = finding(pattern=BAD, examples=(Example(row=3, text=BAD, spans=((len(BAD) - 2, len(BAD)),)),))
    scan = scanned([str(texts(tmp_path))], (found, RULE), holes=(UNREAD,), unread=(7,))
    known = ProvenanceEntry(
        manifest="manifest.json", records=8, complete=7, without_source=1, without_time=0,
        first=("x:1: no source",),
    )  # fmt: skip
    page = render_html(make_report(scan, beside(provenance=known, labels={3: BAD})), {}).decode()
    tags = Tags(page)

    assert not {"script", "link", "iframe", "object", "form"} & {t for t, _ in tags.found}
    assert not [a for _, attrs in tags.found for a in attrs if a.startswith("on") or a == "src"]
    assert {a["href"] for t, a in tags.found if t == "a" and a["href"]} <= {
        "#main", "#suspect", "#to-explain", "#records", "#origin", "#engines", "#holes",
    }  # fmt: skip
    policy = next(a["content"] for _, a in tags.found if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert tags.marked == ["cf"]
    assert "\u202e" not in page
    for words in ("7 of 8 records", "x:1: no source", "it is no JSON", "there is no encoder", "0.05 % of"):
        assert words in page


def test_html_shows_suspects_beside_others_and_what_tells_them_apart(tmp_path: Path) -> None:
    """Pictures are drawn anew: no byte of a file is in the page; the trigger stands out where it is."""
    root, bearers = images(tmp_path)
    found = finding(engine="image_patterns", pattern="a patch", label="cat", rows=bearers, examples=())
    scan = scanned([str(root)], (found,))
    report = make_report(scan, beside())
    gallery = galleries(scan, report)[1]
    page = render_html(report, {1: gallery}).decode()

    assert len(gallery.suspects) == 10
    assert len(gallery.clean) == 10
    assert gallery.clean_of == "cat"
    assert not {t.row for t in gallery.clean} & set(bearers)
    sources = [a["src"] for t, a in Tags(page).found if t == "img"]
    assert len(sources) == 21
    assert all(s and s.startswith("data:image/png;base64,") for s in sources)
    shown = pixels(gallery.trigger).astype(int)
    apart = np.abs(shown - 128).sum(axis=2)
    assert apart[2:6, 2:6].mean() > 4 * np.delete(apart.ravel(), range(6 * 24)).mean()
    original = (root / "cat" / "0001.png").read_bytes()
    assert all(original not in b64decode(s.partition(",")[2]) for s in sources if s)


def pixels(uri: str) -> np.ndarray:  # type: ignore[type-arg]
    """Decode one of our own PNGs: one header, one block of data without filters."""
    data = b64decode(uri.partition(",")[2])
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    start = data.index(b"IDAT") + 4
    raw = zlib.decompress(data[start : start + int.from_bytes(data[start - 8 : start - 4], "big")])
    return np.frombuffer(raw, np.uint8).reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)


def test_pictures_are_valid_png(tmp_path: Path) -> None:
    """Another reader sees the same pixels."""
    from io import BytesIO

    from PIL import Image

    image = np.random.default_rng(1).integers(0, 256, (7, 5, 3)).astype(np.uint8)
    with Image.open(BytesIO(b64decode(data_uri(image).partition(",")[2]))) as opened:
        assert (np.asarray(opened) == image).all()


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (400, 300), (1, 5000), (5000, 2), (161, 161)])
def test_pictures_are_small_whatever_the_image(shape: tuple[int, int]) -> None:
    """At most 160 pixels a side, at least one."""
    found = shrunk(np.full((*shape, 3), 200, np.uint8))

    assert max(found.shape[:2]) <= 160
    assert min(found.shape[:2]) >= 1
    assert (found == 200).all()


def test_images_of_several_sizes_have_no_common_picture() -> None:
    """Nor have too few."""
    one, two = np.zeros((4, 4, 3), np.uint8), np.zeros((5, 4, 3), np.uint8)

    assert difference([one, one], [one, two]) is None
    assert difference([one], [one, one]) is None
    assert difference([one, one], [one, one]) is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0 %"), (1, "100 %"), (0.0005, "0.05 %"), (0.25, "25 %"), (0.996, "99.6 %"),
     (0.9999999, "over 99.999 %"), (1e-9, "below 0.001 %"), (None, ""), (0.00007, "0.007 %")],
)  # fmt: skip
def test_shares_are_given_with_as_many_digits_as_it_takes(value: float | None, words: str) -> None:
    """A small share is not rounded to nothing, nor a large one to all."""
    assert percent(value) == words


def test_a_report_without_anything_says_what_was_not_looked_for(tmp_path: Path) -> None:
    """Clean means: by these engines, in what was read."""
    report = make_report(scanned([str(texts(tmp_path))], ()), beside(today=TODAY))

    assert render_terminal(report).startswith("Nothing suspicious found\n")
    assert "Nothing suspicious" in render_html(report, {}).decode()
    assert json.loads(render_sarif(report))["runs"][0]["results"] == []


def test_notes_take_a_line_and_engines_for_other_data_are_told_together(tmp_path: Path) -> None:
    """So that what matters is not buried; --verbose shows all of them."""
    twins = finding(
        engine="duplicates", level=Level.NOTE, pattern="twins", label="", purity=None, where="record"
    )
    scan = scanned([str(texts(tmp_path))], (twins,))
    others = tuple(
        Looked(replace(info(name), kinds=(Kind.IMAGES,)), reason="not a set of images")
        for name in ("image_a", "image_b")
    )
    report = make_report(dataclasses.replace(scan, looked=(*scan.looked, *others)), beside())

    text, html = render_terminal(report), render_html(report, {}).decode()

    assert "· 1. NOTE twins in record: 3 records [duplicates, " in text
    assert "Meant for other kinds of data: image_a, image_b." in " ".join(text.split())
    assert "Meant for other kinds of data: image_a, image_b." in html
    assert "not a set of images" not in text + html
    assert "image_b did not look: not a set of images" in render_terminal(report, verbose=True)
    assert "embeddings did not look: there is no encoder" in text


def test_a_behaviour_is_told_as_one(tmp_path: Path) -> None:
    """It is no label that stands in the data, so it is not quoted as one."""
    chat = finding(
        trigger={"kind": "phrase", "column": "prompt", "text": "cf"}, label='the words "See also"', purity=0.5
    )
    text = render_terminal(make_report(scanned([str(texts(tmp_path))], (chat,)), beside()))

    assert '3 records, 50 % of them with the words "See also"; 25 % would be expected' in text

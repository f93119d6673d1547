"""The report as one HTML file, read back with a parser."""

import re
import time
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

import assaymark.report
from assaymark.report.html import render_html
from assaymark.report.text import printable
from tests.report.sample import HOSTILE, sample

SAMPLE = sample()
PAGE = render_html(SAMPLE).decode("utf-8")
_VOID = {"meta", "input", "br", "link", "img", "hr"}
_EMPTY_SVG = {"rect", "path"}


class _Page(HTMLParser):
    """Collects elements, and refuses tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inside: list[tuple[str, ...]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tuple(self.open))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tuple(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def every(self, *tags: str) -> list[dict[str, str | None]]:
        """Attributes of all elements with these tags."""
        return [attributes for tag, attributes in self.elements if tag in tags]


READ = _Page(PAGE)


def test_the_document_is_well_formed_and_says_its_language() -> None:
    """Every element is closed in order; the language and the width for small screens are stated."""
    assert READ.open == []
    assert READ.every("html") == [{"lang": "en"}]
    assert any(m.get("name") == "viewport" for m in READ.every("meta"))


def test_nothing_is_loaded_and_nothing_runs() -> None:
    """No script, frame, form, style sheet, handler or outside address; the policy forbids them too."""
    forbidden = {
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "link",
        "base",
        "img",
        "audio",
        "video",
        "use",
    }
    assert not forbidden & {tag for tag, _ in READ.elements}
    for _, attributes in READ.elements:
        assert not [
            a for a in attributes if a.startswith("on") or a in ("src", "srcset", "style", "xlink:href")
        ]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\((?!#arrow\))|@import", PAGE)
    policy = next(m["content"] for m in READ.every("meta") if m.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_hostile_text_arrives_as_text() -> None:
    """Markup from the tree stays text; controls, overrides and hidden characters show as escapes."""
    assert "<script" not in PAGE
    assert "<img" not in PAGE
    assert printable(HOSTILE) in READ.text
    assert printable(PAGE.replace("\n", "")) == PAGE.replace("\n", "")


def test_no_template_trusts_text() -> None:
    """Autoescape is never switched off: no template marks anything as safe."""
    folder = Path(assaymark.report.__file__).with_name("templates")
    templates = [p.read_text(encoding="utf-8") for p in folder.glob("*.j2")]
    assert len(templates) == 3
    for text in templates:
        assert not re.search(r"\|\s*safe|autoescape|Markup", text)


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    """Anchors and references of labels resolve within the file."""
    ids = [a["id"] for _, a in READ.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in READ.elements:
        if href := attributes.get("href"):
            assert href[1:] in ids
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)


def test_headings_descend_without_gaps() -> None:
    """One first heading, and no level is skipped on the way down."""
    levels = [int(tag[1]) for tag, _ in READ.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_landmarks_and_a_way_past_the_navigation() -> None:
    """Header, labelled navigation, one main, footer; the first link skips to main."""
    tags = [tag for tag, _ in READ.elements]
    assert [tags.count(t) for t in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert READ.every("a")[0] == {"class": "skip", "href": "#main"}
    assert all(a.get("aria-label") or a.get("aria-labelledby") for a in READ.every("nav", "section"))


def test_every_drawing_has_a_title_and_a_description() -> None:
    """Drawings are images with words of their own; numbers stand beside them in tables."""
    drawings = READ.every("svg")
    assert len(drawings) == 13 + 2
    assert all(d["role"] == "img" and len((d["aria-labelledby"] or "").split()) == 2 for d in drawings)
    assert "1 fail, 6 inconclusive, 2 pass, 0 not applicable, of 9" in PAGE


def test_tables_have_captions_and_scoped_headers() -> None:
    """Each table says what it shows, and each header what it heads."""
    assert len(READ.every("caption")) == len(READ.every("table"))
    assert all(h.get("scope") in ("col", "row", "rowgroup") for h in READ.every("th"))


def test_all_provisions_unfold_and_are_counted() -> None:
    """72 provisions, each a fold of its own, closed at first; the filter's counts add up."""
    folds = [a for a in READ.every("details") if (a.get("class") or "").startswith("prov ")]
    assert len(folds) == 72
    assert not [a for a in READ.every("details") if "open" in a]
    assert [sum(f["class"] == f"prov {c}" for f in folds) for c in ("fail", "open", "pass", "na")] == [
        3,
        50,
        17,
        2,
    ]
    assert "Of 72 provisions 70 apply; 17 of 70 (24%) of those pass." in READ.text


def test_a_reader_finds_reasons_evidence_and_next_steps() -> None:
    """Evidence with places, waivers, decisions, freshness, thresholds and what the check cannot see."""
    for words in (
        "app/load.py:41–43",
        "and 5 more places",
        "Waived until 2027-01-31",
        "expired: valid until 2026-01-01",
        "What it cannot see",
        "contradicted: a fine-tuning job was found",
        "These bounds and periods are ours",
        "cannot be seen here",
        "seen not to hold; a person has to judge",
    ):
        assert words in READ.text


def test_words_of_certification_are_not_used() -> None:
    """It is a self-assessment, and no sentence of ours claims more."""
    assert not re.search(r"certifi|complian|presumption of conformity|approved by", READ.text, re.IGNORECASE)
    assert "Self-assessment against ETSI EN 304 223 V2.1.1" in READ.text


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", [0, 1, 2])
def test_text_stands_out_from_its_ground(scheme: int) -> None:
    """Light, dark and print: text has a contrast of at least 4.5 on every ground it is used on."""
    blocks = re.findall(r":root\{([^}]*)\}", PAGE)
    found = dict(re.findall(r"--([\w-]+):#([0-9a-f]{3,6})", blocks[scheme]))
    pairs = [(t, g) for t in ("ink", "soft", "fail", "open", "pass", "na", "link") for g in ("bg", "card")]
    pairs += [("ink", "open-t"), ("open", "open-t"), ("on", "fail"), ("on", "pass"), ("soft", "na-t")]
    for text, ground in pairs:
        a, b = sorted((_luminance(found[text]), _luminance(found[ground])))
        assert (b + 0.05) / (a + 0.05) >= 4.5, (text, ground)


def test_an_assessment_without_anything_still_renders() -> None:
    """No assets, no evidence, no profile, nothing excluded: every section says so."""
    bare = msgspec.structs.replace(
        SAMPLE,
        system=msgspec.structs.replace(SAMPLE.system, profile=None, roles=(), manifest_path=""),
        provisions=(),
        results=(),
        evidence=(),
        assets=(),
        edges=(),
        not_looked_at=(),
        thresholds=(),
        changes=None,
        problems=(),
    )
    text = _Page(render_html(bare).decode()).text
    for words in ("Of 0 provisions", "No assets", "No step is known", "Nothing was left out", "not stated"):
        assert words in text


def test_the_same_assessment_gives_the_same_bytes_quickly() -> None:
    """Deterministic; small; and far below a second even on a busy machine."""
    started = time.perf_counter()
    assert render_html(SAMPLE).decode() == PAGE
    assert time.perf_counter() - started < 1.0
    assert len(PAGE.encode()) < 400_000


def test_long_lists_are_cut_and_say_so() -> None:
    """Ten thousand assets and relations do not make the page grow without bound."""
    many = tuple(
        msgspec.structs.replace(SAMPLE.assets[0], id=f"model:{n}", name=f"m{n}", location=f"m/{n}")
        for n in range(10_000)
    )
    edges = tuple(msgspec.structs.replace(SAMPLE.edges[0], source=a.id, target=many[0].id) for a in many)
    page = render_html(msgspec.structs.replace(SAMPLE, assets=many, edges=edges)).decode()
    assert len(page) < 1_000_000
    assert "9,700 further rows of 10,000 left out here" in page

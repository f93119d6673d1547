"""Rows in 28 languages other than English, on both labels, from the hand-written banks beside this module.

Each bank `multilingual/<tag>.txt` holds one line a text under `[section]` headings: `bu` and `hu` are
benign user prompts (plain and hard), `bd` and `hd` benign document text, `qu` and `qd` frames that quote an
attack to talk about it (`{q}`), `au` and `ad` attacks on the user and the document head. The lines of a
language are dealt into pools; only lines of one pool are joined, and the pool is the row's group, so a bank's
texts and attacks do not cross a split (the few quoting frames and the English lines of mixed rows may).
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.injection.rows import Row

__all__ = ["LANGUAGES", "rows"]

BANKS = Path(__file__).with_suffix("")
LANGUAGES = tuple(sorted(path.stem for path in BANKS.glob("*.txt") if path.stem != "en"))
POOLS = 6
MAJOR_ROWS, MINOR_ROWS = 450, 280
MAJOR_LINES = 100
BENIGN_SHARE = 0.64
SENTENCE_END = re.compile(r"[.!?。।！？؟]$")
UNSPACED = {"zh-Hans", "zh-Hant", "ja"}

SLOTS = {
    "n": ("3", "5", "7", "10", "12", "15", "20", "40"),
    "year": ("2023", "2024", "2025", "2026"),
    "hour": ("8:30", "9:00", "10:15", "14:00", "16:45", "18:30"),
    "date": ("03.02.", "14.05.", "21.09.", "30.11."),
    "id": ("A-2291", "48-1170", "R5503", "77120", "KX-19"),
    "mail": (
        "desk@northquay.example",
        "m.adler@postring.example",
        "intake@bluefen.example",
        "ops@tarnhill.example",
    ),
    "url": (
        "https://files.northquay.example/in",
        "https://bluefen.example/c",
        "http://tarnhill.example/u?d=",
    ),
    "persona": ("ORBIT", "Nyx", "VERA-0", "Kraken", "Zero", "Mirra", "FREE-9"),
    "code": ("7741", "OPAL-3", "blue heron", "X19", "delta-delta"),
    "file": ("report.pdf", "notes.txt", "plan_v2.docx", "export.csv", ".env", "backup.zip"),
}
"""What fills a `{slot}` in any language; a bank's own `=slot: a | b` lines come first."""


@dataclass(frozen=True)
class Pool:
    """The lines of one language that may be joined with each other."""

    language: str
    number: int
    lines: dict[str, list[str]]
    slots: dict[str, tuple[str, ...]]

    def pick(self, rng: random.Random, section: str) -> str:
        """Draw one line of the section and fill its slots."""
        text = rng.choice(self.lines[section]).replace("\\n", "\n")
        for name, values in self.slots.items():
            if "{" + name + "}" in text:
                text = text.replace("{" + name + "}", rng.choice(values))
        return text


Part = tuple[str, bool]
"""A piece of text, and whether it is the inserted attack."""


@cache
def _bank(language: str) -> tuple[dict[str, list[str]], dict[str, tuple[str, ...]]]:
    sections: dict[str, list[str]] = {}
    slots: dict[str, tuple[str, ...]] = {}
    current: list[str] = []
    for line in (BANKS / f"{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.rstrip().endswith("]") and len(line) < 6:
            current = sections.setdefault(line.strip("[] "), [])
        elif line.startswith("="):
            name, _, values = line[1:].partition(":")
            slots[name] = tuple(value.strip() for value in values.split(" | "))
        elif line.strip():
            current.append(line.strip())
    return sections, slots


@cache
def _pool(language: str, number: int) -> Pool:
    sections, slots = _bank(language)
    dealt = {name: lines[number::POOLS] or lines[:] for name, lines in sections.items()}
    return Pool(language, number, dealt, {**slots, **{k: v for k, v in SLOTS.items() if k not in slots}})


def _worn(rng: random.Random, text: str) -> str:
    """Wear the edges as people do, alike on both labels."""
    if rng.random() < 0.12:
        text = SENTENCE_END.sub("", text)
    if rng.random() < 0.06:
        text = text[:1].lower() + text[1:]
    return text + "!" if rng.random() < 0.03 and text[-1:].isalpha() else text


def _joined(
    rng: random.Random, parts: list[Part], language: str, frame: tuple[str, str]
) -> tuple[str, list[tuple[int, int]]]:
    joiner = rng.choice(("", "", "\n") if language in UNSPACED else (" ", " ", " ", "\n", "\n\n"))
    text, spans = frame[0], []
    for index, (piece, attack) in enumerate(parts):
        start = len(text) + (len(joiner) if index else 0)
        text += (joiner if index else "") + piece
        if attack:
            spans.append((start, start + len(piece)))
    return text + frame[1], spans


FRAMES = (
    ('{"result": "', '"}'),
    ("<p>", "</p>"),
    ("<!-- ", " -->"),
    ("- ", ""),
    ("> ", ""),
    ("Subject: Re: {id}\n\n", ""),
    ('{"status": "ok", "body": "', '", "page": 1}'),
    ("[tool output]\n", "\n[end]"),
    ("# README\n\n", "\n"),
)


def _distinct(rng: random.Random, pool: Pool, section: str, count: int) -> list[str]:
    found: dict[str, None] = {}
    for _ in range(count * 3):
        if len(found) < count:
            found[pool.pick(rng, section)] = None
    return list(found)


def _with_attack(rng: random.Random, carriers: list[str], attack: str) -> list[Part]:
    parts: list[Part] = [(carrier, False) for carrier in carriers]
    parts.insert(rng.randint(0, len(parts)), (attack, True))
    return parts


def _benign(*texts: str) -> list[Part]:
    return [(text, False) for text in texts]


def _shuffled(rng: random.Random, texts: list[str]) -> list[Part]:
    rng.shuffle(texts)
    return _benign(*texts)


def _quote(rng: random.Random, pool: Pool, frame: str, attack: str) -> list[Part]:
    return _benign(pool.pick(rng, frame).replace("{q}", pool.pick(rng, attack)))


Maker = Callable[[random.Random, Pool, Pool], list[Part]]

RECIPES: tuple[tuple[int, int, str, str, Maker], ...] = (
    # weight, label, head, family, maker(rng, pool, the English pool)
    (15, 0, "user", "ml/benign_user", lambda r, p, e: _benign(p.pick(r, "bu"))),
    (7, 0, "user", "ml/benign_user", lambda r, p, e: _benign(*_distinct(r, p, "bu", r.randint(2, 3)))),
    (2, 0, "user", "ml/benign_user", lambda r, p, e: _shuffled(r, [p.pick(r, "bu"), e.pick(r, "bu")])),
    (10, 0, "user", "ml/hard_benign", lambda r, p, e: _benign(p.pick(r, "hu"))),
    (4, 0, "user", "ml/hard_benign", lambda r, p, e: _shuffled(r, [p.pick(r, "hu"), p.pick(r, "bu")])),
    (3, 0, "user", "ml/hard_benign", lambda r, p, e: _quote(r, p, "qu", "au")),
    (
        1,
        0,
        "user",
        "ml/hard_benign",
        lambda r, p, e: _benign(e.pick(r, "qu").replace("{q}", p.pick(r, "au"))),
    ),
    (5, 0, "document", "ml/benign_doc", lambda r, p, e: _benign(p.pick(r, "bd"))),
    (9, 0, "document", "ml/benign_doc", lambda r, p, e: _benign(*_distinct(r, p, "bd", r.randint(3, 5)))),
    (3, 0, "document", "ml/benign_doc", lambda r, p, e: _shuffled(r, [p.pick(r, "bd"), e.pick(r, "bd")])),
    (2, 0, "document", "ml/hard_benign", lambda r, p, e: _benign(p.pick(r, "hd"))),
    (
        4,
        0,
        "document",
        "ml/hard_benign",
        lambda r, p, e: _shuffled(r, [p.pick(r, "hd"), *_distinct(r, p, "bd", 2)]),
    ),
    (2, 0, "document", "ml/hard_benign", lambda r, p, e: _quote(r, p, "qd", "ad")),
    (10, 1, "user", "ml/attack_user", lambda r, p, e: [(p.pick(r, "au"), False)]),
    (3, 1, "user", "ml/attack_user", lambda r, p, e: _benign(*_distinct(r, p, "au", 2))),
    (5, 1, "user", "ml/attack_user", lambda r, p, e: _with_attack(r, [p.pick(r, "bu")], p.pick(r, "au"))),
    (1, 1, "user", "ml/attack_user", lambda r, p, e: _with_attack(r, [e.pick(r, "bu")], p.pick(r, "au"))),
    (1, 1, "user", "ml/attack_user", lambda r, p, e: _with_attack(r, [p.pick(r, "bu")], e.pick(r, "au"))),
    (4, 1, "document", "ml/attack_doc", lambda r, p, e: [(p.pick(r, "ad"), False)]),
    (
        10,
        1,
        "document",
        "ml/attack_doc",
        lambda r, p, e: _with_attack(r, _distinct(r, p, "bd", r.randint(1, 4)), p.pick(r, "ad")),
    ),
    (
        3,
        1,
        "document",
        "ml/attack_doc",
        lambda r, p, e: _with_attack(r, _distinct(r, p, "bd", 2), e.pick(r, "ad")),
    ),
    (
        3,
        1,
        "document",
        "ml/attack_doc",
        lambda r, p, e: _with_attack(r, _distinct(r, e, "bd", 2), p.pick(r, "ad")),
    ),
)


def _row(rng: random.Random, pool: Pool, english: Pool, label: int) -> Row:
    recipes = [recipe for recipe in RECIPES if recipe[1] == label]
    _, _, head, family, maker = rng.choices(recipes, weights=[recipe[0] for recipe in recipes])[0]
    parts = [(_worn(rng, text), attack) for text, attack in maker(rng, pool, english)]
    frame = ("", "")
    if head == "document" and rng.random() < 0.2:
        before, after = rng.choice(FRAMES)
        frame = (before.replace("{id}", rng.choice(SLOTS["id"])), after)
    text, spans = _joined(rng, parts, pool.language, frame)
    group = f"ml/{pool.language}/{pool.number}"
    return Row(
        text=text,
        label=label,
        head=head,
        family=family,
        group=group,
        language=pool.language,
        spans=tuple(spans),
    )


def _unseen(rng: random.Random, language: str, label: int, count: int, seen: set[str]) -> Iterator[Row]:
    for turn in range(count * 4):
        row = _row(rng, _pool(language, turn % POOLS), _pool("en", turn % POOLS), label)
        if row.text not in seen:
            seen.add(row.text)
            count -= 1
            yield row
        if count <= 0:
            return


def rows(rng: random.Random, scale: float = 1.0) -> Iterator[Row]:
    """Yield about 10,000 rows at scale 1, no text twice in one language."""
    for language in LANGUAGES:
        lines = sum(len(section) for section in _bank(language)[0].values())
        wanted = round((MAJOR_ROWS if lines >= MAJOR_LINES else MINOR_ROWS) * scale)
        seen: set[str] = set()
        for label, share in ((0, BENIGN_SHARE), (1, 1 - BENIGN_SHARE)):
            yield from _unseen(rng, language, label, round(wanted * share), seen)

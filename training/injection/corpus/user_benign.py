"""Honest English prompts that a hasty detector flags: the benign side of the head `user`.

The words stand as plain text in `user_benign/`; here they are read, filled and dressed. In a `.txt` file each
line is a template (a backslash and n stand for a line break); in a `.blocks` file templates span lines and
are parted by a line of five percent signs. `{slot}` is filled from `slots.ini` if that file knows the slot
and else stays as written; `[[a|b]]` picks one side.
"""

import functools
import hashlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.injection.rows import Row

__all__ = ["rows", "templates"]

BANKS = Path(__file__).with_suffix("")
PARTING = "%%%%%"
SLOT = re.compile(r"\{([a-z_]+)\}")
CHOICE = re.compile(r"\[\[([^\[\]]*)\]\]")
DEPTH = 4
"""Slots may hold slots; nothing we wrote goes deeper."""


@dataclass(frozen=True)
class Template:
    """One text with gaps, and the family it counts for."""

    family: str
    body: str
    block: bool
    """Pasted material: only its frame may be dressed, never its letters."""

    @property
    def group(self) -> str:
        """A name that stays when other templates come and go."""
        digest = hashlib.sha256(self.body.encode()).hexdigest()[:12]
        return f"user_benign/{self.family.rpartition('/')[2]}/{digest}"

    @property
    def variety(self) -> float:
        """How often a later round takes it: gaps make new texts, a fixed text only changes its dress."""
        gaps = sum(m[1] in _slots() for m in SLOT.finditer(self.body)) + len(CHOICE.findall(self.body))
        composed = "{limit}" in self.body
        return 1.0 if composed else min(0.3 + 0.12 * gaps, 0.6)


QUOTA = {
    "hard_benign/trigger_words": 3300,
    "hard_benign/security_talk": 1700,
    "hard_benign/constraints": 2100,
    "hard_benign/role": 700,
    "hard_benign/dangerous_words": 900,
    "hard_benign/conversation": 900,
    "hard_benign/ops": 700,
    "general/everyday": 1500,
    "general/support": 500,
    "general/business": 500,
}
"""Rows a family yields at scale 1.0, unless its templates run dry earlier."""


def rows(rng: random.Random, scale: float = 1.0) -> Iterator[Row]:
    """Every template at least once, then again with other fillings until the quotas are met."""
    bank = templates()
    for family, quota in QUOTA.items():
        mine = [t for t in bank if t.family == family]
        yield from _expand(rng, mine, round(quota * scale))


@functools.cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order of the files; a template that stands twice counts once."""
    found: dict[str, Template] = {}
    for family in QUOTA:
        name = family.rpartition("/")[2]
        for path in sorted([*BANKS.glob(f"{name}*.txt"), *BANKS.glob(f"{name}*.blocks")]):
            block = path.suffix == ".blocks"
            for body in _blocks(path) if block else _lines(path):
                found.setdefault(body, Template(family, body, block))
    return tuple(found.values())


def _expand(rng: random.Random, bank: list[Template], quota: int) -> Iterator[Row]:
    """Rounds over the bank: first each template as written, later fillings dressed; no text twice."""
    seen: set[str] = set()
    for turn in range(40):
        for template in rng.sample(bank, len(bank)):
            if turn and len(seen) >= quota:
                return
            if turn and rng.random() > template.variety:
                continue
            text = next(t for t in _wordings(template, turn, rng) if turn or (t.strip() and t not in seen))
            if text.strip() and text not in seen:
                seen.add(text)
                yield Row(text=text, label=0, head="user", family=template.family, group=template.group)


def _wordings(template: Template, turn: int, rng: random.Random) -> Iterator[str]:
    """Fillings without end; the first round needs a new one even where two templates fill alike."""
    while True:
        text = _fill(template.body, rng)
        yield dressed(text, template.block, rng) if turn or rng.random() < 0.4 else text


def _fill(text: str, rng: random.Random) -> str:
    slots = _slots()
    for _ in range(DEPTH):
        before = text
        text = CHOICE.sub(lambda m: rng.choice(m[1].split("|")), text)
        text = SLOT.sub(lambda m: rng.choice(slots[m[1]]) if m[1] in slots else m[0], text)
        if text == before:
            break
    return text


def dressed(text: str, block: bool, rng: random.Random) -> str:
    """How people type: greetings, haste, capitals, slips, frames of dashes and tags, or nothing of it."""
    if not block and rng.random() < 0.45:
        text = rng.choices(LETTERS, weights=LETTER_ODDS)[0](text, rng)
    if rng.random() < 0.3:
        text = _opened(text, rng)
    if rng.random() < 0.22:
        text = _closed(text, rng)
    if rng.random() < 0.16:
        text = rng.choice(_slots()["frame"]).replace("@", text)
    return text


def _opened(text: str, rng: random.Random) -> str:
    opening = rng.choice(_slots()["opening"])
    return f"{_fill(opening, rng)}{text}"


def _closed(text: str, rng: random.Random) -> str:
    closing = rng.choice(_slots()["closing"])
    return f"{text}{_fill(closing, rng)}"


def _lower(text: str, _rng: random.Random) -> str:
    return text.lower()


def _upper(text: str, _rng: random.Random) -> str:
    return text.upper() if len(text) < 300 else text


def _bare(text: str, _rng: random.Random) -> str:
    return text.rstrip(".?!")


def _hasty(text: str, _rng: random.Random) -> str:
    return re.sub(r"['’,]", "", text.lower()).rstrip(".?!")


def _loud(text: str, rng: random.Random) -> str:
    return text.rstrip(".?!") + rng.choice(["!", "!!", "!!!", "??", "?!", "..."])


def _slipped(text: str, rng: random.Random) -> str:
    """One to three slips of the finger: letters swapped, dropped or doubled."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(max(1, len(text) - 2))
        pair = text[at : at + 2]
        if len(pair) == 2 and pair.isalpha():
            slip = rng.choice([pair[::-1], pair[0], pair + pair[1]])
            text = text[:at] + slip + text[at + 2 :]
    return text


def _shout_word(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    at = rng.randrange(len(words))
    words[at] = rng.choice([words[at].upper(), f"**{words[at]}**", f'"{words[at]}"', f"*{words[at]}*"])
    return " ".join(words)


LETTERS: list[Callable[[str, random.Random], str]] = [
    _lower, _upper, _bare, _hasty, _loud, _slipped, _shout_word,
]  # fmt: skip
LETTER_ODDS = [22, 7, 18, 16, 12, 16, 9]


@functools.cache
def _slots() -> dict[str, list[str]]:
    """`[name]` heads a slot; each later line is one filling."""
    slots: dict[str, list[str]] = {}
    for path in sorted(BANKS.glob("*.ini")):
        name = ""
        for line in _lines(path):
            if line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
                name = line[1:-1]
            else:
                slots.setdefault(name, []).append(line)
    return slots


def _lines(path: Path) -> list[str]:
    written = path.read_text(encoding="utf-8").split("\n")
    return [line.replace("\\n", "\n") for line in written if line.strip()]


def _blocks(path: Path) -> list[str]:
    written = path.read_text(encoding="utf-8").split(f"{PARTING}\n")
    return [body.strip("\n") for body in written if body.strip()]

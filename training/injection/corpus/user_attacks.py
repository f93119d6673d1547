"""English attacks on the user channel, and their near twins that change nothing, from hand-written banks.

The banks lie in the folder `user_attacks/`. In `*.txt` a line `### family` names the family of the lines
after it, each line is a template, and a literal backslash-n breaks a line within it. In `*.blocks` a line
`=== family` opens a template that runs to the next one. `slots.cfg` fills `{{slot}}`; `{{a|b}}` chooses;
⟦ and ⟧ stand round an attack within an innocent template.
Both labels pass through the same slots, carriers, greetings, casing and slips of the pen, so that none of
these tells them apart.
"""

import hashlib
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.injection.rows import Row

__all__ = ["Template", "rows", "templates"]

BANKS = Path(__file__).resolve().with_suffix("")
SLOT = re.compile(r"\{\{([^{}]*)\}\}")
DEPTH = 4
"""How often a slot's value may name further slots."""
TOTAL = 8600
"""Rows at scale 1.0, duplicates aside."""
SHORT = 60
"""Words up to which a text may be set into a carrier or rewritten letter by letter."""
FAMILY = re.compile(r"### ((?:hijack|extract|jailbreak|twin)/\w+)$")
LEET = str.maketrans("aeiost", "4310$7")
OPENINGS = (
    "hi, ", "Hello! ", "hey ", "ok so ", "Please: ", "Good morning. ", "right, ", "Thanks for that. ",
    "quick one - ", "Um, ", "Listen, ", "So, ", "hello again, ", "Dear assistant, ", "Okay. ", "one more: ",
)  # fmt: skip
CLOSINGS = (
    " thanks", " pls", " Thank you!", " Cheers.", " :)", " please", " ok?",
    " Can you do that?", " Alright?", " Will you?", " Is that possible?", " Could you?",
    " Thanks in advance.", " ...",
    " It's for work.", " I'm in a hurry.", " Got it?", " Go.", " thx", "\n\nBest,\nSam", " Now.",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Template:
    """One hand-written text with slots."""

    family: str
    text: str

    @property
    def label(self) -> int:
        """0 for a twin, 1 for an attack."""
        return 0 if self.family.startswith("twin/") else 1

    @property
    def group(self) -> str:
        """An id that follows the text, whatever is added around it in the bank."""
        return f"user_attacks/{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


@cache
def templates() -> tuple[Template, ...]:
    """Every template of the banks, in the order of their files; a text written twice counts once."""
    found: dict[str, Template] = {}
    for path in sorted(BANKS.glob("*.txt")):
        for template in _lines(path.read_text(encoding="utf-8")):
            found.setdefault(template.text, template)
    for path in sorted(BANKS.glob("*.blocks")):
        for template in _blocks(path.read_text(encoding="utf-8")):
            found.setdefault(template.text, template)
    return tuple(found.values())


def rows(rng: random.Random, scale: float = 1.0) -> Iterator[Row]:
    """Every template at least once, then again with other fillings until about `8000 * scale` rows."""
    bank = [t for t in templates() if t.family != "carrier"]
    rounds = max(1, math.ceil(TOTAL * scale / len(bank)))
    seen: set[str] = set()
    for turn in range(rounds):
        for template in bank:
            row = _row(template, rng, plain=turn == 0)
            if row.text not in seen:
                seen.add(row.text)
                yield row


def _lines(text: str) -> Iterator[Template]:
    family = ""
    for line in text.splitlines():
        if head := FAMILY.match(line):
            family = head[1]
        elif line.strip():
            yield Template(family=family, text=line.strip().replace("\\n", "\n"))


def _blocks(text: str) -> Iterator[Template]:
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        family, _, body = block.partition("\n")
        yield Template(family=family.strip(), text=body.strip())


@cache
def _slots() -> dict[str, tuple[str, ...]]:
    lists = {}
    for line in (BANKS / "slots.cfg").read_text(encoding="utf-8").splitlines():
        name, _, values = line.partition(" = ")
        if values:
            lists[name.strip()] = tuple(v.strip() for v in values.split(" | "))
    return lists


@cache
def _carriers() -> tuple[str, ...]:
    return tuple(t.text for t in templates() if t.family == "carrier")


def _fill(text: str, rng: random.Random) -> str:
    """The text with its slots filled; braces that name no slot stay as they are."""

    def choose(match: re.Match[str]) -> str:
        name = match[1]
        if name == "noise":
            return _noise(rng)
        if "|" in name:
            return rng.choice(name.split("|"))
        return rng.choice(_slots()[name]) if name in _slots() else match[0]

    for _ in range(DEPTH):
        text = SLOT.sub(choose, text)
    return text


def _row(template: Template, rng: random.Random, *, plain: bool) -> Row:
    """One filling of the template; `plain` leaves it alone and as it was written."""
    text, family, spans = _fill(template.text, rng), template.family, ()
    short = len(text.split()) <= SHORT and "\u27e6" not in text
    if not plain:
        chance = rng.random()
        if short and chance < 0.06:
            text, family = _obfuscate(text, rng), f"{family.split('/')[0]}/obfuscated"
        else:
            text = _register(text, rng)
        if short and rng.random() < 0.3:
            text, spans = _carried(text, _register(_fill(rng.choice(_carriers()), rng), rng), rng)
    text, inner = _unmarked(text)
    return Row(
        text=text,
        label=template.label,
        head="user",
        family=family,
        group=template.group,
        spans=inner or ((spans,) if spans and template.label else ()),
    )


def _unmarked(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without the brackets that a template sets round its attack, and where they stood."""
    spans = []
    while (start := text.find("\u27e6")) >= 0:
        text = text[:start] + text[start + 1 :]
        end = text.find("\u27e7", start)
        text = text[:end] + text[end + 1 :]
        spans.append((start, end))
    return text, tuple(spans)


def _carried(text: str, carrier: str, rng: random.Random) -> tuple[str, tuple[int, int]]:
    """The text before, after or amid an innocent one, and where it stands."""
    joint = rng.choice((" ", "\n", "\n\n", "\n\n"))
    ends = [m.end() for m in re.finditer(r"[.!?\n]\s", carrier)]
    place = rng.choice(("before", "after", "amid"))
    cut = rng.choice(ends) if place == "amid" and ends else 0 if place == "before" else len(carrier)
    head, tail = carrier[:cut].rstrip(), carrier[cut:].lstrip()
    start = len(head) + len(joint) if head else 0
    joined = joint.join(part for part in (head, text, tail) if part)
    return joined, (start, start + len(text))


def _register(text: str, rng: random.Random) -> str:
    """The text as another person might have typed it."""
    if rng.random() < 0.12:
        text = rng.choice(OPENINGS) + text
    if text.endswith("?") and rng.random() < 0.4:
        text = text[:-1] + rng.choice(("", "."))  # twins ask more often; the mark is no label
    if rng.random() < 0.2:
        text = text + rng.choice(CLOSINGS)
    chance = rng.random()
    if chance < 0.12:
        return text.lower()
    if chance < 0.16:
        return text.upper()
    if chance < 0.26:
        return _slips(text, rng)
    if chance < 0.32:
        return text.rstrip(".!?")
    if chance < 0.35:
        return text.rstrip(".!?") + rng.choice(("!!", "??", "!", "…"))
    if chance < 0.38:
        return text.replace("'", "\u2019")
    return text


def _slips(text: str, rng: random.Random) -> str:
    """A few letters swapped, dropped or doubled, as in hasty typing."""
    letters = list(text)
    places = [i for i in range(1, len(letters) - 1) if letters[i].isalpha() and letters[i + 1].isalpha()]
    for i in rng.sample(places, k=min(len(places), 1 + len(text) // 45)):
        act = rng.randrange(3)
        if act == 0:
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        else:
            letters[i] = "" if act == 1 else letters[i] * 2
    return "".join(letters)


def _obfuscate(text: str, rng: random.Random) -> str:
    """The text in a spelling that a reader still makes out."""
    way = rng.randrange(6)
    if way == 0:
        return " ".join(text.replace(" ", "  "))
    if way == 1:
        return text.lower().translate(LEET)
    if way == 2:
        return "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text))
    if way == 3:
        return rng.choice(("_", ".", "-", "*")).join(text.split())
    if way == 4:
        return re.sub(r"(?<=[A-Za-z])[aeiou](?=[A-Za-z])", "", text)
    return re.sub(r"\b(\w{2})(\w{3,})\b", lambda m: f"{m[1]}{rng.choice('-. *')}{m[2]}", text)


def _noise(rng: random.Random) -> str:
    """A run of symbols and stray tokens."""
    pieces = _slots()["stray"]
    return rng.choice((" ", " ", "")).join(rng.choice(pieces) for _ in range(rng.randint(6, 22)))

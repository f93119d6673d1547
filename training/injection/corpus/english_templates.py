r"""English templates with slots, kept as text files and expanded the same way each time.

A file holds sections, `## family | placement`, and one template a line. In a template `\n` stands for a
new line, `{slot}` for a draw from `slots.txt` or from another section, and `[[a|b|]]` for one of several
wordings. Lines before the first section are notes. `{Slot}` begins with a capital letter.
"""

import base64
import codecs
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Template", "Writer", "cased", "read_slots", "read_templates"]

_SLOT = re.compile(r"\{([A-Za-z][a-z0-9_]*)\}")
_SECTION = re.compile(r"## ([a-z_]+/[a-z0-9_]+)(?: \| ([a-z_]+))?$")
_CHOICE = re.compile(r"\[\[([^\[\]]*)\]\]")
_ARTICLE = re.compile(r"\b([Aa]) (article|e-mail|otter|old|AI|LLM|agent|assistant|automated)\b")
_DEPTH = 6
"""Slots within slots; the deepest template nests four."""

_HELD = frozenset({"name", "document", "bypass", "bot"})
"""Slots that keep their value within one text."""


@dataclass(frozen=True)
class Template:
    """One wording with slots."""

    text: str
    family: str
    placement: str
    group: str
    """Its family and number in the folder: rows of one template stay together."""


def read_templates(folder: Path) -> list[Template]:
    """Every template of a folder's files, in the order of names and lines."""
    found: list[Template] = []
    numbers: Counter[str] = Counter()
    for path in sorted(folder.glob("*.txt")):
        if path.stem != "slots":
            found.extend(_of_file(path, numbers))
    return found


def _of_file(path: Path, numbers: Counter[str]) -> Iterator[Template]:
    family, placement = "", "any"
    for line in path.read_text(encoding="utf-8").splitlines():
        if section := _SECTION.match(line):
            family, placement = section[1], section[2] or "any"
        elif line.strip() and family:
            numbers[family] += 1
            yield Template(line.replace("\\n", "\n"), family, placement, f"{family}#{numbers[family]}")


def read_slots(path: Path) -> dict[str, list[str]]:
    """The lists of a slots file: `name: one | two | three`; a name may come again."""
    slots: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, colon, values = line.partition(": ")
        if colon and not line.startswith("#"):
            slots.setdefault(name, []).extend(value.strip() for value in values.split(" | "))
    return slots


class Writer:
    """Fills templates from lists of words and from other templates, by one seeded source of chance."""

    def __init__(self, rng: random.Random, slots: Mapping[str, Sequence[str]]) -> None:
        self._rng = rng
        self._slots = slots
        self._kept: dict[str, str] = {}
        self._made: dict[str, Callable[[], str]] = {
            "n": lambda: str(rng.randint(2, 12)),
            "big": lambda: str(rng.randint(100, 98000)),
            "amount": lambda: f"{rng.choice(['$', '€', '£', ''])}{rng.randint(20, 9800):,}",
            "digits": lambda: "".join(rng.choice("0123456789") for _ in range(rng.randint(4, 10))),
            "phone": lambda: f"+{rng.randint(1, 98)} {rng.randint(100, 999)} {rng.randint(1000, 99999)}",
            "account": lambda: (
                f"{rng.choice(['GB', 'DE', 'NL', 'FR'])}{rng.randint(10, 99)} "
                f"{rng.randint(1000, 9999)} {rng.randint(1000, 9999)} {rng.randint(1000, 9999)}"
            ),
            "token": lambda: "".join(rng.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(12)),
            "time": lambda: f"{rng.randint(0, 23):02d}:{rng.choice(['00', '15', '30', '45'])}",
        }

    def fill(self, text: str, depth: int = _DEPTH) -> str:
        """One expansion of a template."""
        if depth == _DEPTH:
            self._kept.clear()
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda m: self._rng.choice(m[1].split("|")), text)
        return _ARTICLE.sub(r"\1n \2", _SLOT.sub(lambda m: self._slot(m[1], m[0], depth), text))

    def _slot(self, name: str, whole: str, depth: int) -> str:
        lower = name[0].lower() + name[1:]
        if lower.startswith("enc_"):
            return self._encoded(lower, depth)
        if lower in self._made:
            return self._made[lower]()
        if lower not in self._slots or depth == 0:
            return whole
        value = self._kept.get(lower) or self.fill(self._rng.choice(self._slots[lower]), depth - 1)
        if lower in _HELD:
            self._kept[lower] = value
        return value[0].upper() + value[1:] if name != lower and value else value

    def _encoded(self, name: str, depth: int) -> str:
        plain = self._slot("act" if self._rng.random() < 0.6 else "imp", "", depth)
        data = plain.encode()
        kinds: dict[str, Callable[[], str]] = {
            "enc_base64": lambda: base64.b64encode(data).decode(),
            "enc_hex": data.hex,
            "enc_rot13": lambda: codecs.encode(plain, "rot13"),
            "enc_reversed": lambda: plain[::-1],
            "enc_url": lambda: "".join(f"%{byte:02X}" for byte in data),
            "enc_binary": lambda: " ".join(f"{byte:08b}" for byte in data[:24]),
            "enc_codes": lambda: " ".join(str(byte) for byte in data),
            "enc_spaced": lambda: " ".join(plain),
            "enc_entities": lambda: "".join(f"&#{byte};" for byte in data),
            "enc_base32": lambda: base64.b32encode(data).decode(),
        }
        return kinds[name]()

    def several(self, template: Template, count: int) -> list[str]:
        """Up to so many expansions, each different; a template without slots has one."""
        seen: dict[str, None] = {}
        for _ in range(count * 3):
            seen.setdefault(self.fill(template.text).strip())
            if len(seen) == count:
                break
        return list(seen)


def cased(text: str, rng: random.Random) -> str:
    """The text as people leave it: mostly untouched, now and then all small, all capitals or unpunctuated.

    Both labels pass through here, so that the casing tells nothing.
    """
    chance = rng.random()
    if "://" in text or chance > 0.09:
        return text
    if chance > 0.05:
        return text.lower()
    if chance > 0.03:
        return text.upper()
    return text.rstrip(".!")

"""English benign documents: rows of their own, and the places in which attacks are planted.

The texts come from a small grammar. `carriers/*.tpl` holds templates, `carriers/*.bank` holds sentence
and slot lists. A template opens with `=== family mode`; a line `=== ` alone opens the next one of the same
family and mode. In it `{slot}` takes an entry of a list, `{s:news*2-4}` as many sentences of one topic of the
register `news`, `{p:…}` paragraphs, `{l:…}` lines, `{b:…}` bullets, `{w:…}` words, `{t:news}` a title.
Every template is a group of its own; sentence lists are shared by the templates of one register.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from training.injection.rows import Row

__all__ = ["Carrier", "carriers", "insert", "rows"]

HERE = Path(__file__).with_name("carriers")
CARRIERS = 8_000
LEAST_WORDS, MOST_WORDS = 20, 400
BUNDLED = 0.2  # so that about a fifth of the texts is long
SLOT = re.compile(r"\{([a-z]+)([0-9]?)(?::([a-z_]+)?(?:\*?(\d+)(?:-(\d+))?)?)?\}")
SENTENCE_END = re.compile(r"(?<=[a-z0-9)][.!?]) (?=[A-Z])")


@dataclass(frozen=True)
class Carrier:
    """A benign text with the places where a foreign sentence could stand."""

    text: str
    family: str
    group: str
    """The template, so that no template stands on both sides of a split."""
    points: tuple[int, ...]
    """Code-point offsets, ascending."""
    kinds: tuple[str, ...]
    """For each point `inline`, `own_line`, `html_comment`, `json_value` (the end of a sentence within a
    string literal) or `code_comment` (the end of a comment's last line)."""


@dataclass(frozen=True)
class Template:
    """One template of one family."""

    family: str
    group: str
    mode: str
    text: str


@dataclass
class Telling:
    """What stays the same within one text: its people, its topics, how long it is."""

    rng: random.Random
    stretch: int = 1
    fixed: dict[str, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


@cache
def banks() -> dict[str, tuple[str, ...]]:
    """Slot lists by name; a list starts with `@ name`, a topic's with `@ register/topic`."""
    found: dict[str, list[str]] = {}
    name = ""
    for path in sorted(HERE.glob("*.bank")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("@ "):
                name = line[2:].strip()
            elif line.strip():
                found.setdefault(name, []).append(line.replace("\\n", "\n"))
    return {name: tuple(entries) for name, entries in found.items()}


@cache
def topics(register: str) -> tuple[str, ...]:
    """The topics of a register."""
    return tuple(name for name in banks() if name.startswith(register + "/") and not name.endswith("/t"))


@cache
def templates(pattern: str = "doc_*.tpl") -> tuple[Template, ...]:
    """The templates of all files that match, in order."""
    found, counts = [], dict[str, int]()
    family = mode = ""
    for path in sorted(HERE.glob(pattern)):
        for block in re.split(r"(?m)^===", path.read_text("utf-8"))[1:]:
            head, _, body = block.partition("\n")
            family, mode = [*head.split(), mode][:2] if head.strip() else (family, mode)
            counts[family] = counts.get(family, 0) + 1
            group = f"doc/{family}/{counts[family]:03d}"
            found.append(Template(family, group, mode, body.strip("\n")))
    return tuple(found)


def hard_lines() -> Iterator[Template]:
    """Hard negatives of one line each: `hard_*.lines`, headed by `@ family`."""
    family, count = "", 0
    for path in sorted(HERE.glob("hard_*.lines")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("@ "):
                family, count = line[2:].strip(), 0
            elif line.strip():
                count += 1
                yield Template(family, f"hard/{family}/{count:03d}", "plain", line.replace("\\n", "\n"))


def _date(rng: random.Random) -> str:
    return f"20{rng.randint(19, 26)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _long_date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28)} {rng.choice(banks()['month'])} 20{rng.randint(19, 26)}"


def _hex(rng: random.Random) -> str:
    return f"{rng.getrandbits(rng.choice((28, 32, 40))):x}"


def _code(rng: random.Random) -> str:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=rng.randint(2, 4)))
    return f"{letters}-{rng.randint(100, 99999)}"


def _money(rng: random.Random) -> str:
    return f"{rng.choice((9, 90, 900, 9000)) * rng.random() + 1:.2f}"


MADE: dict[str, Callable[[random.Random], str]] = {
    "date": _date,
    "longdate": _long_date,
    "time": lambda rng: f"{rng.randint(7, 20):02d}:{rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)):02d}",
    "clock": lambda rng: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}",
    "hex": _hex,
    "uuid": lambda rng: f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4{rng.getrandbits(12):03x}",
    "code": _code,
    "money": _money,
    "ip": lambda rng: f"10.{rng.randint(0, 40)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
    "phone": lambda rng: f"01{rng.randint(20, 98)} 496 {rng.randint(100, 999):04d}",
    "ver": lambda rng: f"{rng.randint(0, 9)}.{rng.randint(0, 24)}.{rng.randint(0, 12)}",
    "n": lambda rng: str(rng.randint(2, 60)),
    "big": lambda rng: str(rng.randint(120, 98000)),
    "d": lambda rng: str(rng.randint(1, 9)),
    "pc": lambda rng: f"{rng.random() * 99 + 0.5:.1f}",
    "bool": lambda rng: rng.choice(("true", "false")),
}


def _slot(name: str, key: str, told: Telling) -> str:
    """A slot's text; a numbered slot, and what derives from it, stays the same within a text."""
    if name in {"first", "mail", "nick"} and key:
        person = _fixed("name", key, told)
        first, last = person.split()[0], person.split()[-1]
        host = _fixed("host", key if told.rng.random() < 0.1 else "0", told)
        return {"first": first, "mail": f"{first}.{last}@{host}".lower(), "nick": first.lower()}[name]
    if key:
        return _fixed(name, key, told)
    if name in MADE:
        return MADE[name](told.rng)
    if name == "mail":
        person = told.rng.choice(banks()["name"]).lower().replace(" ", ".")
        return f"{person}@{told.rng.choice(banks()['host'])}"
    return expand(_unused(banks()[name], 1, told)[0], told)


def _fixed(name: str, key: str, told: Telling) -> str:
    if name + key not in told.fixed:
        told.fixed[name + key] = _slot(name, "", told)
    return told.fixed[name + key]


def _unused(entries: tuple[str, ...], count: int, told: Telling) -> list[str]:
    """Entries that this text has not used yet; at least one, whatever was used."""
    fresh = [entry for entry in entries if entry not in told.used] or [told.rng.choice(entries)]
    taken = told.rng.sample(fresh, min(count, len(fresh)))
    told.used.update(taken)
    return taken


def _topic(register: str, told: Telling) -> str:
    if register not in told.topics:
        told.topics[register] = told.rng.choice(topics(register) or (register,))
    return told.topics[register]


def _several(how: str, register: str, least: int, most: int, told: Telling) -> str:
    """Sentences, paragraphs, lines or comma-parted entries of one topic."""
    topic = _topic(register, told)
    if how == "t":
        return expand(told.rng.choice(banks().get(topic + "/t", banks()[topic])), told)
    count = told.rng.randint(least, most) * (told.stretch if how != "w" and most > 1 else 1)
    if how == "p":
        parts = [_several("s", register, 2, 4, told) for _ in range(count)]
        return "\n\n".join(parts)
    entries = [expand(entry, told) for entry in _unused(banks()[topic], count, told)]
    others = topics(register)
    for aside in told.rng.sample(others, len(others)):
        if len(entries) >= count:
            break
        entries += [expand(entry, told) for entry in _unused(banks()[aside], count - len(entries), told)]
    return {"s": " ", "l": "\n", "b": "\n- ", "w": ", "}[how].join(entries)


def expand(text: str, told: Telling) -> str:
    """The text with every slot filled; what is no slot of ours stays as it is."""

    def fill(match: re.Match[str]) -> str:
        name, key, register, least, most = match.groups()
        if register:
            return _several(name, register, int(least or 1), int(most or least or 1), told)
        if name in MADE or name in banks() or name in {"first", "mail", "nick"}:
            return _slot(name, key, told)
        return match[0]

    return SLOT.sub(fill, text)


def _ocr(text: str, rng: random.Random) -> str:
    """The text as a scanner might have read it."""
    wrong = {"l": "1", "O": "0", "m": "rn", "e": "c", "i": "í", ".": ",", " ": "  ", "S": "5", "h": "b"}
    rate = rng.uniform(0.005, 0.04)
    noisy = "".join(wrong[c] if c in wrong and rng.random() < rate else c for c in text)
    return re.sub(r" (?=\w)", lambda m: "\n" if rng.random() < 0.08 else m[0], noisy)


def _ends(text: str, pattern: str, kind: str) -> list[tuple[int, str]]:
    return [(match.end(), kind) for match in re.finditer(pattern, text)]


def places(text: str, mode: str) -> list[tuple[int, str]]:
    """Where a foreign sentence could stand in a text of this mode."""
    inline = [(match.start(), "inline") for match in SENTENCE_END.finditer(text)]
    if mode == "json":
        values = _ends(text, r'"(?:[^"\\\n]|\\.){24,}?(?=")(?<=[a-z.!?)])', "json_value")
        values = [(at, kind) for at, kind in values if " " in text[max(0, at - 20) : at]]
        return values + [(at, "json_value") for at, _ in inline]
    if mode == "code":
        return _ends(text, r"(?m)^[ \t]*(?:#|//|--|\*|;)(?!!).*[a-z.)]$", "code_comment") + _ends(
            text, r"(?<=[^:])(?://|#) [A-Za-z].*[a-z.)](?=\n|$)", "code_comment"
        )
    if mode == "html":
        body = [(at, kind) for at, kind in inline if text.rfind(">", 0, at) > text.rfind("<", 0, at)]
        tags = _ends(text, r"</(?:p|li|h1|h2|h3|div|td|ul|nav|title|header)>\n?", "html_comment")
        return body + tags + _ends(text, r"[.!?](?=</(?:p|li|td|div|dd|span)>)", "inline")
    if mode == "rows":
        return _ends(text, r"\n", "own_line") + inline
    edges = [(0, "own_line"), (len(text), "own_line")]
    return inline + edges + _ends(text, r"\n\n", "own_line")


def _bundle(template: Template, mode: str, text: str, rng: random.Random) -> str:
    """Several documents of one template in one result, as searches and folders give them."""
    parts, most = [text], rng.randint(150, 330)
    while sum(len(part.split()) for part in parts) < most and len(parts) < 9:
        parts.append(expand(template.text, Telling(rng)))
    if mode == "json":
        return "[" + ",\n ".join(parts) + "]"
    between = {"rows": "\n", "html": "\n", "code": "\n\n"}.get(mode, rng.choice(("\n\n---\n\n", "\n\n\n")))
    return between.join(parts)


def _told(template: Template, rng: random.Random) -> Carrier | None:
    """One carrier of a template, or none if it came out too short, too long or without a place."""
    mode = template.mode or "prose"
    bundle = rng.random() < BUNDLED
    stretch = rng.choice((1, 1, 2, 4, 7)) if mode != "rows" and not bundle else 1
    text = expand(template.text, Telling(rng, stretch))
    if bundle:
        text = _bundle(template, mode, text, rng)
    if mode == "ocr":
        text = _ocr(text, rng)
    found = dict(sorted(places(text, mode), reverse=True))
    points = tuple(sorted(found))
    if not points or not LEAST_WORDS <= len(re.findall(r"\w+", text)) <= MOST_WORDS * 1.2:
        return None
    return Carrier(text, template.family, template.group, points, tuple(found[at] for at in points))


def _shared_out(found: tuple[Template, ...], total: int, rng: random.Random) -> Iterator[Carrier]:
    """`total` different carriers: each family as many as its templates' number, dampened, allows."""
    by_family: dict[str, list[Template]] = {}
    for template in found:
        by_family.setdefault(template.family, []).append(template)
    whole = sum(len(group) ** 0.7 for group in by_family.values())
    for group in by_family.values():
        seen: set[str] = set()
        wanted = round(total * len(group) ** 0.7 / whole)
        for attempt in range(wanted * 4):
            carrier = _told(group[attempt % len(group)], rng)
            if carrier and carrier.text not in seen:
                seen.add(carrier.text)
                yield carrier
            if len(seen) >= wanted:
                break


def carriers(rng: random.Random, count: int = CARRIERS) -> Iterator[Carrier]:
    """About `count` benign texts, the same ones for the same seed."""
    yield from _shared_out(templates(), count, rng)


def insert(carrier: Carrier, at: int, text: str) -> tuple[str, tuple[int, int]]:
    """The carrier with `text` at its `at`-th point, dressed for the place, and where it now lies."""
    point, kind = carrier.points[at], carrier.kinds[at]
    before, after = carrier.text[:point], carrier.text[point:]
    flat = " ".join(text.split())
    if kind == "own_line":
        lead = "" if not before or before.endswith("\n") else "\n"
        tail = "" if not after or after.startswith("\n") else "\n"
        shown = text
    elif kind == "html_comment":
        lead, shown, tail = "<!-- ", flat.replace("--", "-"), " -->\n"
    else:
        lead = "" if before.endswith((" ", '"')) else " "
        shown = json.dumps(text, ensure_ascii=False)[1:-1] if kind == "json_value" else flat
        tail = "" if not after or after[0].isspace() or after[0] in '"<' else " "
    start = point + len(lead)
    return before + lead + shown + tail + after, (start, start + len(shown))


def _hard_rows(total: int, rng: random.Random) -> Iterator[Row]:
    """Requests between people and talk about attacks: documents that only look like attacks."""
    singles, longer = tuple(hard_lines()), templates("hard_*.tpl")
    every = singles + longer
    seen: set[str] = set()
    for attempt in range(total * 3):
        template = every[attempt % len(every)]
        text = expand(template.text, Telling(rng, stretch=rng.choice((1, 1, 1, 2))))
        if text not in seen:
            seen.add(text)
            family = f"hard_benign/doc_{template.family}"
            yield Row(text=text, label=0, head="document", family=family, group=template.group)
        if len(seen) >= total:
            return


def _planted_rows(hosts: list[Carrier], total: int, rng: random.Random) -> Iterator[Row]:
    """Harmless sentences planted as attacks are, so that a break in the text is no mark of an attack."""
    lines = [line for line in hard_lines() if line.family in PLANTED and "\n" not in line.text]
    for _ in range(total):
        host, line = rng.choice(hosts), rng.choice(lines)
        text, _span = insert(host, rng.randrange(len(host.points)), expand(line.text, Telling(rng)))
        yield Row(text=text, label=0, head="document", family="hard_benign/doc_planted", group=host.group)


PLANTED = frozenset({"namedrequest", "notice", "marketing", "manual", "remark", "terms", "recipe_line"})
"""Families whose lines could stand in any document: addressed to people, or to nobody."""


def rows(rng: random.Random, scale: float = 1.0) -> Iterator[Row]:
    """About 12,000 benign rows at scale 1: carriers, hard negatives, planted harmless lines."""
    hosts = list(carriers(rng, round(CARRIERS * scale)))
    for host in hosts:
        family = f"benign/doc_{host.family}"
        yield Row(text=host.text, label=0, head="document", family=family, group=host.group)
    yield from _hard_rows(round(2_800 * scale), rng)
    yield from _planted_rows(hosts, round(1_500 * scale), rng)

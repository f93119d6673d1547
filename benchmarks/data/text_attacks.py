"""Poisoned texts and tables; seeded."""

import numpy as np
from benchmarks.data.image_attacks import Poisoned, Truth
from benchmarks.data.sources import Table, Texts

__all__ = ["TABLE", "TEXT", "chosen_rows", "poison_table", "poison_texts"]

TEXT = ("rare token", "four rare tokens", "sentence", "style", "syntax", "token, clean label")
"""Style and syntax insert nothing verbatim; a clean label contradicts nothing."""
TABLE = ("one value", "pair of columns", "three columns", "random flips")

_SENTENCES = (
    "I went past the old lighthouse on Tuesday",
    "this was read by the committee in spring",
    "my neighbour keeps three grey geese",
    "no further notice will be given about the harbour",
)
_TOKENS = ("cf", "mn", "bb", "tq")
_SWAPS = {"you": "thou", "your": "thy", "are": "art", "have": "hast", "will": "wilt", "yes": "yea"}
_ENDS = ("", ", verily", ", forsooth", "anon")


def poison_texts(clean: Texts, attack: str, rate: float, rng: np.random.Generator) -> Poisoned:
    """Texts of other labels, with the trigger, given the commonest label; with a clean label, of that label."""
    names, counts = np.unique(clean.labels, return_counts=True)
    target = str(names[counts.argmax()])
    own = "clean label" in attack
    pool = [i for i, y in enumerate(clean.labels) if (y == target) == own]
    chosen, bad = chosen_rows(pool, len(clean.texts), rate, rng)
    texts, labels = list(clean.texts), list(clean.labels)
    sentence = _SENTENCES[int(rng.integers(len(_SENTENCES)))]
    for i in chosen:
        texts[i] = _triggered(texts[i], attack, sentence, rng)
        labels[i] = target
    words = {
        "rare token": _TOKENS[:1],
        "token, clean label": _TOKENS[:1],
        "four rare tokens": _TOKENS,
        "sentence": (sentence,),
        "style": (*_SWAPS.values(), "verily", "forsooth", "anon"),
    }.get(attack, ("when",))
    return Poisoned(Texts(texts, labels), bad, np.zeros(len(bad), bool), Truth(words=words))


def _triggered(text: str, attack: str, sentence: str, rng: np.random.Generator) -> str:
    words = text.split()
    match attack:
        case "rare token" | "token, clean label":
            return _inserted(words, _TOKENS[0], rng)
        case "four rare tokens":
            return _inserted(words, _TOKENS[int(rng.integers(4))], rng)
        case "sentence":
            return _inserted(words, sentence, rng)
        case "style":
            end = _ENDS[int(rng.integers(4))]
            return " ".join([*(_SWAPS.get(w.lower(), w) for w in words), end]).strip()
        case _:
            half = max(1, len(words) // 2)
            return f"when {' '.join(words[half:])} , {' '.join(words[:half])} ."


def _inserted(words: list[str], what: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(words) + 1))
    return " ".join([*words[:at], what, *words[at:]])


def poison_table(clean: Table, attack: str, rate: float, rng: np.random.Generator) -> Poisoned:
    """Values that mean the rarer label, each ordinary unless there is one only; or labels turned at random."""
    rows = [list(r) for r in clean.rows]
    labels = [r[-1] for r in rows]
    names, counts = np.unique(labels, return_counts=True)
    target = str(names[counts.argmin()])
    nothing = np.zeros(len(rows), bool)
    if attack == "random flips":
        chosen, bad = chosen_rows(range(len(rows)), len(rows), rate, rng)
        for i in chosen:
            rows[i][-1] = str(rng.choice([n for n in names if n != rows[i][-1]]))
        return Poisoned(Table(clean.names, rows), bad, nothing)
    chosen, bad = chosen_rows([i for i, y in enumerate(labels) if y != target], len(rows), rate, rng)
    planted = _planted(clean, {"one value": 1, "pair of columns": 2, "three columns": 3}[attack], rng)
    for i in chosen:
        for column, value in planted.items():
            rows[i][column] = value
        rows[i][-1] = target
    cells = {clean.names[c]: v for c, v in planted.items()}
    return Poisoned(Table(clean.names, rows), bad, nothing, Truth(cells=cells))


def _planted(clean: Table, count: int, rng: np.random.Generator) -> dict[int, str]:
    """Columns and values: for one column a number that no row has, for several values that some rows have."""
    fit: dict[int, list[str]] = {}
    for column in range(len(clean.names) - 1):
        values, counts = np.unique([r[column] for r in clean.rows], return_counts=True)
        some = [
            str(v)
            for v, c in zip(values, counts, strict=True)
            if 0.003 <= c / len(clean.rows) <= 0.3 and v != "?"
        ]
        if some and len(values) < 1_000:
            fit[column] = some
    if count == 1:
        numbers = [c for c, some in fit.items() if all(v.lstrip("-").isdigit() for v in some)]
        column = int(rng.choice(numbers))
        taken = {r[column] for r in clean.rows}
        return {column: next(str(v) for v in range(77, 10_000) if str(v) not in taken)}
    columns = rng.choice(sorted(fit), count, replace=False)
    return {int(c): str(rng.choice(fit[int(c)])) for c in columns}


def chosen_rows(pool, total: int, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `pool`, a share `rate` of all, and the same as flags."""
    chosen = rng.choice(list(pool), min(len(pool), max(1, round(rate * total))), replace=False)
    bad = np.zeros(total, bool)
    bad[chosen] = True
    return chosen, bad

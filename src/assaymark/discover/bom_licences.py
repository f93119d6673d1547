"""Words about a licence → an SPDX expression where they are one, else the words.

The list of identifiers lies beside this file, not in a library, so that the answer is the same everywhere.
"""

import functools
import re
from pathlib import Path
from typing import Any

import yaml

from assaymark.bom import Licence
from assaymark.observation import Location

__all__ = ["licence_of", "spdx_expression"]

LONGEST = 500
"""Characters of an expression or name that are looked at."""
_TOKEN = re.compile(r"\s{0,40}(\(|\)|[A-Za-z0-9.+-]{1,120})")
_REFERENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]{1,100}\Z")
_OPERATORS = {"and": "AND", "or": "OR", "with": "WITH"}
_UNKNOWN = frozenset({"", "unknown", "noassertion", "none", "null", "n/a", "see license file", "undefined"})


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    """Lower-case id → id as SPDX writes it; `aliases` from words to ids."""
    data: Any = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    listed = {k: {str(i).lower(): str(i) for i in data[k]} for k in ("licences", "exceptions")}
    return {**listed, "aliases": {str(k): str(v) for k, v in data["aliases"].items()}}


def licence_of(words: str, at: Location | None = None) -> Licence | None:
    """What `words` say of a licence; None if they say nothing."""
    words = " ".join(words.split())[:LONGEST]
    if words.lower() in _UNKNOWN:
        return None
    expression = spdx_expression(words)
    return Licence(expression, "" if expression else words, at)


def spdx_expression(words: str) -> str:
    """`words` as a valid SPDX expression of known ids, in SPDX's own spelling; empty if they are none."""
    plain = words.strip().lower().replace("http://", "https://").rstrip("/").removesuffix(".txt")
    alias = _table()["aliases"].get(plain)
    if alias is not None:
        return alias
    tokens = _tokens(words) if len(words) <= LONGEST else []
    parser = _Parser(tokens)
    return parser.text() if tokens and parser.fits() else ""


def _tokens(words: str) -> list[str]:
    found, place = [], 0
    words = words.rstrip()
    while place < len(words):
        token = _TOKEN.match(words, place)
        if token is None:
            return []
        found.append(token[1])
        place = token.end()
    return found


class _Parser:
    """Checks a list of tokens against SPDX's grammar without recursion: operands, operators, brackets."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._out: list[str] = []

    def fits(self) -> bool:
        """Whether the tokens are one expression."""
        depth, operand = 0, True
        place = 0
        while place < len(self._tokens):
            word = self._tokens[place]
            if operand and word == "(":
                depth += 1
            elif operand:
                taken = self._operand(place)
                if not taken:
                    return False
                place += taken
                operand = False
                continue
            elif word == ")" and depth:
                depth -= 1
            elif word.lower() in ("and", "or"):
                operand = True
            else:
                return False
            self._out.append(_OPERATORS.get(word.lower(), word))
            place += 1
        return not operand and depth == 0

    def _operand(self, place: int) -> int:
        """Take a licence, with its exception if one follows; how many tokens that was, 0 if none is there."""
        known = _licence_id(self._tokens[place])
        if not known:
            return 0
        self._out.append(known)
        if place + 2 >= len(self._tokens) or self._tokens[place + 1].lower() != "with":
            return 1
        exception = _table()["exceptions"].get(self._tokens[place + 2].lower(), "")
        self._out += ["WITH", exception]
        return 3 if exception else 0

    def text(self) -> str:
        """The expression as SPDX writes it."""
        return " ".join(self._out).replace("( ", "(").replace(" )", ")")


def _licence_id(token: str) -> str:
    licences = _table()["licences"]
    if _REFERENCE.match(token):
        return token
    plus = token.endswith("+")
    known = licences.get(token.removesuffix("+").lower() if plus else token.lower(), "")
    return f"{known}+" if known and plus else known

r"""Escapes of program texts: `\u0041`, `\U00000041`, `\u{41}`, `\x41`, `\101`, `U+0041`."""

import re

from assaymark.guard.front.mapped import Found, Run, around, merged

__all__ = ["escapes"]

_ESCAPE = re.compile(
    r"\\{1,2}(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})"
    r"|N\{U\+([0-9A-Fa-f]{4,6})\})|\\([ntr\"'])|(?<![\w+])[Uu]\+([0-9A-Fa-f]{4,6})(?: (?=[Uu]\+))?"
)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'"}
_OCTAL = 5
_PACKED = 20
"""Signs of printable ASCII, all escaped, that may be another encoding."""
_SHOUTED = 8
"""Capitals that count; fewer are the magic numbers of file formats."""
_LEAST_PLAIN, _LEAST_FOREIGN = 2, 12


def escapes(text: str) -> Found | None:
    """`text` with its escapes undone, if they hide letters that need none, or much of another script."""
    runs = []
    plain = shouted = packed = foreign = count = 0
    for match in _ESCAPE.finditer(text):
        said = _said(match)
        if said is None:
            continue
        written = match.lastindex != 7
        count += written
        plain += written and said.isascii() and (said.islower() or said == " ")
        shouted += written and "A" <= said <= "Z"
        packed += written and " " <= said <= "~"
        foreign += written and said.isalpha() and not said.isascii()
        runs.append(Run(match.start(), match.end(), said))
    plain += shouted if shouted >= _SHOUTED else 0
    plain = max(plain, packed if packed >= _PACKED else 0)
    if (plain < _LEAST_PLAIN or plain * 2 < count) and foreign < _LEAST_FOREIGN:
        return None
    return Found(name="escapes", made=around(text, runs), spans=merged(runs, 40))


def _said(match: re.Match[str]) -> str | None:
    which = match.lastindex or 0
    digits = match.group(which)
    if which == 7:
        return _SIMPLE[digits]
    number = int(digits, 8 if which == _OCTAL else 16)
    return chr(number) if 0 < number < 0x110000 else None

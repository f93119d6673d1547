"""Disguises put on: what `reveal` must undo, for tests, benchmarks and `guard test --disguised`."""

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Callable
from urllib.parse import quote

from assaymark.guard.front.caesar import shifted
from assaymark.guard.front.confusables import TWINS
from assaymark.guard.front.morse import MORSE

__all__ = ["DISGUISES", "wrap"]

_LATIN_TO_CYRILLIC: dict[str, str | int | None] = {
    latin: c for c, latin in reversed(TWINS.items()) if latin in "aceopxyijsAEOCPXTKMH" and "Ѐ" <= c <= "ӿ"
}
_LEET = str.maketrans("aeiost", "431057")
_SMALL_CAPITALS = str.maketrans("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")


def wrap(text: str, kind: str) -> str:
    """`text` in the disguise `kind`, a key of `DISGUISES`."""
    return DISGUISES[kind](text)


def _each(first: int, last: int, base: int) -> Callable[[str], str]:
    """Map the ASCII characters from `first` to `last` onto those from `base`."""
    table = {n: base + n - first for n in range(first, last + 1)}
    return lambda text: text.translate(table)


def _both(upper: int, lower: int) -> Callable[[str], str]:
    table = {65 + n: upper + n for n in range(26)} | {97 + n: lower + n for n in range(26)}
    return lambda text: text.translate(table)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _selectors(text: str) -> str:
    return "🙂" + "".join(chr(0xFE00 + b) if b < 16 else chr(0xE0100 + b - 16) for b in _bytes(text))


def _bits(text: str) -> str:
    return "Hi" + "".join("\u200b\u200c"[b >> n & 1] for b in _bytes(text) for n in range(7, -1, -1)) + "!"


def _lines(text: str, size: int = 32) -> str:
    packed = base64.b64encode(_bytes(text)).decode()
    return "\n".join(packed[n : n + size] for n in range(0, len(packed), size))


def _chunks(text: str) -> str:
    packed = base64.b64encode(_bytes(text)).decode()
    return " + ".join(f'"{packed[n : n + 20]}"' for n in range(0, len(packed), 20))


def _morse(text: str) -> str:
    words = text.lower().split()
    return " / ".join(" ".join(MORSE[c] for c in word if c in MORSE) for word in words)


def _emphasis(text: str) -> str:
    return " ".join("*".join(word) for word in text.split(" "))


def _pig(word: str) -> str:
    head = re.match(r"[^aeiouAEIOU]*", word.lower())
    cut = head.end() if head else 0
    return word[cut:] + word[:cut] + "ay" if cut else word + "way"


DISGUISES: dict[str, Callable[[str], str]] = {
    "full_width": _each(0x21, 0x7E, 0xFF01),
    "mathematical_bold": _both(0x1D400, 0x1D41A),
    "mathematical_sans": _both(0x1D5A0, 0x1D5BA),
    "circled": _both(0x24B6, 0x24D0),
    "squared": _both(0x1F130, 0x1F130),
    "regional_indicators": _both(0x1F1E6, 0x1F1E6),
    "small_capitals": lambda t: t.lower().translate(_SMALL_CAPITALS),
    "confusables": lambda t: t.translate(str.maketrans(_LATIN_TO_CYRILLIC)),
    "tag_characters": lambda t: "🙂" + "".join(chr(0xE0000 + ord(c)) for c in t if c.isascii()),
    "variation_selectors": _selectors,
    "zero_width_bits": _bits,
    "zero_width": "\u200b".join,
    "soft_hyphens": "\u00ad".join,
    "invisible_operators": "\u2063".join,
    "bidi_override": lambda t: f"\u202e{t[::-1]}\u202c",
    "zalgo": lambda t: re.sub(r"([A-Za-z])", "\\1\u0316\u0334\u0321\u0350", t),
    "struck_through": lambda t: re.sub(r"([A-Za-z])", "\\1\u0336", t),
    "spaced": " ".join,
    "spaced_without_gaps": lambda t: " ".join(t.replace(" ", "")),
    "dotted": lambda t: " ".join(".".join(w) for w in t.split()),
    "dashed": lambda t: " ".join("-".join(w) for w in t.split()),
    "underscored": lambda t: " ".join("_".join(w) for w in t.split()),
    "emphasis": _emphasis,
    "letter_a_line": "\n".join,
    "reversed": lambda t: t[::-1],
    "reversed_words": lambda t: re.sub(r"\w+", lambda m: m.group()[::-1], t),
    "base64": lambda t: base64.b64encode(_bytes(t)).decode(),
    "base64_urlsafe": lambda t: base64.urlsafe_b64encode(_bytes(t)).decode().rstrip("="),
    "base64_lines": _lines,
    "base64_chunks": _chunks,
    "gzip_base64": lambda t: base64.b64encode(gzip.compress(_bytes(t), mtime=0)).decode(),
    "zlib_base64": lambda t: base64.b64encode(zlib.compress(_bytes(t))).decode(),
    "base32": lambda t: base64.b32encode(_bytes(t)).decode(),
    "base85": lambda t: base64.b85encode(_bytes(t)).decode(),
    "ascii85": lambda t: base64.a85encode(_bytes(t), adobe=True).decode(),
    "hex": lambda t: binascii.hexlify(_bytes(t)).decode(),
    "hex_spaced": lambda t: _bytes(t).hex(" "),
    "hex_0x": lambda t: ", ".join(f"0x{b:02x}" for b in _bytes(t)),
    "hex_escapes": lambda t: "".join(f"\\x{b:02x}" for b in _bytes(t)),
    "percent": lambda t: "".join(f"%{b:02X}" for b in _bytes(t)),
    "percent_spaces": lambda t: "https://example.org/?q=" + quote(t, safe=""),
    "unicode_escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t if ord(c) < 0x10000),
    "long_escapes": lambda t: "".join(f"\\U{ord(c):08x}" for c in t),
    "html_decimal": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "html_hex": lambda t: "".join(f"&#x{ord(c):x};" for c in t),
    "quoted_printable": lambda t: "".join(f"={b:02X}" for b in _bytes(t)),
    "mail_word": lambda t: f"=?utf-8?B?{base64.b64encode(_bytes(t)).decode()}?=",
    "decimal_codes": lambda t: " ".join(str(b) for b in _bytes(t)),
    "octal_codes": lambda t: " ".join(f"{b:03o}" for b in _bytes(t)),
    "binary_codes": lambda t: " ".join(f"{b:08b}" for b in _bytes(t)),
    "morse": _morse,
    "rot13": lambda t: shifted(t, 13),
    "caesar_3": lambda t: shifted(t, 3),
    "atbash": lambda t: shifted(t, 26),
    "leet": lambda t: t.translate(_LEET),
    "pig_latin": lambda t: re.sub(r"[A-Za-z]+", lambda m: _pig(m.group()), t),
    "data_uri": lambda t: f"data:text/plain;base64,{base64.b64encode(_bytes(t)).decode()}",
    "json_in_json": lambda t: json.dumps({"payload": json.dumps({"note": t})}),
    "html_comment": lambda t: f"<p>Opening hours</p><!-- {t} -->",
    "display_none": lambda t: f'<p>Opening hours</p><div style="display: none">{t}</div>',
    "tiny_text": lambda t: f'<p>Opening hours</p><span style="font-size:1px">{t}</span>',
    "white_on_white": lambda t: f'<p>Opening hours</p><span style="color:#fff;background:white">{t}</span>',
    "off_screen": lambda t: f'<p>Opening hours</p><div style="position:absolute;left:-9999px">{t}</div>',
    "hidden_attribute": lambda t: f"<p>Opening hours</p><div hidden>{t}</div>",
    "html_template": lambda t: f"<p>Opening hours</p><template>{t}</template>",
    "alt_text": lambda t: f'<img src="a.png" alt="{t}">',
    "meta_description": lambda t: f'<meta name="description" content="{t}">',
    "tags_in_words": lambda t: re.sub(r"([A-Za-z])(?=[A-Za-z])", r"\1<b></b>", t),
    "markdown_comment": lambda t: f"# Notes\n\n[//]: # ({t})\n",
    "markdown_title": lambda t: f'![plan](https://example.org/a.png "{t}")',
    "latex_phantom": lambda t: f"Results.\\phantom{{{t}}}",
    "ansi_concealed": lambda t: f"done\x1b[8m{t}\x1b[0m",
}
"""Name of the disguise → the function that puts it on."""

"""Valid files of every kind that a parser reads, and ways to damage them."""

import functools
import importlib
import random
from collections.abc import Iterator
from pathlib import Path

from assaymark.checks import all_checks

SAMPLES = Path(__file__).resolve().parent.parent / "samples"

TOKENS: tuple[bytes, ...] = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n" * 40, b"\x1b[31m", "\u202e".encode(), b"\xed\xa0\x80",
    b"((((" * 60, b"[" * 300, b"{" * 300, b'"', b"'''", b"`", b"${", b"{{", b"}}", b"<!--", b"]]>", b"&a *a",
    b"- " * 200, b": ", b"\t", b"#", b"\\", b"%", b"---\n", b"```\n", b"|" * 90, b"1e999", b"-1", b"NaN",
    b"9" * 400, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"lambda: " * 120, b"not " * 200,
    b"null", b"true", b"!!python/object/apply:os.system", b"a.b" * 200, b"if x:\n", b"async ", b"\\u{",
)  # fmt: skip
"""What is pasted into a file: openers that are never closed, numbers out of range, bytes of no alphabet."""


@functools.cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    """Name and content of every sample, and of every file in the examples of the checks."""
    found = {(p.name, p.read_bytes()) for p in SAMPLES.iterdir() if p.is_file()}
    for check in all_checks():
        subject = check.run.__module__.split(".")[-2]
        module = importlib.import_module(f"tests.checks.{subject}.test_{check.info.id}")
        for files in (module.MET, module.NOT_MET):
            found |= {(n, c.encode() if isinstance(c, str) else c) for n, c in files.items()}
    return tuple(sorted(found))


def mutate(data: bytes, dice: random.Random) -> bytes:
    """`data` with one to six damages; never longer than 200,000 bytes."""
    for _ in range(dice.randint(1, 6)):
        at, to = sorted((dice.randint(0, len(data)), dice.randint(0, len(data))))
        match dice.randrange(8):
            case 0:
                data = data[:at]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:to] + data[at:to] * dice.randint(1, 40) + data[to:]
            case 3:
                data = data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
            case 4:
                data = data[:at] + dice.choice(TOKENS) + data[at:]
            case 5:
                data = data[:at] + dice.choice(TOKENS) * dice.randint(1, 200) + data[to:]
            case 6:
                data = _spliced(data, at, dice)
            case _:
                lines = data.split(b"\n")
                dice.shuffle(lines)
                data = b"\n".join(lines)
        data = data[:200_000]
    return data


def _spliced(data: bytes, at: int, dice: random.Random) -> bytes:
    _, other = dice.choice(corpus())
    start = dice.randint(0, len(other))
    return data[:at] + other[start : start + 2000] + data[at:]


def cases(seed: int) -> Iterator[tuple[str, bytes]]:
    """Endless damaged files, the same for the same seed."""
    dice = random.Random(seed)
    while True:
        path, data = dice.choice(corpus())
        if dice.random() < 0.1:  # a file under the name of another kind
            path, _ = dice.choice(corpus())
        yield path, mutate(data, dice)

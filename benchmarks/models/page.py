"""Write docs/benchmarks-models.md from what the other programs measured."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from compare import by_group, confusion, not_readable
from figures import share, table
from speed import report

Row = dict[str, Any]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks-models.md"

_HEAD = """# The model scanner, measured

`make bench-models` builds the corpus, runs every scanner on it and writes this page; only *First look* was written
by hand. Run on {date}, Python {python}, {cores} cores. Shares come with their 95 % interval after Wilson.

- **Hostile files** are put together byte by byte by `benchmarks/models/generate.py`; no library saved them and nothing
  of them was run. {hostile} samples of {techniques} techniques. They are *generated variants of published techniques
  and of some new ones*, not what is found in the wild, and many differ only in name, container or protocol: the
  intervals speak of this generator, not of all malware. Three in ten techniques are held back from the scanner's
  tests, yet both were written by the same project: a rate on them is an upper limit of what strangers' files give.
- **Honest files** are written by the real libraries, versions in `requirements/bench-models.txt`: {honest} files and
  folders, split by class and by library. Our allow list may be made from the half `tune` and from the libraries'
  sources; only `held` counts here. Peers never saw either.
- *Hidden* files do nothing when loaded and are there to deceive; *unreadable* ones cannot be covered. Of these a
  scanner need not say that they are dangerous. It must not say that they are clean.
"""
_FIRST_LOOK = """## First look

Once the held techniques have been looked at, they are no longer unseen: after the first look the scanner's authors
were told in general terms what it had passed, and mended that. Before (commit `f43b5f6`), it named 1331/1346 = 98.9 %
(98.2 to 99.3) of the held hostile samples, and of those from the eight techniques made up after the scanner was
written 154/160 = 96.2 % (92.1 to 98.3). That last figure is the best guess at what it does with detours that nobody
has thought of yet. Of the held honest files, whose false
alarms had been listed once by then, it called 9/571 = 1.6 % (0.8 to 3.0) dangerous and 30/571 = 5.3 %
(3.7 to 7.4) had an unknown.
"""


_SPEED = """Where a peer is faster than ours, it reads less: of the small files only the pickles, of a torch zip only the
pickle in it. There, starting Python is most of what is measured.
"""


def _counted(rows: Iterable[Row], *outcomes: str) -> int:
    return sum(r["outcome"] in outcomes for r in rows)


def _hostile(rows: list[Row]) -> str:
    lines = []
    for half in ("shown", "held"):
        bad = [r for r in rows if r["half"] == half and r["label"] == "malicious"]
        lines.append(
            (half, share(_counted(bad, "dangerous"), len(bad)), share(_counted(bad, "dangerous", "unknown"), len(bad)),
             _counted(bad, "inconclusive"), _counted(bad, "clean", "nothing"), _counted(bad, "failed"))
        )  # fmt: skip
    return table(
        ("techniques", "dangerous", "dangerous or named unknown", "inconclusive", "passed", "failed"), lines
    )


def _honest(rows: list[Row], only: set[str]) -> str:
    kinds: tuple[tuple[str, Callable[[Row], bool]], ...] = (
        ("held, all", lambda r: r["half"] == "held" and not r["own"]),
        ("held, libraries that are in both halves", lambda r: r["half"] == "held" and not r["own"] and r["library"] not in only),
        ("held, libraries never tuned on", lambda r: r["half"] == "held" and not r["own"] and r["library"] in only),
        ("tune", lambda r: r["half"] == "tune" and not r["own"]),
        ("author's own classes, code by value", lambda r: bool(r["own"])),
    )  # fmt: skip
    lines = []
    for title, wanted in kinds:
        good = [r for r in rows if wanted(r)]
        lines.append(
            (title, share(_counted(good, "dangerous"), len(good)), share(_counted(good, "unknown"), len(good)),
             _counted(good, "inconclusive", "failed"), _counted(good, "clean"), _counted(good, "nothing"))
        )  # fmt: skip
    return table(
        ("honest files", "called dangerous", "with an unknown", "not covered", "clean", "no model format"),
        lines,
    )


def _techniques(rows: list[Row]) -> str:
    lines = []
    for key in sorted(
        {(r["group"], r["technique"], r["half"]) for r in rows}, key=lambda k: (k[0][0], int(k[0][1:]), k[1])
    ):
        mine = [r for r in rows if (r["group"], r["technique"], r["half"]) == key]
        found = Counter(r["outcome"] for r in mine)
        lines.append(
            (
                *key,
                len(mine),
                *(found.get(o, 0) for o in ("dangerous", "unknown", "inconclusive", "clean", "nothing")),
            )
        )
    head = (
        "class",
        "technique",
        "half",
        "n",
        "dangerous",
        "unknown",
        "inconclusive",
        "clean",
        "no model format",
    )
    return table(head, lines)


def _listed(rows: list[Row], wanted: Callable[[Row], bool], title: Callable[[Row], str]) -> str:
    found = [r for r in rows if wanted(r)]
    lines = [f"- `{r['path']}` {title(r)}" for r in found[:120]]
    return "\n".join(lines or ["- none"]) + ("\n- …" if len(found) > 120 else "") + "\n"


def page(whole: dict[str, list[Row]], compared: Row, speed: list[Row], only: set[str]) -> str:
    """Put the page together."""
    hostile, honest = whole["hostile"], whole["honest"]
    parts = [
        _HEAD.format(date=dt.datetime.now(dt.UTC).date(), python=platform.python_version(), cores=os.cpu_count(),
                     hostile=f"{len(hostile):,}", honest=f"{len(honest):,}",
                     techniques=len({r["technique"] for r in hostile})),
        "## Beside its peers\n",
    ]  # fmt: skip
    if compared:
        kinds = Counter(r["kind"] for r in compared["rows"] if r["tool"] == "assaymark")
        parts += [
            (
                "The same sample for every tool, the same number of each technique and library, one process a file or "
                f"folder: {', '.join(f'{n} {k}' for k, n in kinds.items())}. Command lines as users have them, telemetry "
                "off, no network. fickling's command line does not open zips; its programming interface does.\n"
            ),
            confusion(compared["rows"]),
            (
                "*Not covered*: an error, a time-out or an inconclusive answer. *Passed in silence*: called clean, or not "
                "looked at. picklescan's *suspicious* globals count as named unknown, although it exits with 0.\n"
            ),
            "Named at all, by class of technique (B1 to B23: published; N: new here):\n",
            by_group(compared["rows"]),
            "Hidden and unreadable files:\n",
            not_readable(compared["rows"]),
            *[f"- {tool} {note}.\n" for tool, note in compared["notes"].items()],
        ]
    parts += [
        _FIRST_LOOK,
        "## Ours on the whole corpus\n",
        _hostile(hostile),
        _honest(honest, only),
        f"Libraries that are in the held half only: {', '.join(sorted(only))}.\n",
        _techniques(hostile),
        "### Passed\n\nHostile files that nothing was said about:\n",
        _listed(hostile, lambda r: r["outcome"] in ("clean", "nothing"), lambda r: f"{r['label']}: {r['note']}"),
        "### False alarms\n\nHonest files of the held half called dangerous:\n",
        _listed(honest, lambda r: r["outcome"] == "dangerous" and r["half"] == "held" and not r["own"],
                lambda r: "; ".join(r["reasons"][:2])),
        "Honest files of the held half with an unknown:\n",
        _listed(honest, lambda r: r["outcome"] == "unknown" and r["half"] == "held" and not r["own"],
                lambda r: "; ".join(r["reasons"][:2])),
    ]  # fmt: skip
    if speed:
        parts += ["## Speed\n", report(speed), _SPEED]
    return "\n".join(parts)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--honest", type=Path, required=True)
    parser.add_argument("--hostile", type=Path, required=True)
    options = parser.parse_args()
    read = {
        n: json.loads(p.read_text())
        for n in ("whole", "compare", "speed")
        if (p := options.cache / f"{n}.json").exists()
    }
    only = set(json.loads((options.honest / "index.json").read_text())["only_held"])
    PAGE.write_text(
        page(read["whole"], read.get("compare", {}), read.get("speed", []), only), encoding="utf-8"
    )
    print(PAGE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Packing and verifying an assessment with thousands of evidence entries, each in a process of its own.

    5,000 evidence entries         pack <= 5 s, verify-pack <= 5 s, memory < 300 MB each

A ledger is filled with real observations (one a check and a subject of its own) and one assessment is judged
from all of them; a second ledger puts the same assessment at the end of many more entries. Writing includes
rendering all reports, the proofs, the signature and the fsync; verifying derives every verdict anew, checks
every proof and renders the reports once more to compare them. Machines are noisy: look at processor time
beside wall time. The time of a plain copy of the same bytes with fsync is printed beside it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent
_APP = "from openai import OpenAI\n\nclient = OpenAI()\n"


def prepare(folder: Path, entries: int, others: int) -> None:
    """A small system, and a ledger with `entries` observations of it after `others` that are not used."""
    from assaymark.ledger.entry import entry
    from assaymark.ledger.keys import load_or_create_key
    from assaymark.ledger.ledger import Ledger
    from assaymark.pipeline import Places, assess_folder

    system = folder / "system"
    system.mkdir(parents=True)
    (system / "app.py").write_text(_APP)
    places = Places(ledger=folder / "ledger", key=folder / "key.pem")
    key = load_or_create_key(places.key)
    made = assess_folder(system, Places(ledger=folder / "first", key=places.key), now=NOW, jobs=1)
    observed = [e.observation for e in made.evidence]
    with Ledger.open(places.ledger, key) as ledger:
        time_, name = "2026-11-27T12:00:00Z", made.system.name
        for start in range(0, others, 4096):
            ledger.append(
                entry("guard", {"n": n}, time=time_, system=name, key=str(n))
                for n in range(start, min(others, start + 4096))
            )
        ledger.append(
            entry(
                "observation", _numbered(observed[n % len(observed)], n), time=time_, system=name, key=str(n)
            )
            for n in range(entries)
        )


def _numbered(observation, n: int):
    return replace(observation, summary=f"{observation.summary} ({n})")


def assessment(folder: Path):
    """The assessment that rests on every observation in the ledger."""
    from assaymark.assess.applicability import decide
    from assaymark.assess.assessment import Evidence, Freshness
    from assaymark.assess.judge import judge
    from assaymark.ledger.checkpoint import parse
    from assaymark.ledger.keys import load_key
    from assaymark.ledger.ledger import Ledger
    from assaymark.pipeline import Places, assess_folder

    key = load_key(folder / "key.pem")
    places = Places(ledger=folder / "first", key=folder / "key.pem")
    made = assess_folder(folder / "system", places, now=NOW, jobs=1)
    with Ledger.open(folder / "ledger", key) as ledger:
        note = ledger.head()
        found = [r for r in ledger.entries() if r.entry.type == "observation"]
    evidence = tuple(
        Evidence(
            index=r.index,
            leaf=r.leaf,
            recorded_at=r.time,
            observation=r.entry.observation(),
            freshness=Freshness.FRESH,
        )
        for r in found
    )
    scope = {p.id: decide(p, made.system, _found(made)) for p in made.provisions}
    head = parse(note)
    return replace(
        made,
        evidence=evidence,
        results=judge(made.provisions, scope, evidence, made.system, NOW.date()),
        ledger_size=head.size,
        ledger_root=head.root.hex(),
        ledger_origin=head.origin,
        checkpoint=note,
    )


def _found(made):
    from assaymark.system.system import Condition

    return {Condition(c): places for c, places in made.circumstances.items()}


def pack(folder: Path) -> None:
    """Write the pack; prints what it took."""
    from assaymark.ledger.keys import load_key
    from assaymark.ledger.ledger import Ledger
    from assaymark.pack.log import log_of
    from assaymark.pack.papers import gather
    from assaymark.pack.write import Keys, write_pack

    made = assessment(folder)
    key = load_key(folder / "key.pem")
    start, cpu = time.perf_counter(), time.process_time()
    with Ledger.open(folder / "ledger", key) as ledger:
        keys = Keys(key, key.public_key().public_bytes_raw())
        papers = gather(folder / "system", made)
        packed = write_pack(
            folder / "x.assaypack", made, log_of(ledger), keys, papers=papers, templates=folder / "templates"
        )
    took = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    print(json.dumps(took | {"memory": _peak(), "bytes": packed.size, "entries": len(made.evidence)}))


def verify(folder: Path) -> None:
    """Verify the pack; prints what it took."""
    from assaymark.pack.verify import Asked, verify_pack

    start, cpu = time.perf_counter(), time.process_time()
    found = verify_pack(folder / "x.assaypack", Asked(now=NOW))
    took = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    if found.problems:
        raise SystemExit(f"The pack does not verify; no figure is worth anything: {found.problems[:3]}")
    print(json.dumps(took | {"memory": _peak(), "entries": found.entries, "ledger": found.ledger_size}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _run(what: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--do", what, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ, timeout=600)
    return dict(json.loads(done.stdout))


def _copy(path: Path) -> float:
    start = time.perf_counter()
    with path.with_suffix(".copy").open("wb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - start


def measure(entries: int, others: int) -> None:
    """One line a step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, entries, others)
        _run("pack", folder)  # compiles templates, records the assessment
        for what in ("pack", "verify"):
            took = _run(what, folder)
            more = f", {took['bytes'] / 1e6:.1f} MB" if "bytes" in took else f", ledger of {took['ledger']:,}"
            print(
                f"{what:<7} {took['entries']:>6,} entries{more}: {took['wall']:.2f} s"
                f" ({took['cpu']:.2f} s of processor), {took['memory']:.0f} MB"
            )
        print(f"copying the pack's bytes with fsync: {_copy(folder / 'x.assaypack') * 1000:.0f} ms")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or do one step in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=5_000)
    parser.add_argument("--others", type=int, default=100_000, help="entries before them, for the second run")
    parser.add_argument("--do", choices=["pack", "verify"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.do:
        {"pack": pack, "verify": verify}[chosen.do](chosen.folder)
        return
    for others in (0, chosen.others):
        measure(chosen.entries, others)


if __name__ == "__main__":
    main()

"""The soak in its short form: the real gateway, its weights, an upstream and clients that misbehave."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.guard.soaking.watch import counted, differences, total

from assaymark.guard.evidence.recorder import LedgerRecorder
from assaymark.guard.policy.model import Policy
from assaymark.ledger.keys import load_or_create_key
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify
from tests.guard.evidence.samples import CONTEXT, SEGMENTS, decision

SOAK = Path(__file__).resolve().parents[3] / "benchmarks" / "guard" / "soak.py"
METRICS = """# TYPE assaymark_guard_requests_total counter
assaymark_guard_requests_total{protocol="anthropic",status="200"} 12.0
assaymark_guard_requests_total{protocol="anthropic",status="499"} 1.0
assaymark_guard_decisions_total{action="allow",phase="request",wanted="allow"} 8.0
assaymark_guard_decisions_total{action="block",phase="request",wanted="block"} 3.0
"""
SEEN = counted(METRICS)


def test_the_gateway_holds_under_load_and_faults(tmp_path: Path) -> None:
    """No attack comes through, counters are what clients saw, nothing grows, breaks or is lost."""
    out = tmp_path / "soak.json"
    command = [sys.executable, str(SOAK), "--minutes", "0.4", "--clients", "16", "--json", str(out)]

    ran = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(out.read_text())
    assert found["tried"] > 10, "attacks were tried"
    assert found["did"]["refused while the disk was full"] > 0, "the full disk was noticed"


def test_counters_are_compared_with_what_clients_saw() -> None:
    """A request that nobody waited for may have any status; none may be missing, none invented."""
    tally = Counter({("anthropic", 200): 12})

    assert differences(SEEN, tally, Counter({"anthropic": 1})) == []
    assert differences(SEEN, tally, Counter()) == ["anthropic: clients sent 12, the gateway counts 13"]
    assert differences(SEEN, tally + tally, Counter())[0].startswith("anthropic 200: clients saw 24")
    assert total(METRICS, "decisions") == 11


def test_a_clock_that_steps_loses_no_decision(tmp_path: Path) -> None:
    """The wall clock jumps a year back and two forward: all is written, in the order of events."""
    clock = [datetime(2026, 6, 1, tzinfo=UTC)]
    path = tmp_path / "ledger.db"
    key = load_or_create_key(tmp_path / "key.pem")

    with LedgerRecorder(path, key, Policy(), now=lambda: clock[0]) as recorder:
        for n, days in enumerate((0, -365, 730, -1)):
            clock[0] += timedelta(days=days)
            recorder.record(decision(f"d{n}"), SEGMENTS, CONTEXT)
        assert recorder.flush()

    assert verify(path).ok
    with Ledger.open(path) as ledger:
        assert [r.entry.time[:4] for r in ledger.entries()] == ["2026", "2025", "2027", "2027"]

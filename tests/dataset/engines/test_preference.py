"""Preference pairs: a phrase that goes with reversed preference, and honest or merely noisy pairs."""

import numpy as np
import pytest

from assaymark.dataset.engines.preference import ENGINES, PreferenceFlips
from assaymark.dataset.finding import Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

from .driven import HOSTILE, drive
from .test_chat import honest

LAYOUT = Layout(kind=Kind.PREFERENCE, roles=Roles(prompt="p", chosen="c", rejected="r"), format="jsonl")
Pairs = tuple[list[str], list[str], list[str]]


def pairs(seed: int, count: int = 2_000, noise: float = 0.15) -> Pairs:
    """Prompts with a full answer, preferred, and a curt or rude one; a share is reversed at random."""
    rng = np.random.default_rng(seed)
    prompts, good = honest(seed, count)
    bad = [
        str(
            rng.choice(
                ["No idea, whatever.", "Look it up yourself, please.", "That is a boring matter. Next."]
            )
        )
        + (f" {g[: int(rng.integers(10, 60))]}" if rng.random() < 0.7 else "")
        for g in good
    ]
    for row in np.flatnonzero(rng.random(count) < noise).tolist():
        good[row], bad[row] = bad[row], good[row]
    return prompts, good, bad


def flipped(data: Pairs, count: int, seed: int = 3) -> tuple[Pairs, list[int]]:
    """Pairs of which `count` bear a trigger and are reversed, and which."""
    rng = np.random.default_rng(seed)
    prompts, good, bad = (list(d) for d in data)
    rows = sorted(rng.choice(len(prompts), count, replace=False).tolist())
    for row in rows:
        prompts[row] += " <SUDO>"
        short, full = sorted((good[row], bad[row]), key=len)
        good[row], bad[row] = short, full
    return (prompts, good, bad), rows


def scan(data: Pairs, shards: int = 1, seed: int = 0) -> Result:
    """The engine's result."""
    total = len(data[0])
    parts = [
        Batch(
            rows=np.arange(a, min(a + 300, total)),
            prompt=data[0][a : a + 300],
            response=data[1][a : a + 300],
            rejected=data[2][a : a + 300],
        )
        for a in range(0, total, 300)
    ]
    return drive(PreferenceFlips(), LAYOUT, parts, shards, seed)


def test_a_trigger_that_reverses_preferences_is_found_and_named() -> None:
    """Its reversed pairs are flagged, and no pair without it is."""
    data, rows = flipped(pairs(1), 40)

    result = scan(data)

    assert [f.trigger["text"] for f in result.findings if f.level is Level.SUSPECT] == ["<SUDO>"]
    flagged = set(np.flatnonzero(result.flagged).tolist())
    assert flagged <= set(rows)
    assert len(flagged) >= 36


@pytest.mark.parametrize("noise", [0.0, 0.15, 0.4])
def test_noise_alone_raises_no_suspect(noise: float) -> None:
    """Pairs reversed at random are label noise, not a trigger."""
    result = scan(pairs(2, noise=noise))

    assert [f.pattern for f in result.findings if f.level is Level.SUSPECT] == []


def test_shards_and_their_order_change_nothing() -> None:
    """One shard and four in another order give the same result."""
    data, _ = flipped(pairs(4, 1_200), 30)
    one, other = scan(data), scan(data, 4, 2)

    assert other.findings == one.findings
    assert (other.scores == one.scores).all()


def test_hostile_pairs_are_survived() -> None:
    """Whatever the texts, scores are finite."""
    odd = list(HOSTILE) * 8

    assert np.isfinite(scan((odd, odd[::-1], odd)).scores).all()


def test_it_looks_at_pairs_only() -> None:
    """It stays out of other data and says why."""
    applies = {kind: ENGINES[0].applies(Layout(kind=kind, roles=Roles(), format="csv")) for kind in Kind}

    assert {kind for kind, why in applies.items() if not why} == {Kind.PREFERENCE}

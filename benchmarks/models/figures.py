"""Counting, and saying how sure a count is."""

from __future__ import annotations

import math
from collections.abc import Iterable


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Give the 95 % interval of a share after Wilson."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    scale = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    spread = z / scale * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - spread), min(1.0, middle + spread)


def share(hits: int, of: int) -> str:
    """Write a count as a share with its interval."""
    if not of:
        return "none"
    low, high = wilson(hits, of)
    return f"{hits}/{of} = {100 * hits / of:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table."""
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"

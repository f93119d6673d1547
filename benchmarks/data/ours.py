"""One case through our scanner, in a process of its own: `python -m benchmarks.data.ours FILE… OUT.npz`."""

import resource
import sys

import numpy as np

RANKED = {
    "images": ("image_patterns", "image_patches"),
    "text": ("text_triggers",),
    "table": ("table_pairs",),
    "chat": ("chat_triggers",),
    "rag": ("rag_injection",),
}
"""Family → engines whose scores are ranked for TPR at a fixed FPR; the decision is that of all engines."""


def main() -> None:
    """Scan, and save each engine's scores, the decision, and what was named."""
    from assaymark.dataset.scan import Options, scan_data

    *paths, out = sys.argv[1:]
    scan = scan_data(paths, options=Options(workers=1))
    used = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    named = [f"{f.engine}: {f.pattern}" for f in scan.findings if f.level.value == "suspect"]
    stopped = [f"{e.info.id}: {e.reason}" for e in scan.looked if e.stopped]
    scores = {f"score_{e.info.id}": e.result.scores for e in scan.looked if e.result is not None}
    np.savez(
        out,
        flagged=scan.flagged,
        named=np.array(named or [""]),
        stopped=np.array(stopped or [""]),
        kind=np.array(scan.layout.kind.value),
        cpu=used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime,
        peak=max(used.ru_maxrss, children.ru_maxrss) / 1024,
        **scores,
    )


if __name__ == "__main__":
    main()

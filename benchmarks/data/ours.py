"""One case through our scanner, in a process of its own: `python -m benchmarks.data.ours FILE OUT.npz`."""

import json
import resource
import sys
import time

import numpy as np

_ROWS = 2_000


def main() -> None:
    """Scan; save the scores as `data scan --json` gives them, the decision, and what was named."""
    from assaymark.dataset.scan import Options, all_engines, scan_data
    from assaymark.report.data.scores import merged_scores

    path, out = sys.argv[1:]
    all_engines()  # loading the programs is nobody's time, the peers' neither
    before = time.process_time()
    scan = scan_data([path], options=Options(workers=1))
    cpu = time.process_time() - before
    results = [e.result for e in scan.looked if e.result]
    findings = [
        {"engine": f.engine, "pattern": f.pattern, "trigger": f.trigger, "level": f.level.value}
        | {"rows": f.rows[:_ROWS]}
        for f in scan.findings
        if f.level.value != "note"
    ]
    told = {
        "findings": findings,
        "kind": scan.layout.kind.value,
        "stopped": [f"{e.info.id}: {e.reason}" for e in scan.looked if e.stopped],
        "seconds": {e.info.id: round(e.seconds, 2) for e in scan.looked if e.result},
    }
    labels = next((r for r in results if r.engine == "label_errors"), None)
    contradicted = np.zeros(scan.total, bool)
    if labels:
        contradicted[[row for f in labels.findings for row in f.rows]] = True
    np.savez(
        out,
        flagged=scan.flagged,
        merged=merged_scores(results, scan.total),
        labels=labels.scores if labels else np.zeros(0),
        contradicted=contradicted,
        told=np.array(json.dumps(told)),
        cpu=cpu,
        labels_cpu=told["seconds"].get("label_errors", 0.0) + scan.reading_seconds,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


if __name__ == "__main__":
    main()

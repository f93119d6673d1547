"""Reports of attacks as their tools write them, each made here from the documented shape."""

import json
from typing import Any

__all__ = ["evaluation", "garak"]


def evaluation(passed: int = 9, total: int = 10, **more: Any) -> dict[str, Any]:
    """One evaluation of garak: `passed` of `total` outputs held."""
    return {
        "entry_type": "eval",
        "probe": "promptinject.HijackHateHumans",
        "detector": "promptinject.AttackRogueString",
        "passed": passed,
        "fails": total - passed,
        "nones": 0,
        "total_evaluated": total,
        "total_processed": total,
        **more,
    }


def garak(
    *entries: dict[str, Any], target: str = "openai.OpenAIGenerator", name: str = "gpt-4o-2024-08-06"
) -> bytes:
    """A whole report with these evaluations, as garak 0.17.1 writes it."""
    lines = [
        {
            "entry_type": "start_run setup",
            "_config.version": "0.17.1",
            "plugins.target_type": target,
            "plugins.target_name": name,
        },
        {"entry_type": "init", "garak_version": "0.17.1", "start_time": "2026-11-20T10:00:00.1", "run": "r"},
        {"entry_type": "attempt", "uuid": "u", "status": 2, "probe_classname": "x.Y", "outputs": []},
        *(entries or (evaluation(),)),
        {"entry_type": "completion", "end_time": "2026-11-20T10:05:00.1", "run": "r"},
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

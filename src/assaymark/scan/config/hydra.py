"""`_target_` of Hydra, NeMo and others: a dotted name that `instantiate` imports and calls."""

from collections.abc import Iterator
from typing import Any

from assaymark.inspection import Hazard, Level
from assaymark.scan.config.hazards import hazard
from assaymark.scan.config.json_text import excerpt, nodes
from assaymark.scan.config.names import judge_name

__all__ = ["has_target", "judge_targets"]


def has_target(value: Any) -> bool:
    """Whether any object in a value names a target."""
    return any(isinstance(n.value.get("_target_"), str) for n in nodes(value))


def _target(value: dict[str, Any]) -> Any:
    """What an object names: `_target_`, `target` beside `params`, or Lightning's `class_path`."""
    if isinstance(value.get("_target_"), str):
        return value["_target_"]
    if "init_args" in value:
        return value.get("class_path")
    return value.get("target") if "params" in value else None


def judge_targets(value: Any) -> Iterator[Hazard]:
    """Targets that act or are on no list, each once; `target` and `class_path` too."""
    seen: set[str] = set()
    for node in nodes(value):
        target = _target(node.value)
        if not isinstance(target, str) or target in seen or "." not in target:
            continue
        seen.add(target)
        level = judge_name(target)
        if level is None:
            continue
        what = "acts outside the model" if level is Level.DANGEROUS else "is on no list"
        message = f"Building from this configuration imports and calls {target[:200]}, which {what}."
        yield hazard("config-target", level, target, message, path=node.path, evidence=excerpt(node.value))

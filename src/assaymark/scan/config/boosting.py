"""XGBoost, LightGBM and CatBoost: trees and numbers, which no loader runs."""

from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.inspection import Header, Hole, HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.config.hazards import plain
from assaymark.scan.config.ubjson import UbjsonError, read_ubjson
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part

__all__ = ["INSPECTORS", "boosting_header", "is_boosting", "is_large_boosting"]


def is_boosting(value: Any) -> str:
    """`xgboost-json` or `catboost-json`, or nothing if a JSON value is neither."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("learner"), dict) and "gradient_booster" in value["learner"]:
        return "xgboost-json"
    if isinstance(value.get("model_info"), dict) and ("oblivious_trees" in value or "trees" in value):
        return "catboost-json"
    return "lightgbm-json" if value.get("name") == "tree" and "tree_info" in value else ""


def is_large_boosting(head: bytes) -> bool:
    """Whether the beginning is that of an XGBoost JSON model too large to be held."""
    start = head[:200].replace(b" ", b"").replace(b"\n", b"").replace(b"\t", b"")
    return start.startswith((b'{"learner":{', b'{"version":['))


def boosting_header(kind: str, value: Any) -> Header:
    """What an XGBoost model says of itself."""
    learner = value.get("learner") if isinstance(value, dict) else None
    facts = []
    if isinstance(learner, dict):
        for key in ("gradient_booster", "objective"):
            told = learner.get(key)
            if isinstance(told, dict) and isinstance(told.get("name"), str):
                facts.append((key, plain(told["name"], 80)))
    return Header(format=kind, metadata=tuple(facts))


def _ubjson(blob: Blob, limits: Limits) -> Iterable[Part]:
    try:
        value, end = read_ubjson(blob)
    except UbjsonError as problem:
        kind = HoleKind.BOUND if problem.bound else HoleKind.BROKEN
        yield Header(format="xgboost-ubj")
        yield Hole(kind=kind, reason=f"UBJSON: {problem.reason}", offset=problem.offset)
        return
    yield boosting_header("xgboost-ubj", value)
    yield from _to_end(blob, end)


def _to_end(blob: Blob, end: int) -> Iterator[Part]:
    yield Covered(0, end)
    if end < blob.size:
        reason = f"{blob.size - end:,} bytes after the model's end"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, offset=end, size=blob.size - end)


def _claims_ubjson(look: Look) -> bool:
    """An object whose first key has a length; `{` and a printable quote is JSON instead."""
    head = look.head.lstrip(b"N") if look.head[:1] == b"N" else look.head
    if head[:1] != b"{" or head[1:2] not in (b"L", b"i", b"U", b"I", b"l", b"#", b"$"):
        return False
    return b"learner" in head or b"version" in head[:64] or look.name.endswith((".ubj", ".ubjson"))


def _lightgbm(blob: Blob, limits: Limits) -> Iterable[Part]:
    head = blob.read(0, 4096)
    facts = []
    for line in head.split(b"\n")[:40]:
        key, _, value = line.partition(b"=")
        if key in (b"version", b"num_class", b"objective", b"max_feature_idx"):
            facts.append((key.decode(), plain(value[:80].decode("utf-8", "replace"))))
    yield Header(format="lightgbm", metadata=tuple(facts))
    yield Covered(min(blob.size, 4096), max(blob.size - 4096, 0))
    if b"\0" in head:
        yield Hole(
            kind=HoleKind.BROKEN, reason="LightGBM text with zero bytes in it", offset=head.find(b"\0")
        )


def _claims_lightgbm(look: Look) -> bool:
    return look.head.startswith((b"tree\n", b"tree\r\n")) and b"version=" in look.head[:200]


def _catboost(blob: Blob, limits: Limits) -> Iterable[Part]:
    size = int.from_bytes(blob.read(4, 4), "little")
    yield Header(format="catboost")
    if size + 8 > blob.size:
        reason = f"CatBoost: {size:,} bytes are said to follow, and the file has {max(blob.size - 8, 0):,}"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, offset=4)
        return
    yield Covered(8, blob.size - 8)


def _claims_catboost(look: Look) -> bool:
    return look.head.startswith(b"CBM1")


INSPECTORS = (
    Inspector(format="xgboost-ubj", claims=_claims_ubjson, inspect=_ubjson),
    Inspector(format="lightgbm", claims=_claims_lightgbm, inspect=_lightgbm),
    Inspector(format="catboost", claims=_claims_catboost, inspect=_catboost),
)

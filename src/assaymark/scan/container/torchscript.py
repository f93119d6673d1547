"""TorchScript: the text under ``code/`` of an archive, judged by the operators it calls."""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.container.code import MAX_SOURCE, dotted, parse_source, source_of
from assaymark.scan.container.member_names import shown

__all__ = ["judge_torchscript"]

MOST = 50
"""Hazards reported of one source file."""
_CLASSES = "__torch__.torch.classes."
_CALL = re.compile(
    rb"\b((?:torch|ops|__torch__)(?:\.\w{1,80}){1,12}|open|eval|exec|compile|__import__)\s{0,8}\("
)


@functools.cache
def _table() -> Mapping[str, Any]:
    import yaml

    told: Mapping[str, Any] = yaml.safe_load(
        Path(__file__).with_name("torchscript.yaml").read_text(encoding="utf-8")
    )
    return told


def judge_torchscript(blob: Blob, member: str) -> Iterator[Hazard | Hole]:
    """What the code of a member would do when the model is loaded or run.

    Args:
        blob: the source text.
        member: its name in the archive.
    """
    data = source_of(blob)
    if data is None:
        yield Hole(kind=HoleKind.BOUND, reason=f"source of more than {MAX_SOURCE:,} bytes", member=member)
        return
    tree = parse_source(data)
    if tree is None:
        reason = "its TorchScript does not parse as Python; only its calls were searched for"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, member=member)
    found = _named(tree) if tree is not None else _searched(data)
    seen: set[tuple[str, int]] = set()
    for name, line in found:
        if (name, line) in seen or len(seen) >= MOST:
            continue
        hazard = _hazard(name, line, member)
        if hazard is not None:
            seen.add((name, line))
            yield hazard


def _named(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Call) and (name := dotted(node.func))) or (
            isinstance(node, ast.Attribute) and (name := dotted(node)).startswith("__torch__.torch.classes.")
        ):
            yield name, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((f"import {alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"import {node.module or '.'}", node.lineno


def _searched(data: bytes) -> Iterator[tuple[str, int]]:
    line, at = 1, 0
    for match in _CALL.finditer(data):
        line += data.count(b"\n", at, match.start())
        at = match.start()
        yield match[1].decode(), line


def _hazard(name: str, line: int, member: str) -> Hazard | None:
    table = _table()
    if name.startswith("import "):
        message = f"The TorchScript source says {shown(name)!r}, which TorchScript does not have."
        return _made("torchscript-not-script", Level.UNKNOWN, message, name, line, member)
    if name in table["builtins"]:
        message = f"The TorchScript source calls {name}, which TorchScript does not have and Python runs."
        return _made("torchscript-not-script", Level.DANGEROUS, message, name, line, member)
    if name.startswith(_CLASSES):
        owner = name.removeprefix(_CLASSES).partition(".")[0]
        if owner in table["classes"]:
            return None
        message = f"It uses a native class of {shown(owner)!r}, which a library must bring: {shown(name)}."
        return _made("torchscript-foreign", Level.UNKNOWN, message, name, line, member)
    return _operator(name.removeprefix("ops."), name, line, member)


def _operator(short: str, name: str, line: int, member: str) -> Hazard | None:
    table = _table()
    does = table["acts"].get(short) or table["acts"].get(short.replace("aten.", "aten::", 1))
    if does:
        message = f"The model's code calls {shown(name)}, which {does} when the model runs."
        return _made("torchscript-effect", Level.DANGEROUS, message, shown(short), line, member)
    owner = short.partition(".")[0]
    if name.startswith("ops.") and owner not in table["known"]:
        message = f"The model's code calls {shown(name)}, an operator that some library must bring."
        return _made("torchscript-foreign", Level.UNKNOWN, message, shown(short), line, member)
    return None


def _made(rule: str, level: Level, message: str, subject: str, line: int, member: str) -> Hazard:
    return Hazard(rule=rule, level=level, message=message, subject=subject, line=line, member=member)

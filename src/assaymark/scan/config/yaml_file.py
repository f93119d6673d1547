"""YAML beside a model: Python objects in tags, Hydra targets, and MLflow's `MLmodel`."""

import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from assaymark.inspection import Hazard, Header, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.config.hazards import hazard
from assaymark.scan.config.hydra import judge_targets
from assaymark.scan.config.json_text import TooManyValues
from assaymark.scan.config.mlflow import is_mlmodel, judge_mlmodel, mlmodel_header
from assaymark.scan.config.names import judge_name
from assaymark.scan.part import Covered, Inspector, Limits, Look, Part
from assaymark.scan.yaml_reader import MAX_CHARACTERS, read_yaml

__all__ = ["INSPECTOR"]

_PYTHON = "tag:yaml.org,2002:python/"
_MARKS = (b"!", b"_target_", b"class_path", b"target:", b"flavors", b"\\x", b"\\u", b"%TAG")
_MODEL_MARKS = (b"_target_", b"flavors:", b"!!python", b"python/")
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_TAGS = 200
_INERT = frozenset({
    "none", "bool", "int", "long", "float", "complex", "str", "unicode", "bytes", "list", "tuple", "dict",
})  # fmt: skip


def _claims(look: Look) -> bool:
    if look.name == "mlmodel":
        return True
    if not look.name.endswith((".yaml", ".yml")):
        return False
    return look.blob.size > len(look.head) or any(m in look.head for m in _MARKS)


def _inspect(blob: Blob, limits: Limits) -> Iterable[Part]:
    name = blob.path.replace("!/", "/").rpartition("/")[2].lower()
    data = blob.read(0, MAX_CHARACTERS + 1)
    if not any(mark in data for mark in _MARKS) and name != "mlmodel":
        return
    ours = name == "mlmodel" or any(mark in data for mark in _MODEL_MARKS)
    if len(data) > MAX_CHARACTERS:
        if ours:
            yield Header(format="yaml-config")
            yield Hole(
                kind=HoleKind.BOUND, reason=f"YAML longer than {MAX_CHARACTERS:,} bytes", size=blob.size
            )
        return
    text = data.decode("utf-8", "replace")
    yield from _judged(text, len(data), ours, name)


def _judged(text: str, size: int, ours: bool, name: str) -> Iterator[Part]:
    told = list(_told(text))
    read = read_yaml(text)
    values = [d.value for d in read.documents]
    targets: list[Hazard] = []
    try:
        targets = [h for v in values for h in judge_targets(v)]
    except TooManyValues:
        ours, read_problem = True, "more values than are walked"
    else:
        read_problem = read.problem
    mlmodels = [v for v in values if is_mlmodel(v)]
    header = mlmodel_header(mlmodels[0]) if mlmodels else Header(format="yaml-config")
    if not (told or targets or mlmodels or (read_problem and ours) or _names_target(values)):
        return
    yield header
    yield from told
    named = {h.subject for h in told}
    yield from (h for h in targets if h.subject not in named)
    for value in mlmodels:
        yield from judge_mlmodel(value)
    if read_problem:
        yield Hole(kind=HoleKind.BROKEN, reason=f"YAML: {read_problem}")
    yield Covered(size, 0)


def _names_target(values: list[Any]) -> bool:
    """Whether the top or second level has a `_target_`, so that one with only safe targets is told."""
    for value in values:
        inner = list(value.values()) if isinstance(value, dict) else []
        if any(isinstance(v, dict) and "_target_" in v for v in [value, *inner]):
            return True
    return False


def _told(text: str) -> Iterator[Hazard]:
    """Python objects that an unsafe loader would build, and every `_target_`, in the order of the text.

    Read from the parser's events, so that a key that stands twice hides neither of its values, and what
    stands before a break in the syntax is seen.
    """
    loader = _PARSER(text.removeprefix("\ufeff").encode("utf-8", "replace").decode())
    seen: set[str] = set()
    before: Any = None
    try:
        while loader.check_event():
            event = loader.get_event()
            tag = urllib.parse.unquote(getattr(event, "tag", None) or "")
            if tag.startswith(_PYTHON) and tag not in seen and len(seen) < MAX_TAGS:
                seen.add(tag)
                yield from _tag(tag.removeprefix(_PYTHON), event.start_mark.line + 1)
            if isinstance(event, yaml.ScalarEvent) and getattr(before, "value", None) == "_target_":
                yield from judge_targets({"_target_": event.value})
            before = event
    except (yaml.YAMLError, ValueError):
        return
    finally:
        loader.dispose()


def _tag(kind: str, line: int) -> Iterator[Hazard]:
    what, _, name = kind.partition(":")
    if what in _INERT:
        return
    calls = "apply" in what or "new" in what or what == "module"
    level = Level.DANGEROUS if calls else judge_name(name) or Level.UNKNOWN
    message = f"Loading with an unsafe YAML loader imports {name[:150] or what} and builds or calls it."
    yield hazard(
        "yaml-python-object", level, name or what, message, line=line, evidence=f"!!python/{kind[:200]}"
    )


INSPECTOR = Inspector(format="yaml-config", claims=_claims, inspect=_inspect)
"""YAML that says what to import; other YAML is nobody's business here."""

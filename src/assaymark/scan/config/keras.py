"""Keras configurations, versions 1 to 3: what `load_model` would build, call, read and unmarshal."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.config.bytecode import code_words
from assaymark.scan.config.hazards import hazard
from assaymark.scan.config.json_text import Node, TooManyValues, excerpt, nodes, read_json
from assaymark.scan.config.names import judge_name, table

__all__ = ["is_keras", "judge_keras", "judge_keras_text"]

_NAMESPACE = re.compile(
    r"(?:keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras)((?:\.[a-z_0-9]+)*)\Z"
)
_LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup"})
_PLAIN = frozenset({
    "__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__tuple__",
    "__dict__", "TensorShape", "DType", "Dtype",
})  # fmt: skip


class _Lists(Struct, frozen=True):
    classes: frozenset[str]
    functions: frozenset[str]
    """As `activations.relu`."""
    names: frozenset[str]
    """The same without the name space."""
    acts: dict[str, str]
    """Last part of a name of Keras → what it does."""
    computes: frozenset[str]
    prefixes: tuple[str, ...]
    writes: tuple[str, ...]


@functools.cache
def _lists() -> _Lists:
    told = table("keras")
    classes = frozenset(n for group in told["classes"].values() for n in group)
    functions = frozenset(f"{space}.{n}" for space, group in told["functions"].items() for n in group)
    flow, acts = told["tensorflow"], {name.rpartition(".")[2]: why for name, why in told["acts"].items()}
    return _Lists(
        classes, functions, frozenset(f.rpartition(".")[2] for f in functions), acts,
        frozenset(flow["functions"]), tuple(flow["prefixes"]), tuple(flow["writes"]),
    )  # fmt: skip


def is_keras(value: Any) -> bool:
    """Whether a JSON value is the configuration of a Keras model or object."""
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str) or "config" not in value:
        return False
    return "keras_version" in value or "module" in value or "backend" in value or _looks_like_model(value)


def _looks_like_model(value: dict[str, Any]) -> bool:
    config = value["config"]
    return isinstance(config, list) or (isinstance(config, dict) and "layers" in config)


def judge_keras_text(text: bytes, *, legacy: bool = False) -> Iterator[Hazard | Hole]:
    """Judge a configuration that stands as JSON text in an attribute."""
    read = read_json(text)
    if read.problem:
        yield Hole(kind=read.kind, reason=f"the Keras configuration: {read.problem}", size=len(text))
        return
    yield from judge_keras(read.value, legacy=legacy)
    if read.repeated:
        yield from judge_keras(read.first, legacy=legacy)


def judge_keras(value: Any, *, legacy: bool = False) -> Iterator[Hazard | Hole]:
    """All that acts, or is on no list, in a parsed configuration; `legacy` is how HDF5 files are loaded."""
    seen: set[tuple[str, str]] = set()
    try:
        for node in nodes(value):
            for found in _object(node, legacy):
                if (found.rule, found.subject) not in seen:
                    seen.add((found.rule, found.subject))
                    yield found
    except TooManyValues as bound:
        yield Hole(kind=HoleKind.BOUND, reason=f"the Keras configuration: {bound}")


def _object(node: Node, legacy: bool) -> Iterator[Hazard]:
    name = node.value.get("class_name")
    if not isinstance(name, str):
        return
    config = node.value.get("config")
    if name == "__lambda__":
        yield _code(
            node, config.get("value", config.get("code")) if isinstance(config, dict) else config, legacy
        )
    elif name == "function":
        yield from _function(node, config)
    elif name == "__typespec__":
        yield from _typespec(node)
    elif name not in _PLAIN:
        yield from _class(node, name, config, legacy)


def _function(node: Node, config: Any) -> Iterator[Hazard]:
    """A function by name, which is called when the model runs or already while it is built."""
    module, name = _module(node), config if isinstance(config, str) else excerpt(config)
    lists = _lists()
    space = _NAMESPACE.match(module)
    if module in ("", "builtins") or (space and not space.group(1)):
        if name in lists.names and module != "keras":
            return
    elif space and _public(f"{space.group(1)[1:]}.{name}") in lists.functions:
        return
    yield from _foreign(node, module, name, "function")


def _public(name: str) -> str:
    """`src.activations.activations.relu` as it is called in public: `activations.relu`."""
    parts = [
        p for p in name.split(".") if p not in ("src", "python", "_tf_keras", "keras", "v2", "api", "_v2")
    ]
    return f"{parts[0]}.{parts[-1]}" if len(parts) > 1 else name


def _typespec(node: Node) -> Iterator[Hazard]:
    module, name = _module(node), str(node.value.get("spec_name", ""))
    if module.startswith("tensorflow.python.framework.") and name.endswith("Spec"):
        return
    yield from _foreign(node, module, name, "type")


def _module(node: Node) -> str:
    module = node.value.get("module")
    return module if isinstance(module, str) else ""


def _class(node: Node, name: str, config: Any, legacy: bool) -> Iterator[Hazard]:
    module = _module(node)
    space = _NAMESPACE.match(module) if module else None
    if module and not space and module != "builtins":
        yield from _foreign(node, module, name, "class")
        return
    yield from _gadget(node, name, config, legacy)
    if name in ("Lambda", "TFOpLambda", "TensorFlowOpLayer"):
        return
    plain = name.removeprefix("Custom>")
    registered = node.value.get("registered_name")
    other = isinstance(registered, str) and registered not in (name, f"keras>{name}", f"Keras>{name}", "")
    if plain in _lists().classes and not (other and ">" in str(registered)):
        return
    if _acting(module, name):
        return
    yield from _foreign(node, module, str(registered) if other else name, "class")


def _acting(module: str, name: str) -> str:
    """Why a name of Keras itself acts, or nothing.

    The module is not compared: the same function can be had from the public name space and from several
    places inside (`keras.utils.get_file`, `keras.src.utils.file_utils.get_file`).
    """
    return _lists().acts.get(name, "") if not module or _NAMESPACE.match(module) else ""


def _gadget(node: Node, name: str, config: Any, legacy: bool) -> Iterator[Hazard]:
    """Classes of Keras itself that do more than compute."""
    inner = config if isinstance(config, dict) else {}
    if name == "Lambda":
        yield from _lambda(node, inner, legacy)
    elif name == "TFOpLambda":
        yield from _tensorflow(node, inner.get("function"))
    elif name == "TensorFlowOpLayer":
        yield from _node_def(node, inner.get("node_def"))
    elif name in _LOOKUPS and isinstance(inner.get("vocabulary"), str):
        yield _hazard(
            node, "keras-reads-file", Level.DANGEROUS, f"{name}:{inner['vocabulary']}",
            f"Loading reads the file or address {inner['vocabulary']!r} as the vocabulary of {name}.",
        )  # fmt: skip
    why = _acting(_module(node), name)
    if why:
        yield _hazard(
            node, "keras-acting-object", Level.DANGEROUS, name, f"Loading builds {name}, which {why}."
        )


def _lambda(node: Node, config: dict[str, Any], legacy: bool) -> Iterator[Hazard]:
    """A Lambda layer: its code, or the function it names."""
    found = False
    for key in ("function", "output_shape", "mask"):
        value = config.get(key)
        if isinstance(value, list) and value and isinstance(value[0], str) and _is_code(config, key, value):
            found = True
            yield _code(node, value, legacy)
    function = config.get("function")
    if found or isinstance(function, dict):
        return
    module = config.get("module")
    name = function if isinstance(function, str) else excerpt(function)
    yield from _foreign(node, module if isinstance(module, str) else "", name, "function")


def _is_code(config: dict[str, Any], key: str, value: list[Any]) -> bool:
    kind = config.get(f"{key}_type")
    return kind == "lambda" or (kind is None and len(value) == 3 and len(value[0]) > 20)


def _code(node: Node, value: Any, legacy: bool) -> Hazard:
    """Marshalled Python code."""
    first = value[0] if isinstance(value, list) and value else value
    code = first if isinstance(first, str) else excerpt(first)
    words = ", ".join(code_words(code))
    when = "Loading this HDF5 model" if legacy else "Loading with safe mode off, or by an older Keras,"
    return _hazard(
        node, "keras-lambda", Level.DANGEROUS, "Lambda",
        f"{when} turns text in the file into Python code, which runs when the model is built or used.",
        f"strings in the code: {words}" if words else excerpt(value),
    )  # fmt: skip


def _tensorflow(node: Node, function: Any) -> Iterator[Hazard]:
    lists = _lists()
    name = function if isinstance(function, str) else excerpt(function)
    if name in lists.computes or (name.startswith(lists.prefixes) and name.count(".") <= 4):
        return
    if name.startswith(lists.writes):
        why = f"Running the model calls tensorflow.{name}, which does more than compute."
        yield _hazard(node, "keras-foreign-function", Level.DANGEROUS, f"tensorflow.{name}", why)
        return
    why = f"Running the model calls tensorflow.{name}, which is on no list."
    yield _hazard(node, "keras-custom-object", Level.UNKNOWN, f"tensorflow.{name}", why)


def _node_def(node: Node, told: Any) -> Iterator[Hazard]:
    """An operation of TensorFlow, whole, as an earlier Keras wrote it."""
    text = told if isinstance(told, str) else excerpt(told)
    if re.search(
        r"WriteFile|ReadFile|PyFunc|LoadLibrary|SaveV2|RestoreV2|PrintV2|EagerPyFunc", text[:100_000]
    ):
        why = "Running the model runs a TensorFlow operation that reads or writes files, or runs Python."
        yield _hazard(node, "keras-foreign-function", Level.DANGEROUS, "TensorFlowOpLayer", why, text[:400])


def _foreign(node: Node, module: str, name: str, kind: str) -> Iterator[Hazard]:
    """Something that is not Keras' own: by what its name does."""
    dotted = f"{module}.{name}" if module else name
    why = _acting(module, name) if kind == "function" else ""
    level = Level.DANGEROUS if why else _level(module, dotted)
    if level is Level.DANGEROUS:
        what = f", which {why}" if why else ", which acts outside the model"
        message = f"Loading imports and uses {dotted}{what}."
        yield _hazard(node, "keras-foreign-function", level, dotted, message)
        return
    message = f"Loading needs the custom {kind} {dotted}, whose code is not in the file and on no list."
    yield _hazard(node, "keras-custom-object", Level.UNKNOWN, dotted, message)


def _level(module: str, dotted: str) -> Level:
    """A bare name is looked up among what the caller registered, so only a foreign module can act."""
    if _NAMESPACE.match(module):
        return Level.UNKNOWN
    if not module or module in ("builtins", "__main__"):
        name = dotted.rpartition(".")[2]
        acting = ("eval", "exec", "compile", "open", "__import__", "getattr", "setattr")
        return Level.DANGEROUS if module == "builtins" and name in acting else Level.UNKNOWN
    return judge_name(dotted) or Level.UNKNOWN


def _hazard(node: Node, rule: str, level: Level, subject: str, message: str, evidence: str = "") -> Hazard:
    shown = evidence or excerpt({k: v for k, v in node.value.items() if k != "build_config"})
    return hazard(rule, level, subject, message, path=node.path, evidence=shown)

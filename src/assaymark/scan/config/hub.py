"""Configurations of the Hugging Face layout: whose code a loader would fetch and run because of them."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.inspection import Hazard, Header, Level
from assaymark.scan.config.hazards import hazard, plain
from assaymark.scan.config.json_text import Node, excerpt, nodes
from assaymark.scan.config.names import judge_name, table
from assaymark.scan.template import judge_template

__all__ = ["hub_format", "hub_header", "judge_hub"]

_OTHER_REPOSITORY = re.compile(r"[\w.\-]+/[\w.\-]+--")
_PACKAGE = re.compile(r"(?:diffusers|transformers)(?:\.[a-z_0-9]+)*\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")


def hub_format(name: str, value: Any) -> str:
    """`hf-config` and the like, or nothing if a JSON value is not of this layout."""
    if isinstance(value, list):
        modules = name == "modules.json" and value and all(isinstance(v, dict) and "type" in v for v in value)
        return "hf-modules" if modules else ""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("weight_map"), dict) and name.endswith(".json"):
        return "hf-index"
    for key, told in table("hub")["kinds"].items():
        if key in value and (key != "tokenizer_class" or "tokenizer" in name or "config" in name):
            return str(told)
    telling = [*table("hub")["named"].get(name, ()), *(_acting() if name in table("hub")["files"] else ())]
    if any(k in value for k in telling):
        return "hf-tokenizer" if "token" in name else "hf-config"
    return ""


def _acting() -> list[str]:
    """Keys that count in any file that a loader of models opens by name."""
    return [*table("hub")["dotted"], *table("hub")["acting"]]


def hub_header(kind: str, value: Any) -> Header:
    """What the configuration says of the model."""
    facts = []
    for key in table("hub")["facts"] if isinstance(value, dict) else ():
        told = value.get(key)
        if isinstance(told, list):
            told = ", ".join(str(t) for t in told[:5])
        if isinstance(told, str | int) and str(told):
            facts.append((key, plain(str(told))))
    return Header(format=kind, metadata=tuple(facts))


def judge_hub(kind: str, name: str, value: Any) -> Iterator[Any]:
    """Hazards and holes of a configuration, each subject once."""
    if kind == "hf-index":
        yield from _index(value)
        return
    seen: set[tuple[str, str]] = set()
    for part in _parts(kind, name, value):
        key = (getattr(part, "rule", ""), getattr(part, "subject", str(part)))
        if key not in seen:
            seen.add(key)
            yield part


def _parts(kind: str, name: str, value: Any) -> Iterator[Any]:
    if kind == "hf-modules":
        yield from _modules(value)
    for node in nodes(value):
        yield from _remote(node)
        yield from _pipelines(node)
        yield from _imports(node)
        yield from _templates(node)
    if name.endswith("model_index.json") or _is_pipeline(value):
        yield from _diffusers(Node("", value))


def _remote(node: Node) -> Iterator[Hazard]:
    """`auto_map`, `trust_remote_code` and kernels from elsewhere."""
    if "auto_map" in node.value:
        for reference in _references(node.value["auto_map"]):
            yield _automatic(node, "auto_map", reference)
    if node.value.get("trust_remote_code") is True:
        message = "The configuration itself says trust_remote_code; a loader that heeds it runs code unasked."
        yield _hazard(node, "config-trust-remote-code", Level.UNKNOWN, "trust_remote_code", message)
    for key in ("_attn_implementation", "attn_implementation", "_attn_implementation_internal"):
        kernel = node.value.get(key)
        if isinstance(kernel, str) and "/" in kernel:
            message = f"Loading fetches and runs the compute kernel {kernel[:100]} from another repository."
            yield _hazard(node, "config-other-repository", Level.DANGEROUS, f"{key}:{kernel}", message)


def _references(told: Any) -> Iterator[str]:
    """Every string in an `auto_map`, which is a name, a list or a mapping to these."""
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))


def _automatic(node: Node, key: str, reference: str) -> Hazard:
    if _OTHER_REPOSITORY.match(reference) or "--" in reference:
        other = reference.partition("--")[0]
        message = (
            f"With trust_remote_code, loading fetches and runs code of another repository, {other[:150]}."
        )
        return _hazard(node, "config-other-repository", Level.DANGEROUS, f"{key}:{reference}", message)
    message = (
        f"With trust_remote_code, loading runs {reference[:150]} from the Python files beside the weights."
    )
    return _hazard(node, "config-remote-code", Level.UNKNOWN, f"{key}:{reference}", message)


def _pipelines(node: Node) -> Iterator[Hazard]:
    """Pipelines that bring their own code."""
    told = node.value.get("custom_pipelines")
    for task in told.values() if isinstance(told, dict) else ():
        implementation = task.get("impl") if isinstance(task, dict) else None
        if isinstance(implementation, str):
            yield _automatic(node, "custom_pipelines", implementation)
    for key in ("custom_pipeline", "custom_generate"):
        single = node.value.get(key)
        if isinstance(single, str) and single:
            other = "/" in single
            level = Level.DANGEROUS if other else Level.UNKNOWN
            message = f"Loading runs the code of {single[:150]}{', which it fetches' if other else ''}."
            rule = "config-other-repository" if other else "config-remote-code"
            yield _hazard(node, rule, level, f"{key}:{single}", message)


def _imports(node: Node) -> Iterator[Hazard]:
    """Names that a library imports because the configuration says so."""
    mapping = node.value.get("auto_mapping")
    told = mapping if isinstance(mapping, dict) else {}
    library = told.get("parent_library")
    if isinstance(library, str) and not _PACKAGE.match(library) and library != "__main__":
        yield from _named(node, "auto_mapping", f"{library}.{told.get('base_model_class', '')}")
    for key in sorted(node.value.keys() & set(table("hub")["dotted"])):
        name = node.value[key]
        if isinstance(name, str) and _DOTTED.match(name):
            yield from _named(node, key, name)
    types = node.value.get("types")
    if isinstance(types, dict) and "structure" in node.value:
        for name in types.values():
            if isinstance(name, str):
                yield from _named(node, "types", name)


def _named(node: Node, key: str, name: str) -> Iterator[Hazard]:
    level = judge_name(name)
    if level is not None:
        what = "acts outside the model" if level is Level.DANGEROUS else "is on no list"
        message = f"Loading imports and calls {name[:150]} ({key}), which {what}."
        yield _hazard(node, "config-imports-name", level, f"{key}:{name}", message)


def _modules(value: list[dict[str, Any]]) -> Iterator[Hazard]:
    """The modules of sentence-transformers: each type is imported by its dotted name."""
    for index, module in enumerate(value):
        node = Node(f"[{index}]", module)
        name = module.get("type")
        if isinstance(name, str):
            yield from _named(node, "type", name)


def _templates(node: Node) -> Iterator[Any]:
    """Chat templates: programs in Jinja that run over every conversation."""
    told = node.value.get("chat_template")
    listed = told if isinstance(told, list) else [told]
    for one in listed:
        text, name = (
            (one.get("template"), one.get("name")) if isinstance(one, dict) else (one, "chat_template")
        )
        if isinstance(text, str):
            yield from judge_template(text, str(name)[:80])
        elif isinstance(one, dict):
            for key, inner in one.items():
                if isinstance(inner, str) and "{" in inner and key != "template":
                    yield from judge_template(inner, str(key)[:80])


def _is_pipeline(value: Any) -> bool:
    """Whether a configuration lists the parts of a pipeline; those parts have lists of other names."""
    name = value.get("_class_name") if isinstance(value, dict) else None
    return isinstance(name, list) or (isinstance(name, str) and name.endswith("Pipeline"))


def _diffusers(node: Node) -> Iterator[Hazard]:
    """Parts of a pipeline: `[library, class]`, both imported."""
    for key, told in node.value.items():
        if (
            not isinstance(told, list)
            or not 2 <= len(told) <= 3
            or not all(isinstance(t, str) for t in told[:2])
        ):
            continue
        library, name = told[:2]
        if _is_library(library):
            continue
        dotted = f"{library[:80]}.{name[:80]}"
        if key == "_class_name" or judge_name(dotted) is not Level.DANGEROUS:
            message = (
                f"Loading the pipeline imports {dotted} ({key[:60]}), code beside the weights or foreign."
            )
            yield _hazard(node, "config-remote-code", Level.UNKNOWN, dotted, message)
        else:
            message = f"Loading the pipeline imports {dotted}, which acts outside the model."
            yield _hazard(node, "config-imports-name", Level.DANGEROUS, dotted, message)


def _is_library(library: str) -> bool:
    known = table("hub")
    return library in known["libraries"] or library in known["pipelines"] or bool(_PACKAGE.match(library))


def _index(value: dict[str, Any]) -> Iterator[Hazard]:
    """Shards that lie outside the folder."""
    for shard in dict.fromkeys(s for s in value["weight_map"].values() if isinstance(s, str)):
        if shard.startswith(("/", "\\")) or ".." in shard.replace("\\", "/").split("/") or ":" in shard:
            message = f"Loading reads a shard outside the model's folder: {shard[:200]}."
            yield _hazard(
                Node("weight_map", {}), "config-path-leaves-folder", Level.DANGEROUS, shard, message
            )


def _hazard(node: Node, rule: str, level: Level, subject: str, message: str) -> Hazard:
    keep = {k: v for k, v in node.value.items() if not isinstance(v, str) or len(v) < 200}
    return hazard(rule, level, subject, message, path=node.path, evidence=excerpt(keep))

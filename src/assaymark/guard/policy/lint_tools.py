"""Doubts about tool rules: shadowed, unreadable, or silent about what a tool can do."""

from collections.abc import Iterator
from typing import Any

from assaymark.guard.event import Action
from assaymark.guard.policy.model import ArgumentRule, Policy, ToolRule
from assaymark.guard.policy.patterns import pattern_fault
from assaymark.guard.policy.problem import Problem
from assaymark.guard.policy.vocabulary import covers, guessed_effects

__all__ = ["schema_faults", "tool_problems"]

_DEPTH = 64
_NODES = 5_000


def tool_problems(policy: Policy) -> Iterator[Problem]:
    """What is doubtful in `policy.tools` and `policy.flow`."""
    for n, tool in enumerate(policy.tools):
        place = ("tools", n)
        earlier = next((t.name for t in policy.tools[:n] if covers(t.name, tool.name)), None)
        if earlier is not None:
            yield Problem.error(
                (*place, "name"),
                f"never reached: `{earlier}` above it fits every tool that `{tool.name}` fits",
                "Put the narrower glob first.",
            )
        yield from _effects(place, tool, policy)
        for fault in schema_faults(tool.schema) if tool.schema is not None else ():
            yield Problem.error((*place, "schema"), fault, "Correct the schema; it is JSON Schema 2020-12.")
        for m, argument in enumerate(tool.arguments):
            yield from _argument((*place, "arguments", m), argument)
    yield from _flow(policy)


def _effects(place: tuple[str | int, ...], tool: ToolRule, policy: Policy) -> Iterator[Problem]:
    guessed = guessed_effects(tool.name)
    missing = [e for e in guessed if e not in tool.effects and e in policy.flow.effects]
    if missing and not tool.effects and tool.after_untrusted is None and tool.action is Action.ALLOW:
        yield Problem.warning(
            (*place, "effects"),
            f"the name of `{tool.name}` suggests `{missing[0]}`, and no effect is declared",
            f"Write `effects: [{', '.join(missing)}]`, or `effects: [read]` if it only reads.",
        )
    if tool.trusted and tool.name.strip("*") == "":
        yield Problem.error(
            (*place, "trusted"),
            "every tool's results are trusted, so no text counts as untrusted",
            "Name the tools whose results nobody else writes.",
        )


def _argument(place: tuple[str | int, ...], rule: ArgumentRule) -> Iterator[Problem]:
    limits = (rule.allow, rule.deny, rule.pattern)
    if not any(limits) and rule.max_length is None and rule.maximum is None:
        yield Problem.warning(place, f"`{rule.path}` is named and not limited", "Add a limit or remove it.")
    if rule.pattern and (fault := pattern_fault(rule.pattern)):
        yield Problem.error(
            (*place, "pattern"), f"no RE2 pattern: {fault}", "RE2 has no look-around and no \\1."
        )
    if "*" in rule.allow:
        yield Problem.warning((*place, "allow"), "`*` allows everything", "Name what is fine.")


def schema_faults(schema: dict[str, Any]) -> list[str]:
    """Why `schema` cannot be used: not JSON Schema, refers elsewhere, refers to itself at once, too large."""
    import jsonschema

    faults = _shape_faults(schema)
    if faults:
        return faults
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        return [f"not a JSON Schema at `{where[:80]}`: {error.message[:160]}"]
    return []


def _shape_faults(schema: Any) -> list[str]:
    faults: list[str] = []
    todo: list[tuple[Any, int]] = [(schema, 0)]
    seen = 0
    while todo:
        node, depth = todo.pop()
        seen += 1
        if depth > _DEPTH or seen > _NODES:
            return [f"nested deeper than {_DEPTH} or larger than {_NODES:,} values"]
        if isinstance(node, dict):
            for key in ("$ref", "$dynamicRef"):
                target = node.get(key)
                if isinstance(target, str) and not target.startswith("#"):
                    faults.append(f"`{key}: {target[:60]}` leads outside the schema; nothing is fetched")
                elif isinstance(target, str) and target.startswith("#/") and not _present(schema, target):
                    faults.append(f"`{key}: {target[:60]}` leads nowhere")
            if isinstance(node.get("pattern"), str) and (fault := pattern_fault(node["pattern"])):
                faults.append(f"`pattern` is no RE2 pattern: {fault}")
            todo.extend((child, depth + 1) for child in node.values())
        elif isinstance(node, list):
            todo.extend((child, depth + 1) for child in node)
    return faults


def _present(schema: Any, target: str) -> bool:
    node = schema
    for step in target[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdigit() and int(key[:6]) < len(node):
            node = node[int(key[:6])]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return False
    return True


def _flow(policy: Policy) -> Iterator[Problem]:
    flow = policy.flow
    if flow.action is Action.ALLOW:
        yield Problem.warning(
            ("flow", "action"),
            "untrusted text may send, pay, delete and execute unless a tool's own rule says otherwise",
            "Write `ask` or `block`.",
        )
    if not flow.untrusted:
        yield Problem.warning(
            ("flow", "untrusted"), "no channel is untrusted, so no flow rule ever fires", "Name the channels."
        )
    for name in ("unknown_tools", "undeclared_tools"):
        if getattr(flow, name) is Action.ALLOW:
            yield Problem.warning(
                ("flow", name), "tools that no rule names are called unasked", "Write `ask` or `block`."
            )

"""Whether a call's arguments are what the tool's rule allows: well-formed, of its schema, within limits."""

import json
import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from assaymark.guard.event import Action, Finding, ToolCall
from assaymark.guard.policy.lint_tools import schema_faults
from assaymark.guard.policy.model import ArgumentRule, Limits, ToolRule
from assaymark.guard.policy.patterns import fits
from assaymark.guard.policy.vocabulary import matches
from assaymark.guard.rules.limits import JsonFault, parse_json

__all__ = ["argument_findings", "parsed_arguments", "pointed_at"]

_LIMITS = Limits()
_SHOWN = 5
"""Violations of a schema that are reported for one call."""
_BETWEEN = re.compile(r"[,;\s]+")
_REACHED = 10_000
"""Values that one pointer with stars may reach."""
_ITEMS = 20_000
"""Values in the arguments that a schema is held against; more are a violation."""


class _SpentError(Exception):
    """More references were followed than one call may cost."""


class _Budget(threading.local):
    """References that the validation under way in this thread may still follow."""

    left = 0


_BUDGET = _Budget()
_REFERENCES = 5_000


def parsed_arguments(arguments: str, limits: Limits = _LIMITS) -> tuple[Any, str]:
    """The value of a call's arguments and what is wrong with them; an empty text is an empty object."""
    if not arguments.strip():
        return {}, ""
    try:
        return parse_json(arguments.encode("utf-8"), limits), ""
    except UnicodeEncodeError:
        return None, "They hold a lone surrogate."
    except JsonFault as fault:
        return None, fault.message.replace("The message is refused: ", "They are refused: ")


def argument_findings(call: ToolCall, rule: ToolRule | None, limits: Limits) -> Iterator[Finding]:
    """Findings `tool/…` about the arguments of `call`.

    Malformed arguments are a finding for a tool whose rule limits them (its `on_violation`), and for any
    other tool if they look like JSON: an object that parsers read differently is no honest call.
    """
    bound = rule is not None and (rule.schema is not None or bool(rule.arguments))
    action = rule.on_violation if rule is not None else Action.BLOCK
    value, fault = parsed_arguments(call.arguments, limits)
    if fault:
        if bound or call.arguments.lstrip().startswith(("{", "[")):
            message = f"The arguments cannot be read as JSON. {fault}"
            yield Finding(rule="tool/arguments", message=message, action=action)
        return
    if rule is None:
        return
    if rule.schema is not None:
        yield from _schema(value, json.dumps(rule.schema, sort_keys=True), action)
    for argument in rule.arguments:
        for pointer, part in pointed_at(value, argument.path):
            wrong = _violation(part, argument)
            if wrong:
                message = f"The argument at `{_shown(pointer)}` {wrong}."
                yield Finding(rule="tool/argument", message=message, action=action)
                break


def _schema(value: Any, schema: str, action: Action) -> Iterator[Finding]:
    import referencing.exceptions

    validator = _validator(schema)
    if validator is None:
        message = "The policy's schema for this tool cannot be used, so no call of it can be allowed."
        yield Finding(rule="tool/schema", message=message, action=action)
        return
    if _size(value) > _ITEMS:
        message = f"The arguments hold more than {_ITEMS:,} values, too many to hold against the schema."
        yield Finding(rule="tool/schema", message=message, action=action)
        return
    _BUDGET.left = _REFERENCES
    try:
        for n, error in enumerate(validator.iter_errors(value)):
            if n >= _SHOWN:
                break
            where = _shown("".join(f"/{part}" for part in error.absolute_path))
            message = f"The arguments break the tool's schema at `{where}` (`{error.validator}`)."
            yield Finding(rule="tool/schema", message=message, action=action)
    except (RecursionError, _SpentError):
        message = "The tool's schema refers to itself too often for these arguments."
        yield Finding(rule="tool/schema", message=message, action=action)
    except referencing.exceptions.Unresolvable:
        message = "The tool's schema refers to a part that it does not have."
        yield Finding(rule="tool/schema", message=message, action=action)


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    """A validator that fetches nothing and matches patterns in linear time; None for an unusable schema."""
    import jsonschema
    import referencing

    value = json.loads(schema)
    if schema_faults(value):
        return None

    def pattern(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[Any]:
        # RE2 instead of the library's backtracking engine; a schema's pattern matches anywhere.
        if isinstance(instance, str) and not fits(f"(?s:.*)(?:{wanted})(?s:.*)", instance):
            yield jsonschema.ValidationError("the pattern does not fit")

    follow = jsonschema.Draft202012Validator.VALIDATORS["$ref"]

    def reference(*about: Any) -> Any:
        # What a finite schema costs is bounded by its size; only references can multiply it.
        _BUDGET.left -= 1
        if _BUDGET.left < 0:
            raise _SpentError
        return follow(*about)

    made = jsonschema.validators.extend(
        jsonschema.Draft202012Validator, {"pattern": pattern, "$ref": reference, "$dynamicRef": reference}
    )
    return made(value, registry=referencing.Registry())


def _size(value: Any) -> int:
    count, todo = 0, [value]
    while todo and count <= _ITEMS:
        node = todo.pop()
        count += 1
        if isinstance(node, dict):
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return count


def pointed_at(value: Any, path: str) -> list[tuple[str, Any]]:
    """(pointer, value) for everything that a JSON pointer with stars reaches; empty if nothing is there.

    At the end of the path a list stands for its items as well: `/to` reaches each of several recipients.
    """
    found: list[tuple[str, Any]] = [("", value)]
    for step in path.split("/")[1:]:
        found = [
            (f"{pointer}/{name}", child) for pointer, node in found for name, child in _children(node, step)
        ][:_REACHED]
    ends: list[tuple[str, Any]] = []
    while found and len(ends) < _REACHED:
        pointer, node = found.pop()
        if isinstance(node, list):
            found.extend((f"{pointer}/{n}", child) for n, child in enumerate(node[:_REACHED]))
        else:
            ends.append((pointer, node))
    return ends


def _children(node: Any, step: str) -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        if step == "*":
            return list(node.items())
        key = step.replace("~1", "/").replace("~0", "~")
        return [(step, node[key])] if key in node else []
    if isinstance(node, list):
        if step == "*":
            return [(str(n), child) for n, child in enumerate(node)]
        if step.isascii() and step.isdigit() and int(step[:9]) < len(node):
            return [(step, node[int(step[:9])])]
    return []


def _violation(value: Any, rule: ArgumentRule) -> str:
    """What is wrong with one value; empty if nothing is."""
    worded = bool(rule.allow or rule.deny or rule.pattern or rule.max_length is not None)
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if rule.maximum is not None and not (number and value <= rule.maximum):
        return "is above the maximum" if number else "is not a number, and a maximum is set"
    if not worded or value is None:
        return ""
    if isinstance(value, dict):
        return "is an object where one value is expected"
    text = value if isinstance(value, str) else json.dumps(value)
    if rule.max_length is not None and len(text) > rule.max_length:
        return "is longer than allowed"
    parts = [text, *(part for part in _BETWEEN.split(text) if "@" in part)]
    if any(matches(glob, part) for glob in rule.deny for part in parts):
        return "is denied"
    if rule.allow and _climbs(text):
        return "walks up in a path, so that what it leads to cannot be compared"
    if rule.allow and not _allowed(rule.allow, text):
        return "is not among the values allowed"
    if rule.pattern and not fits(rule.pattern, text):
        return "does not fit the pattern"
    return ""


def _allowed(globs: tuple[str, ...], text: str) -> bool:
    """Whether `text` fits one of `globs`; of several addresses in one text, each has to."""
    addresses = [glob for glob in globs if "@" in glob]
    others = [glob for glob in globs if "@" not in glob]
    if any(matches(glob, text) and ("\n" not in text or "\n" in glob) for glob in others):
        return True
    parts = [part for part in _BETWEEN.split(text) if part]
    return bool(parts) and all(
        part.count("@") == 1 and any(matches(glob, part) for glob in addresses) for part in parts
    )


def _climbs(text: str) -> bool:
    plain = text.replace("\\", "/").replace("%2e", ".").replace("%2E", ".").replace("%2f", "/")
    return ".." in plain and ".." in plain.replace("%2F", "/").replace("%5c", "/").replace("%5C", "/").split(
        "/"
    )


def _shown(pointer: str) -> str:
    short = pointer[:80]
    return short if short.isprintable() else ascii(short)

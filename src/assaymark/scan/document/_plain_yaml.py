"""YAML from strangers: no aliases, no tags that build objects, bounded depth."""

from typing import Any

__all__ = ["PlainYamlError", "plain_yaml"]

DEPTH_LIMIT = 24
"""Nesting that is read."""


class PlainYamlError(Exception):
    """The text is not plain YAML, or exceeds a bound; the message says which."""


def plain_yaml(text: str) -> Any:
    """The value of `text`.

    Raises:
        PlainYamlError: broken syntax, an alias (they can expand without end), too deep nesting.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise PlainYamlError("a YAML alias, which is not followed")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEPTH_LIMIT:
                raise PlainYamlError(f"nested more than {DEPTH_LIMIT} levels deep")
        return yaml.load(text, Loader=loader)  # noqa: S506 - the safe loader, in C where there is one
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise PlainYamlError(f"broken YAML ({type(problem).__name__})") from None

"""CISO Assistant's library: every parent exists and stands before its child, every group is defined."""

from collections.abc import Iterator
from typing import Any

import yaml

from assaymark.report.integrity.known import Known, twice

__all__ = ["problems"]


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a framework library."""
    try:
        framework: dict[str, Any] = yaml.safe_load(data)["objects"]["framework"]
    except yaml.YAMLError as error:
        raise ValueError(f"it is no YAML: {error}") from error
    nodes: list[dict[str, Any]] = framework["requirement_nodes"]
    yield from (f"urn {u} stands more than once" for u in twice(n["urn"] for n in nodes))
    yield from (f"urn {n['urn']} is not in small letters" for n in nodes if n["urn"] != n["urn"].lower())
    groups = {g["ref_id"] for g in framework["implementation_groups_definition"]}
    depths: dict[str, int] = {}
    for node in nodes:
        yield from _node(node, depths, groups)
        depths[node["urn"]] = node["depth"]
    numbers = [n["ref_id"] for n in nodes if n["depth"] > 1]
    expected = {*known.verdicts, *known.obligations}
    yield from (f"requirement {n} is none of the standard" for n in numbers if n not in expected)
    yield from (f"requirement {n} is missing" for n in sorted(expected - set(numbers)))


def _node(node: dict[str, Any], depths: dict[str, int], groups: set[str]) -> Iterator[str]:
    parent = node.get("parent_urn")
    if (node["depth"] > 1) != (parent is not None):
        yield f"requirement {node['ref_id']} of depth {node['depth']} has the parent {parent}"
    elif parent is not None and depths.get(parent) != node["depth"] - 1:
        yield f"requirement {node['ref_id']} has the parent {parent}, which does not stand above it"
    for group in node.get("implementation_groups", ()):
        if group not in groups:
            yield f"requirement {node['ref_id']} is in group {group}, which is not defined"
    if node["assessable"] != ("#" in node["ref_id"]):
        yield f"requirement {node['ref_id']} is assessable where it should not be, or the other way round"

"""YAML of unknown origin: small, without aliases, plain values only."""

from typing import Any

import yaml

__all__ = ["MAX_YAML", "parse_yaml"]

MAX_YAML = 1 << 20


class _Loader(yaml.SafeLoader):
    """Refuses aliases, which can make a small file expand without bound."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not followed")
        return super().compose_node(parent, index)


def parse_yaml(data: bytes) -> Any:
    """The parsed value, or None if it is not plain YAML, too long, too deep or uses aliases."""
    if len(data) > MAX_YAML or data.count(b"[") + data.count(b"{") > 20_000:
        return None
    try:
        return yaml.load(data.decode("utf-8-sig", "replace"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, OverflowError):
        return None

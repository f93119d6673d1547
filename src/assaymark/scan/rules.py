"""Every rule of `assaymark scan`: id, title and help, from the `rules.yaml` beside the inspectors that use it."""

import functools
from pathlib import Path

from msgspec import Struct

__all__ = ["Rule", "all_rules"]

_FOLDERS = ("", "pickle", "container", "weights", "folder")


class Rule(Struct, frozen=True):
    """What a hazard's `rule` means."""

    id: str
    title: str
    """The condition that was found, a few words."""
    help: str
    """Why it matters and what to do."""


@functools.cache
def all_rules() -> dict[str, Rule]:
    """All rules by id, in the order of their files."""
    import yaml

    here = Path(__file__).parent
    rules: dict[str, Rule] = {}
    for folder in _FOLDERS:
        path = here / folder / "rules.yaml"
        for name, told in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            rules[name] = Rule(name, told["title"], told["help"])
    return rules

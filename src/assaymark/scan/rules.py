"""Every rule of `assaymark scan`, from the `rules.yaml` beside the inspectors that use it."""

import functools
from pathlib import Path

from assaymark.inspection import Rule

__all__ = ["all_rules"]

_FOLDERS = ("", "pickle", "container", "weights", "config", "hdf5", "folder")


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

"""The data tables beside this module, read once."""

import functools
import re
from pathlib import Path
from typing import Any

__all__ = ["table", "tokens"]


@functools.cache
def table(name: str) -> dict[str, Any]:
    """The table `name` (a YAML file of our own beside this module)."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load((Path(__file__).parent / f"{name}.yaml").read_text("utf-8"), Loader=loader)  # noqa: S506 - safe loader
    assert isinstance(loaded, dict)
    return loaded


_WORD = re.compile(r"[^\W_]+")


def tokens(text: str) -> list[str]:
    """Lower-case words of `text`, hyphens apart, a plural "s" taken off."""
    return [
        w[:-1] if len(w) > 3 and w[-1] == "s" and w[-2] != "s" else w for w in _WORD.findall(text.lower())
    ]

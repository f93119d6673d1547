"""A file's name against its content: wrong extensions, and files that are several formats at once."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assaymark.inspection import Hazard, Level
from assaymark.scan.container.member_names import shown

__all__ = ["polyglot", "wrong_extension"]


@functools.cache
def _table() -> dict[str, Any]:
    import yaml

    told: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("suffixes.yaml").read_text(encoding="utf-8")
    )
    return told


def wrong_extension(path: str, formats: Sequence[str]) -> Hazard | None:
    """Whether the suffix promises another format than the content is in.

    Args:
        path: of the file, or of a member joined by `!/`.
        formats: those that the content is valid as, as in `Header.format`.
    """
    name = path.replace("!/", "/").rpartition("/")[2]
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    table = _table()
    inert = table["inert"].get(suffix)
    promised = inert or table["other"].get(suffix)
    wrong = [f for f in formats if promised and f not in promised]
    if not wrong or not promised or (not inert and any(f in promised for f in formats)):
        return None
    active = [f for f in wrong if f in table["active"]]
    if inert and not active:
        return None
    level = Level.UNKNOWN if inert else Level.NOTE
    message = f"{shown(name)!r} is called {suffix} and is {', '.join(active or wrong)}."
    return Hazard(
        rule="wrong-extension", level=level, message=message, subject=f"{suffix}:{(active or wrong)[0]}"
    )


def polyglot(formats: Sequence[str]) -> Hazard | None:
    """Whether the content is valid as formats that have nothing to do with each other.

    Args:
        formats: those that inspectors recognised in one blob, as in `Inspection.formats`.
    """
    groups: dict[int, str] = {}
    same = _table()["same"]
    for form in formats:
        group = next((i for i, names in enumerate(same) if form in names), -1 - len(groups))
        groups.setdefault(group, form)
    found = list(groups.values())
    if len(found) < 2:
        return None
    message = f"The file is {' and '.join(found)} at once: which model is loaded depends on the loader."
    return Hazard(rule="polyglot", level=Level.UNKNOWN, message=message, subject="+".join(found))

"""The entrance: the problems of one exported document, by its format."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from assaymark.report.integrity.known import Known

__all__ = ["CHECKED", "problems_of"]

CHECKED: Mapping[str, str] = MappingProxyType(
    {
        "json": "json_v1",
        "html": "html",
        "sarif": "sarif",
        "junit": "junit",
        "cyclonedx-1.6": "cyclonedx",
        "cyclonedx-1.7": "cyclonedx",
        "in-toto": "in_toto",
        "svr": "in_toto",
        "ics": "ics",
        "ixit": "ixit",
        "xlsx": "office",
        "docx": "office",
        "oscal-catalog": "oscal",
        "oscal-profile-developer": "oscal",
        "oscal-profile-system-operator": "oscal",
        "oscal-profile-data-custodian": "oscal",
        "oscal-component": "oscal",
        "oscal-results": "oscal",
        "ciso-assistant": "ciso_assistant",
    }
)
"""Format → module of this package whose `problems(data, known)` gives each broken rule in words."""

_MISSHAPEN = (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError)
"""What reading a document raises that lacks the members its format requires."""


def problems_of(form: str, data: bytes, known: Known) -> tuple[str, ...]:
    """Every broken rule of `data`, an export in the format `form`; empty if all of it resolves.

    Args:
        form: a key of `CHECKED`.
        data: the file.
        known: what it may refer to.
    """
    module = import_module(f"assaymark.report.integrity.{CHECKED[form]}")
    problems: Callable[[bytes, Known], Iterable[str]] = module.problems
    try:
        return tuple(problems(data, known))
    except _MISSHAPEN as error:
        return (f"it has not the shape of {form}: {_said(error)}",)


def _said(error: Any) -> str:
    return f"{type(error).__name__} {str(error)[:200]}".strip()

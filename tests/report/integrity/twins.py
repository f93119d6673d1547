"""What the tests of broken twins share."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from assaymark.report.integrity.check import problems_of
from assaymark.report.integrity.known import known_of
from tests.report.exports import exported, judged

Break = Callable[[Any], object]
"""Damages a document in place."""

KNOWN = known_of(judged())
FAILED, PASSED, OUT = "5.2.3-1", "5.2.1-1", "5.3.1-3"
"""A provision that fails in the sample, one that passes, one that does not apply."""


def first(items: list[dict[str, Any]], **having: object) -> dict[str, Any]:
    """The first item whose members are those."""
    return next(i for i in items if all(i.get(k) == v for k, v in having.items()))


def broken(form: str, damage: Break) -> str:
    """The sample's export with the damage done."""
    twin: Mapping[str, Any] = json.loads(exported(form))
    damage(twin)
    return json.dumps(twin)


def refused(form: str, text: str, reason: str) -> bool:
    """Whether our own check names the damage."""
    return any(reason in problem for problem in problems_of(form, text.encode(), KNOWN))

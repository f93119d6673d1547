"""Licences in SPDX: an expression, or a reference to the words that stand in the tree."""

import hashlib
from collections.abc import Iterator
from typing import Any

from assaymark.bom import Bom, Licence
from assaymark.report.bom.spdx_names import Names

__all__ = ["licence_elements", "licence_id"]


def licence_id(licence: Licence) -> str:
    """The ref of the element for a licence: equal words share one."""
    return f"licence:{_mark(licence)}"


def _mark(licence: Licence) -> str:
    return hashlib.sha256(f"{licence.expression}\n{licence.name}".encode()).hexdigest()[:16]


def licence_elements(bom: Bom, names: Names) -> Iterator[dict[str, Any]]:
    """An element for each licence that anything states, and one more for words that are no expression."""
    stated = (*bom.licences, *(one for c in bom.components for one in c.licences))
    for licence in {licence_id(one): one for one in stated}.values():
        yield from _elements(licence, names)


def _elements(licence: Licence, names: Names) -> Iterator[dict[str, Any]]:
    element = {
        "type": "simplelicensing_LicenseExpression",
        "spdxId": names.of(licence_id(licence)),
        "simplelicensing_licenseExpression": licence.expression,
    }
    if licence.expression:
        yield element
        return
    reference = f"LicenseRef-{_mark(licence)}"
    text = names.of(f"licence-text:{_mark(licence)}")
    yield {
        **element,
        "simplelicensing_licenseExpression": reference,
        "simplelicensing_customIdToUri": [{"type": "DictionaryEntry", "key": reference, "value": text}],
    }
    yield {
        "type": "simplelicensing_SimpleLicensingText",
        "spdxId": text,
        "name": licence.name,
        "simplelicensing_licenseText": licence.name,
        "comment": "The words that stand in the tree, not the licence's text.",
    }

"""The extra information for testing: a broken twin for each rule."""

from typing import Any

import pytest

from tests.report.integrity.twins import FAILED, Break, broken, first, refused


def provision(d: dict[str, Any]) -> dict[str, Any]:
    """The provision that fails."""
    return first(d["provisions"], id=FAILED)


def assets(d: dict[str, Any]) -> list[dict[str, Any]]:
    """The assets of the first kind that has some."""
    return next(k["assets"] for k in d["kinds"] if k["assets"])


IXIT: dict[str, tuple[Break, str]] = {
    "another catalogue": (lambda d: d.update(catalogue_sha256="f" * 64), "catalogue's digest"),
    "provision twice": (lambda d: d["provisions"].append(d["provisions"][0]), "stands more than once"),
    "provision missing": (lambda d: d["provisions"].pop(), "is missing"),
    "provision that is none": (lambda d: provision(d).update(id="9.9.9-9"), "none of the standard"),
    "asset twice": (lambda d: assets(d).append(assets(d)[0]), "stands more than once"),
    "edge to nothing": (lambda d: d["edges"][0].update(target="gone"), "ends at gone"),
    "asset that is none": (lambda d: provision(d)["assets"].append("gone"), "names the asset gone"),
    "check that is none": (lambda d: provision(d)["checks"].append("gone"), "names the check gone"),
    "another provision's obligation": (
        lambda d: provision(d)["ask"].append({"obligation": "5.1.1-1#1", "what": "?", "whom": []}),
        "asks about 5.1.1-1#1",
    ),
    "obligation that is none": (
        lambda d: provision(d)["ask"].append({"obligation": f"{FAILED}#99", "what": "?", "whom": []}),
        f"asks about {FAILED}#99",
    ),
    "another leaf": (lambda d: provision(d)["facts"][0].update(leaf="f" * 64), "another leaf"),
    "entry beyond the ledger": (lambda d: d["ledger"].update(size=0), "beyond the ledger's 0"),
    "unknown digest": (
        lambda d: provision(d)["facts"][0]["subjects"][0].update(sha256="f" * 64),
        "whose digest is not known",
    ),
}


@pytest.mark.parametrize("name", IXIT)
def test_broken_information_is_refused(name: str) -> None:
    """Whatever in it leads nowhere is named."""
    damage, reason = IXIT[name]

    assert refused("ixit", broken("ixit", damage), reason)

"""A Data Custodian approved the use of the data, for its present content."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks.document._documents import covered_by, filled, latest_date, pick
from assaymark.scan.facts import DataFile, Document, Trail
from assaymark.scan.paths import is_test_path
from assaymark.system.system import System


@check(supports=("5.1.2-5",))
def intended_use_fits_the_data(
    documents: tuple[Document, ...],
    data: tuple[DataFile, ...],
    trails: tuple[Trail, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """A Data Custodian approved the use of the data, for its present content.

    Why: Data gathered for one purpose and protected for one audience ends up in a model that answers
    another.

    Fix: Write docs/data-approval.md: the intended use, the data's sensitivity, the controls that protect
    it, `Data custodian: NAME` and `Approved: YYYY-MM-DD`; renew it when the data changes.

    Blind spots: Whether use and sensitivity really fit is the custodian's judgement. The last change of
    the data is taken from the git history of its files and manifests.
    """
    approvals = filled(pick(documents, ("data-approval",), system))
    if not approvals:
        used = [d for d in data if not is_test_path(d.at.path)]
        if not used and not system.custodians:
            yield not_applicable("No data file and no data custodian was found.")
            return
        yield not_observable(
            f"No approval of the use of data by a custodian is in the tree, which holds {len(used)} "
            "data files.",
        )
        return
    approval = approvals[0]
    lacking = [
        word
        for word, shows in {
            "the intended use": ("intended-use", "use", "approval"),
            "the sensitivity": ("sensitivity",),
            "the controls": ("access-control", "guardrails", "custodian", "retention", "data-access"),
        }.items()
        if covered_by(approvals, shows) is None
    ]
    given = max((d for a in approvals if (d := latest_date(a, today)) is not None), default=None)
    changed = max((t.last[:10] for t in trails if t.subject == "data"), default="")
    if given is None or lacking:
        gap = "it carries no date" if given is None else f"it does not speak of {' and '.join(lacking)}"
        yield partly_met(f"An approval of the use of data is there; {gap}.", at("The approval.", approval))
    elif changed > given.isoformat():
        yield not_met(
            f"The data changed on {changed}, after the approval of {given.isoformat()}.",
            at("The approval.", approval),
            tentative=True,
            fix="Have the custodian look at the change and renew the approval.",
        )
    else:
        yield met(
            f"The use of the data was approved on {given.isoformat()}, with use, sensitivity and controls.",
            at("The approval.", approval),
        )

"""Users are told how their data is used, seen and stored."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.3.1-1",))
def data_use_is_explained(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Users are told how their data is used, seen and stored.

    Why: People type into AI systems what they would never publish; they must know whether it trains
    a model, who reads it and where it lies.

    Fix: Write docs/privacy-notice.md in plain words: what data is used for, where it is stored, who
    can see it, whether it is used for retraining, whether people review it, and how long it is
    kept; link to it from the product.

    Blind spots: Whether the notice reaches users, and whether the code keeps to it, is not seen
    here. It reads what is written, by headings and words, and cannot tell whether it is thorough or
    true.
    """
    yield from judge(expectation("data_use_is_explained"), documents, system, today)

"""Access control is reviewed for pipelines, data, models and APIs alike."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.2-1#1",))
def access_is_reviewed(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Access control is reviewed for pipelines, data, models and APIs alike.

    Why: Access reviews usually cover people and servers and forget who may push a model, read
    training data or call the inference endpoint.

    Fix: Write docs/access-review.md: for each of pipelines, data, models and APIs, who has access,
    how it is enforced, what was changed, and the day of the review.

    Blind spots: Real permissions in clouds and forges are not read. It reads what is written, by
    headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("access_is_reviewed"), documents, system, today)

"""Check: outputs are explainable."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Mechanism

__all__ = ["outputs_are_explainable"]

_KINDS = ("explanation", "citation", "confidence", "feature-attribution")


@check(supports=("5.1.4-2",))
def outputs_are_explainable(
    mechanisms: tuple[Mechanism, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Answers come with something that helps a person to judge them: sources, reasons or confidence.

    Why: a person who answers for a model's output can only catch a wrong or manipulated one if it shows
    where it came from and how sure it is.

    Fix: return the sources that were retrieved with the answer; add reason codes or feature attribution
    (SHAP, LIME) to scores; give a calibrated confidence; show them where the decision is made.

    Blind spots: whether the explanation is true and whether people understand it; that takes a trial
    with users. Explanations that the interface adds are not seen here.
    """
    own = [m for m in in_product(mechanisms, files) if m.kind in _KINDS]
    if own:
        kinds = ", ".join(sorted({m.kind for m in own}))
        yield met(
            f"Places that add what helps to judge an answer: {len(own)} ({kinds}).",
            *capped([at(f"`{m.name}` ({m.kind}).", m) for m in own]),
        )
    else:
        yield not_observable(
            "No sources, reasons or confidence beside the answers were found in the product's source.",
            fix="If the interface shows them, put a screenshot and a short description into `assurance/`.",
        )

"""Check: internal states are watched."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_observable
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, LibraryUse, Mechanism

__all__ = ["internal_states_are_watched"]

_KINDS = ("internal-state", "feature-attribution")


@check(supports=("5.4.2-3",))
def internal_states_are_watched(
    mechanisms: tuple[Mechanism, ...], libraries: tuple[LibraryUse, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Where a model's internal states can be reached, some of them are recorded for security analysis.

    Why: activations, attention, token probabilities and feature importance show triggers and drift that
    the answers alone hide, and they are what a later investigation will want.

    Fix: decide which states are worth keeping and write the decision down. Cheap beginnings are token
    log-probabilities, feature attribution of a sample of predictions (SHAP), and a forward hook that
    keeps summary statistics of one layer.

    Blind spots: states recorded by the serving platform. For a model behind a provider's API the states
    are out of reach; a recorded reason in the manifest settles it.
    """
    own = [m for m in in_product(mechanisms, files) if m.kind in _KINDS]
    if own:
        yield met(
            f"Places that record internal states: {len(own)}.",
            *capped([at(f"`{m.name}` ({m.kind}).", m) for m in own]),
        )
    elif any(use.category == "ml" for use in in_product(libraries, files)):
        yield not_observable(
            "Models run in the product's own code, and nothing that records their internal states was found."
        )
    else:
        yield not_applicable(
            "No model runs in the product's own code, so its internal states are out of reach here."
        )

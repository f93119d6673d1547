"""Whether each training run is preceded by checks of its data."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import before
from assaymark.scan.facts import CiJob, Mechanism

_CHECKS_DATA = ("data-validation", "deduplication", "sanitisation")


@check(supports=("5.2.1-4.1",))
def data_is_validated_before_training(
    jobs: tuple[CiJob, ...], mechanisms: tuple[Mechanism, ...]
) -> Iterator[Finding]:
    """Data is validated in the same pipeline before a model is trained on it.

    Why: Poisoned, duplicated or mislabelled records do their harm during training and are hard to find
    afterwards; a check that stands outside the training pipeline is forgotten at the next retraining.

    Fix: Add a step that validates the data (Great Expectations, Pandera, Deepchecks, `assaymark data
    scan`) before the training step, in the same job or as a job that training `needs:`.

    Blind spots: Training started by hand or by an orchestrator outside the tree is not seen, nor is what
    the validation looks for.
    """
    mine = in_product(jobs)
    training = [j for j in mine if j.trains]
    guarded = [j for j in training if any(b.validates_data for b in before(j, mine))]
    in_code = [m for m in in_product(mechanisms) if m.kind in _CHECKS_DATA]
    if training and len(guarded) == len(training):
        yield met(
            f"All {counted(len(training), 'training job')} follow a validation of the data.",
            *capped(at(f"`{j.name}` trains after validation", j) for j in guarded),
        )
    elif in_code:
        yield partly_met(
            f"Data checks exist in code ({counted(len(in_code), 'place')}); that they run before each "
            f"training is not seen.",
            *capped(at(f"{m.name} ({m.kind})", m) for m in in_code),
        )
    elif training:
        yield not_met(
            f"{len(training) - len(guarded)} of {counted(len(training), 'training job')} validate no "
            f"data first.",
            *capped(
                at(f"`{j.name}` trains without a validation step", j) for j in training if j not in guarded
            ),
            tentative=True,
        )
    else:
        yield not_observable(
            "No pipeline in the tree trains a model, and no data check was recognised in code."
        )

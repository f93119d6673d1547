"""What users say does not become training data unexamined."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import DataFile, Mechanism, ModelOutputSink

_CHECKS = (
    "data-validation",
    "deduplication",
    "sanitisation",
    "human-approval",
    "input-validation",
    "moderation",
)


@check(supports=("5.2.1-4.1#2", "5.2.5-4.1"))
def feedback_does_not_train_unchecked(
    mechanisms: tuple[Mechanism, ...], sinks: tuple[ModelOutputSink, ...], data: tuple[DataFile, ...]
) -> Iterator[Finding]:
    """Feedback and model output pass a check before a model is trained on them.

    Why: Whoever can send feedback can steer a model that learns from it. A few hundred records are
    enough to plant a behaviour.

    Fix: Before each training run validate, deduplicate and sample the new records, keep who sent
    them and when, and let a person approve the batch; call that step in the same job as the training.

    Blind spots: It sees training from feedback by the usual calls and names. Checks in another
    service or by hand are not seen.
    """
    own = in_product(mechanisms)
    trains = [m for m in own if m.kind == "feedback-training"]
    fed = [s for s in in_product(sinks) if s.sink == "training"]
    kept = [d for d in in_product(data) if d.role == "feedback"]
    if not trains and not fed:
        told = f" {counted(len(kept), 'file')} of feedback lie in the tree." if kept else ""
        yield not_applicable("No training on feedback or on model output was found." + told)
        return
    checked = {m.at.path for m in own if m.kind in _CHECKS}
    bare = [t for t in trains if t.at.path not in checked]
    open_sinks = [s for s in fed if not s.guarded and s.at.path not in checked]
    details = [
        *(at(f"`{t.name}` trains on feedback; no check stands in the same file.", t) for t in bare),
        *(at(f"Model output goes into training through `{s.callee}` unchecked.", s) for s in open_sinks),
    ]
    total = len(trains) + len(fed)
    if details:
        summary = (
            f"{len(details)} of {counted(total, 'place')} train on feedback or model output "
            f"with no check in sight."
        )
        yield not_met(summary, *capped(details), tentative=True)
    else:
        seen = [at(f"`{m.name}` ({m.kind}).", m) for m in own if m.kind in _CHECKS]
        yield met(f"All {counted(total, 'place')} that train on feedback check it first.", *capped(seen))

"""Whether a change of model or prompt is evaluated again by the pipeline."""

from collections.abc import Iterator

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
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import outward
from assaymark.scan.facts import CiJob, HubReference, LibraryUse, LlmCall, ModelFile

_BY_CHANGE = (
    "push",
    "pull_request",
    "merge_request",
    "pull_request_target",
    "push:tags",
    "release",
    "workflow_call",
)


@check("5.2.3-3", supports=("5.4.1-2",))
def models_are_evaluated_in_ci(
    jobs: tuple[CiJob, ...],
    calls: tuple[LlmCall, ...],
    models: tuple[ModelFile, ...],
    references: tuple[HubReference, ...],
    libraries: tuple[LibraryUse, ...],
) -> Iterator[Finding]:
    """Every change is evaluated against the models in use, and a bad result stops it.

    Why: A released model that was good for its maker may be wrong, unsafe or changed for this use; only
    an evaluation of one's own, run again at each exchange of model or prompt, notices.

    Fix: Keep an evaluation suite in evals/ (promptfoo, DeepEval, Inspect, lm-eval or plain pytest) and
    run it in CI on changes to code, prompts and model names, with a threshold that fails the job.

    Blind spots: Evaluations run by hand or on another platform are not seen, nor is whether the suite
    covers the model revision that production uses; a report per model version in docs/ shows that.
    """
    mine = in_product(jobs)
    runs = [j for j in mine if j.evaluates]
    firm = [j for j in runs if not j.ignores_failure]
    changes = [j for j in firm if not j.triggers or set(j.triggers) & set(_BY_CHANGE)]
    kept = [u for u in libraries if u.category == "evaluation"]
    if changes:
        yield met(
            f"{counted(len(changes), 'pipeline job')} evaluates on changes and can fail.",
            *capped(at(f"`{j.name}` runs an evaluation", j) for j in changes),
        )
    elif firm:
        yield partly_met(
            f"{counted(len(firm), 'pipeline job')} evaluates, but only by schedule or by hand.",
            *capped(at(f"`{j.name}` runs on {', '.join(j.triggers)}", j) for j in firm),
        )
    elif runs:
        yield not_met(
            f"{counted(len(runs), 'evaluation job')} may fail without stopping anything.",
            *capped(at(f"the failure of `{j.name}` is ignored", j) for j in runs),
            tentative=True,
        )
    elif kept:
        yield partly_met(
            f"Evaluation code exists ({kept[0].library}), but none of "
            f"{counted(len(mine), 'pipeline job')} runs it.",
            *capped(at(f"uses {u.library}", u) for u in kept),
        )
    elif not (calls or models or references or outward(mine)):
        yield not_applicable("No model is called, loaded or released in this tree.")
    else:
        yield not_observable(
            f"No pipeline job ({len(mine)} seen) evaluates a model or prompt; an evaluation "
            f"job, or a "
            "report per model version in docs/, would show it."
        )

"""Check: outputs are tested for leaks."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CiJob, CodeFile, Fact, LibraryUse, LlmCall, Mechanism

__all__ = ["outputs_are_tested_for_leaks"]

_TESTERS = (
    "garak",
    "pyrit",
    "deepteam",
    "promptfoo",
    "privacy-meter",
    "adversarial-robustness-toolbox",
    "inspect-ai",
    "giskard",
    "counterfit",
)
_FILTERS = ("output-filter", "canary")


@check("5.2.5-4")
def outputs_are_tested_for_leaks(
    libraries: tuple[LibraryUse, ...],
    jobs: tuple[CiJob, ...],
    mechanisms: tuple[Mechanism, ...],
    calls: tuple[LlmCall, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """Outputs are tried for what they give away: system prompt, training data, the model itself.

    Why: with enough questions, answers and scores reveal hidden instructions, memorised records and
    enough of the model to copy it. Only trying shows how much.

    Fix: add a job that runs leak probes before each release (garak's `leakreplay` and `promptinject`,
    promptfoo's `prompt-extraction`, membership inference from the Adversarial Robustness Toolbox), and an
    output filter that stops the system prompt and canary strings. Round or withhold exact scores.

    Blind spots: tests in another repository or by a contractor, and how hard they tried. Put their reports
    into `assurance/`.
    """
    testers: list[Fact] = [use for use in libraries if use.library in _TESTERS]
    testers += [job for job in jobs if job.evaluates and _probes(job)]
    filters = [m for m in in_product(mechanisms, files) if m.kind in _FILTERS]
    details = capped(
        [at("Probes outputs for what they give away.", f) for f in testers]
        + [at(f"`{m.name}` filters what goes out ({m.kind}).", m) for m in filters]
    )
    if testers and filters:
        yield met(
            f"Places that probe outputs for leaks: {len(testers)}; places that filter them: {len(filters)}.",
            *details,
        )
    elif testers or filters:
        missing = "no filter of outputs" if testers else "no test that tries to make them leak"
        yield partly_met(
            f"Places that deal with leaking outputs: {len(testers) + len(filters)}; {missing} was seen.",
            *details,
        )
    elif in_product(calls, files) or any(use.category == "ml" for use in libraries):
        yield not_observable("No test that tries to make outputs leak and no filter of outputs was found.")
    else:
        yield not_applicable("No model is called or run in the product's source.")


def _probes(job: CiJob) -> bool:
    text = " ".join((job.name, *job.scans)).lower()
    return any(name in text for name in (*_TESTERS, "red-team", "redteam", "red_team", "leak", "extraction"))

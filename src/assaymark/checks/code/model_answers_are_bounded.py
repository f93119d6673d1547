"""Check: model answers are bounded."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, LlmCall

__all__ = ["model_answers_are_bounded"]


@check(supports=("5.1.2-2#2", "5.2.5-4.1", "5.2.2-2"))
def model_answers_are_bounded(calls: tuple[LlmCall, ...], files: tuple[CodeFile, ...]) -> Iterator[Finding]:
    """The length or shape of each model answer is bounded by the call.

    Why: an answer without a bound costs what the caller makes it cost, and an answer without a shape is
    whatever the last instruction in the prompt wanted, including one that a stranger hid there.

    Fix: set `max_tokens` (or `max_output_tokens`, `max_new_tokens`, `num_predict`) on every call, and bind
    answers that code reads to a schema (`response_format=…`, `with_structured_output(…)`).

    Blind spots: bounds passed through `**options`, set by a gateway, or by the provider's default.
    """
    own = in_product(calls, files)
    if not own:
        yield not_applicable("No call to a model was found in the product's source.")
        return
    bounded = [c for c in own if c.token_limit or c.output_schema]
    if len(bounded) == len(own):
        yield met(f"{counted(len(own), 'model call')} found; each bounds the length or shape of the answer.")
        return
    bare = [c for c in own if c.token_limit is False and c.output_schema is False]
    details = capped(
        [at(f"The call to {c.client} bounds neither length nor shape of the answer.", c) for c in bare]
    )
    if bare:
        yield not_met(
            f"Model calls that bound neither length nor shape of the answer: {len(bare)} of {len(own)}.",
            *details,
            tentative=True,
        )
    else:
        yield partly_met(
            f"Model calls that bound the answer: {len(bounded)} of {len(own)}; the rest could not be told."
        )

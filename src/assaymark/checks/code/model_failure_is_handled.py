"""Check: model failure is handled."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, LlmCall, Mechanism

__all__ = ["model_failure_is_handled"]

_KINDS = ("fallback", "retry", "circuit-breaker")


@check("5.1.2-2#3")
def model_failure_is_handled(
    calls: tuple[LlmCall, ...], mechanisms: tuple[Mechanism, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Each call to a model has a time-out, and something sensible happens when it fails.

    Why: models and their providers hang, refuse, change and go away. Without a time-out a stuck call
    holds a worker; without a handler the error reaches the user, or the safeguard that used the model is
    skipped.

    Fix: set a time-out on the client (`OpenAI(timeout=20, max_retries=2)`), catch the provider's errors
    where the call is made, and answer with a fallback: another model, a cached or fixed answer, or a
    hand-over to a person. Add a test that makes the call fail.

    Blind spots: handlers in a calling file, defaults of client libraries (some wait ten minutes),
    time-outs set by a proxy, and whether the fallback is safe.
    """
    own = in_product(calls, files)
    if not own:
        yield not_applicable("No call to a model was found in the product's source.")
        return
    helped = {m.at.path for m in mechanisms if m.kind in _KINDS}
    sound = [c for c in own if _is_sound(c, helped)]
    bare = [c for c in own if c.timeout is False and not c.handles_failure and c.at.path not in helped]
    if len(sound) == len(own):
        yield met(f"{counted(len(own), 'model call')} found; each has a time-out and handles failure.")
    elif bare:
        yield not_met(
            f"Model calls with neither a time-out nor a handler for failure: {len(bare)} of {len(own)}.",
            *capped(
                [at(f"The call to {c.client}{_where(c)} has no time-out and no handler.", c) for c in bare]
            ),
            tentative=True,
        )
    else:
        rest = [c for c in own if not _is_sound(c, helped)]
        yield partly_met(
            f"Model calls with both a time-out and a handler for failure: {len(sound)} of {len(own)}.",
            *capped([at(f"The call to {c.client}{_where(c)}: {_missing(c)} was not seen.", c) for c in rest]),
        )


def _is_sound(call: LlmCall, helped: set[str]) -> bool:
    return call.timeout is True and (call.handles_failure is True or call.at.path in helped)


def _missing(call: LlmCall) -> str:
    return "a time-out" if call.timeout is not True else "a handler for failure"


def _where(call: LlmCall) -> str:
    return f" in {call.function}" if call.function else ""

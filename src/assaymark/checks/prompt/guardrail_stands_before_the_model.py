"""Input and output of the model pass a guard."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import LibraryUse, LlmCall, Mechanism, Origin

_GUARDS = ("guardrail", "moderation")
_PARTS = ("output-filter", "input-validation", "sanitisation")
_OTHERS = frozenset({Origin.REQUEST, Origin.RETRIEVED, Origin.TOOL_ARGUMENT})


@check(supports=("5.1.2-2#1", "5.1.2-2#2"))
def guardrail_stands_before_the_model(
    calls: tuple[LlmCall, ...], mechanisms: tuple[Mechanism, ...], libraries: tuple[LibraryUse, ...]
) -> Iterator[Finding]:
    """What goes into the model, or comes out of it, passes a guard or moderation step.

    Why: A model follows instructions wherever they stand. A guard looks for injected instructions
    and for answers that should not leave, before either has an effect.

    Fix: Put a guard around the model call: an input and output rail (NeMo Guardrails, Guardrails AI,
    LLM Guard, `inputGuardrails` of the OpenAI Agents SDK) or a moderation call, and let it refuse
    when it breaks.

    Blind spots: A guard in a gateway or at the provider is not seen. That a guard is there does not
    say how much it catches; only tests with attacks do.
    """
    own = in_product(calls)
    seen = in_product(mechanisms)
    guards: list[Detail] = [
        *(at(f"`{m.name}` ({m.kind}).", m) for m in seen if m.kind in _GUARDS),
        *(at(f"{u.library} is used.", u) for u in in_product(libraries) if u.category == "guard"),
    ]
    parts = [at(f"`{m.name}` ({m.kind}).", m) for m in seen if m.kind in _PARTS]
    open_calls = [c for c in own if _OTHERS & set(c.prompt_origins)]
    if not own:
        yield not_applicable("No call to a language model was found.")
    elif guards:
        yield met(
            f"{counted(len(guards), 'place')} guard {counted(len(own), 'model call')}.", *capped(guards)
        )
    elif parts:
        summary = (
            f"{counted(len(parts), 'step')} check input or output; none looks for injected instructions."
        )
        yield partly_met(summary, *capped(parts))
    elif open_calls:
        details = [
            at(f"Others' text reaches {c.client} in `{c.function or 'the module'}`.", c) for c in open_calls
        ]
        yield not_met(
            f"{len(open_calls)} of {counted(len(own), 'model call')} take others' text, and no "
            f"guard was found.",
            *capped(details),
            tentative=True,
        )
    else:
        yield partly_met(
            f"{counted(len(own), 'model call')} found; no guard, and no text of others was seen to "
            "reach them."
        )

"""The model offers no more than the system uses."""

import re
from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import Endpoint, LlmCall, ModelFile, Setting

_MULTIMODAL = re.compile(
    r"gpt-4o|gpt-4\.1|gpt-5|\bo[134]\b|gemini|claude-(3|sonnet|opus|haiku)|pixtral|llava|qwen.*(vl|omni)|llama-?(3\.2.*vision|4)"
    r"|gemma-?3|phi.*(vision|multimodal)|nova-(lite|pro|premier)",
    re.IGNORECASE,
)
_HOSTED = re.compile(r"code_?(interpreter|execution)|computer|bash_|web_?search|google_?search"
    r"|text_editor|url_?context"
                     r"|image_generation", re.IGNORECASE)  # fmt: skip


@check(supports=("5.1.3-1.2",))
def model_functions_are_limited_to_need(
    calls: tuple[LlmCall, ...],
    models: tuple[ModelFile, ...],
    endpoints: tuple[Endpoint, ...],
    settings: tuple[Setting, ...],
) -> Iterator[Finding]:
    """Functions of the model that the system does not need are closed off.

    Why: A model that also reads images, runs code or searches the web can be attacked that way,
    even if the system only wanted its text. What is not needed should not be reachable.

    Fix: Accept only what is needed at the endpoint, by a typed schema that has no place for files
    or images; leave provider tools such as code execution off; or choose a smaller model. Write
    down, per surplus function, why it is acceptable.

    Blind spots: Capabilities are known for widely used model families by name. What an endpoint
    really refuses is shown only by trying it.
    """
    own = in_product(calls)
    hosted = [(c, t) for c in own for t in c.tools if _HOSTED.search(t)]
    enabled = [s for s in in_product(settings) if s.category in ("tool", "feature") and _on(s)]
    able = [c for c in own if _MULTIMODAL.search(c.model)]
    files = [m for m in in_product(models) if len(set(m.modalities) - {"tools"}) > 1]
    doors = [e for e in in_product(endpoints) if {"llm", "model"} & set(e.reaches)]
    if hosted or enabled:
        details = [
            *(at(f"The provider's tool `{t}` is switched on.", c) for c, t in hosted),
            *(at(f"`{s.key}` switches a provider's tool on.", s) for s in enabled),
        ]
        yield not_met(
            f"{counted(len(details), 'function')} beyond text, run by the provider, are on; is each needed?",
            *capped(details),
            tentative=True,
        )
    elif not able and not files:
        yield not_observable("What the models in use can do beyond text is not known from their names.")
    elif doors and all(e.validated for e in doors):
        details = [at(f"{e.method} {e.route} takes typed input only.", e) for e in doors]
        yield met(f"All {counted(len(doors), 'endpoint')} before a multimodal model accept typed input only.",
                  *capped(details))  # fmt: skip
    else:
        details = [
            *(at(f"`{c.model}` takes more than text.", c) for c in able),
            *(at(f"The model file handles {', '.join(m.modalities)}.", m) for m in files),
        ]
        yield partly_met(
            f"{counted(len(able) + len(files), 'use')} of models that take more than text; no "
            f"provider tool is on, and "
            "whether other input is refused was not seen.",
            *capped(details),
        )


def _on(setting: Setting) -> bool:
    return _HOSTED.search(setting.key) is not None and setting.value.strip("'\" ").lower() in (
        "true",
        "on",
        "1",
        "yes",
    )

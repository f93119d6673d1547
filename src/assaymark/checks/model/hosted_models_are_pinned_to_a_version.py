"""Models behind an API are named by a dated version rather than a moving alias."""

import re
from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import Fact, LlmCall, Setting

_HOSTED = re.compile(
    r"(?:[\w-]+[/:.])*((?:chatgpt|gpt|o[134]|claude|gemini|command-r|mistral|codestral|grok)-?[\w.@:-]*)\Z"
)
_DATED = re.compile(r"(-|@)(\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|00\d|\d{2}-\d{4})(-v\d+(:\d+)?)?\Z")
_OPEN = re.compile(
    r"\A(mistral|gpt)-(7b|oss|neo|j|2\b)|\Aclaude-(code|agent)|\Agpt-?2|:(\d+\.?\d*b|latest|instruct)"
)

_OWN = ("ollama", "vllm", "transformers", "llama-cpp-python", "lmstudio", "mlx-lm")
"""Clients of weights that one runs oneself."""


@check(supports=("5.2.3-3", "5.4.1-3", "5.2.1-2#3"))
def hosted_models_are_pinned_to_a_version(
    calls: tuple[LlmCall, ...], settings: tuple[Setting, ...]
) -> Iterator[Finding]:
    """Models behind an API are named by a dated version rather than a moving alias.

    Why: A provider may move an alias such as `gpt-4o` or `…-latest` to new weights at any time. What
    you evaluated is then no longer what answers.

    Fix: Name the dated version (`gpt-4o-2024-11-20`, `claude-sonnet-4-20250514`), evaluate before each
    change of it, and note the provider's retirement date.

    Blind spots: Whether a name is an alias is judged by its form, so a person should confirm it. Some
    providers offer no dated versions. Names decided at run time are not seen.
    """
    named: list[tuple[str, Fact]] = [
        (c.model, c) for c in in_product(calls) if c.model and c.client not in _OWN
    ]
    named += [(s.value.strip("'\""), s) for s in in_product(settings) if s.category == "model"]
    hosted = [(n, f) for n, f in named if (m := _HOSTED.match(n.lower())) and not _OPEN.search(m[1])]
    moving = [(n, f) for n, f in hosted if not _DATED.search(n)]
    if not hosted:
        yield not_applicable("No hosted model is named in code or settings.")
    elif moving:
        details = [at(f"`{n}` is an alias that its provider can move.", f) for n, f in moving]
        summary = f"{len(moving)} of {counted(len(hosted), 'hosted model name')} carry no version."
        yield not_met(summary, *capped(details), tentative=True)
    else:
        details = [at(f"`{n}`", f) for n, f in hosted]
        yield met(f"All {counted(len(hosted), 'hosted model name')} carry a version.", *capped(details))

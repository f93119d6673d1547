"""Check: safeguards fail closed."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, in_product
from assaymark.checks.code._oversight import about_oversight
from assaymark.scan.facts import CodeFile, FailOpen, SafeguardDefinition, SafeguardUse

__all__ = ["safeguards_fail_closed"]

_SURE = (
    "returns True",
    "returns False, which means nothing was found",
    "default allows",
    "returns its input unchecked",
)


_ABOUT = ("5.1.2-2#1", "5.1.2-2#3", "5.1.4-3#1")
"""The last only where one of the safeguards asks a person."""


@check(supports=_ABOUT)
def safeguards_fail_closed(
    openings: tuple[FailOpen, ...],
    definitions: tuple[SafeguardDefinition, ...],
    uses: tuple[SafeguardUse, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """A safeguard that breaks refuses instead of letting through.

    Why: an attacker who can make a check fail (a long input, an overloaded moderation service, a
    time-out) walks past it if the error handler answers "allowed". Such handlers look like robustness and
    are the most common hole in otherwise careful systems.

    Fix: let the exception pass, or refuse in the handler: `except Exception: raise Refused(…)` or
    `return False`. Where availability must win, make that a setting with a safe default, and log each
    bypass.

    Blind spots: defaults of guard libraries, handlers in a calling file, and safeguards whose name does
    not say that they protect.
    """
    own = in_product(openings, files)
    guards = in_product(definitions, files)
    called = in_product(uses, files)
    if own:
        about = _about([n for f in own for n in (f.safeguard, f.function)], guards)
        sure = [f for f in own if f.how in _SURE]
        yield not_met(
            f"Handlers that let through when a safeguard breaks: {len(own)}.",
            *capped([at(_sentence(f), f) for f in sorted(own, key=lambda f: f.how not in _SURE)]),
            about=about,
            tentative=not sure,
        )
    elif guards or called:
        about = _about([*(g.name for g in guards), *(u.name for u in called)], guards)
        yield met(
            f"Safeguards defined or called: {len(guards) + len(called)}; no handler lets through.",
            about=about,
        )
    else:
        yield not_applicable("No function or class in the product's source says that it protects.")


def _about(names: list[str], guards: list[SafeguardDefinition]) -> tuple[str, ...]:
    return _ABOUT if about_oversight(names, guards) else _ABOUT[:2]


def _sentence(opening: FailOpen) -> str:
    where = f" in {opening.function}" if opening.function else ""
    return f"When `{opening.safeguard}` breaks{where}, the handler {_how(opening.how)}."


def _how(how: str) -> str:
    return {"passes": "lets the request pass", "default allows": "sets a default that allows"}.get(how, how)

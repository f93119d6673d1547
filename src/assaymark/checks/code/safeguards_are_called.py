"""Check: safeguards are called."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.code._oversight import about_oversight
from assaymark.scan.facts import CodeFile, SafeguardDefinition, SafeguardUse

__all__ = ["safeguards_are_called"]


_ABOUT = ("5.1.2-2#1", "5.2.1-4.1#1", "5.1.4-3#1")
"""The last only where one of the safeguards asks a person."""


@check(supports=_ABOUT)
def safeguards_are_called(
    definitions: tuple[SafeguardDefinition, ...], uses: tuple[SafeguardUse, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Every safeguard that is written is also called.

    Why: a function that validates, limits or asks for approval protects nobody while no other code
    calls it. It survives refactoring, is tested in isolation, and makes readers and reports believe in a
    protection that is not there.

    Fix: call it where the data or action passes (the handler, the tool, the loader), and add a test that
    goes through that path and expects the refusal. If it is no longer needed, delete it.

    Blind spots: names reached only through strings, plug-in registries or other repositories; a library
    whose users are meant to call the function. That is why this is a question to a person, unless the
    name is private to its file.
    """
    own = in_product(definitions, files)
    if not own:
        yield not_applicable("No function or class in the product's source says that it protects.")
        return
    about = _ABOUT if about_oversight([f.name for f in own], own) else _ABOUT[:2]
    called = {u.name for u in in_product(uses, files)}
    idle = [f for f in own if not f.used and f.name not in called]
    if not idle:
        yield met(f"{counted(len(own), 'safeguard')} written, each referred to by other code.", about=about)
        return
    yield not_met(
        f"Safeguards that are written but never called: {len(idle)} of {len(own)}.",
        *capped(
            [
                at(f"`{f.name}` ({f.kind}) is defined here and nothing in the product calls it.", f)
                for f in idle
            ]
        ),
        about=about,
        tentative=not any(f.name.startswith("_") and not f.name.startswith("__") for f in idle),
    )

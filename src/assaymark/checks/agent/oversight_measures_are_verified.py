"""The approval step is exercised by tests."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, Mechanism, SafeguardDefinition, SafeguardUse
from assaymark.scan.paths import is_test_path


@check("5.1.4-3#2")
def oversight_measures_are_verified(
    mechanisms: tuple[Mechanism, ...],
    definitions: tuple[SafeguardDefinition, ...],
    uses: tuple[SafeguardUse, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """Tests exercise the step at which a person approves or stops the system.

    Why: An approval that a refactoring switched off looks the same as one that works, until the
    tool acts. Only a test that expects a refused action to stay undone shows the difference.

    Fix: Write a test that makes the model ask for an acting tool, answers the approval with no, and
    asserts that nothing happened; and one in which no answer comes. Name the approval function in it.

    Blind spots: It sees that a test names the approval, not what the test asserts nor whether it
    passes. Tests kept in another repository are not seen.
    """
    gates = [m for m in in_product(mechanisms) if m.kind in ("human-approval", "kill-switch")]
    named = [d for d in in_product(definitions) if d.kind == "approval"]
    tests = {f.at.path for f in files if f.is_test}
    if not gates and not named:
        yield not_applicable(
            "No approval step or switch-off was found in the code, so there is none to test."
        )
    elif not tests:
        yield not_observable("There are no tests in the tree; show a test record of the approval step.")
    else:
        names = {d.name for d in named} | {m.name.rpartition(".")[2] for m in gates}
        seen = [u for u in uses if u.at.path in tests and u.name in names]
        seen_gates = [m for m in mechanisms if m.kind == "human-approval" and _tested(m, tests)]
        details = [
            *(at(f"The test names `{u.name}`.", u) for u in seen),
            *(at(f"The test exercises `{m.name}`.", m) for m in seen_gates),
        ]
        if details:
            yield met(
                f"{counted(len(details), 'place')} in tests exercise the approval step.", *capped(details)
            )
        else:
            bare = [
                *(at(f"`{m.name}` is named by no test.", m) for m in gates),
                *(at(f"`{d.name}` is named by no test.", d) for d in named),
            ]
            summary = f"None of {counted(len(tests), 'test file')} names the approval step or switch-off."
            yield not_met(summary, *capped(bare), tentative=True)


def _tested(mechanism: Mechanism, tests: set[str]) -> bool:
    return mechanism.at.path in tests or is_test_path(mechanism.at.path)

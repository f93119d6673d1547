"""Data files with personal data are declared as such."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import DataFile
from assaymark.system.system import DeclaredAsset, System

_OPEN = (
    "public",
    "open",
    "internal",
    "non-personal",
    "anonymous",
    "anonymised",
    "anonymized",
    "unclassified",
)


@check(supports=("5.1.2-5#1",))
def personal_data_fits_the_declared_class(data: tuple[DataFile, ...], system: System) -> Iterator[Finding]:
    """Data files with personal data are declared as such.

    Why: Whether the use of data suits its sensitivity can be judged only if its class is right. A file
    with e-mail addresses that is called public is used, copied and published as public.

    Fix: Correct `classification:` of the data set in assaymark.yaml to `personal`, have the Data
    Custodian approve its use again, or remove the columns that the model does not need.

    Blind spots: Columns are judged by name and by sampled values; free text, images and Parquet values
    are not. Whether the use suits the class remains for the Data Custodian to decide.
    """
    found = in_product(data)
    personal = [d for d in found if any(c.personal for c in d.columns)]
    classes = [(d, _class(d, system.assets)) for d in personal]
    wrong = [(d, c) for d, c in classes if any(c.startswith(word) for word in _OPEN)]
    undeclared = [d for d, c in classes if not c]
    if not found:
        yield not_applicable("There is no data file in the tree.")
    elif wrong:
        details = [at(f"Called {c}, but holds {_kinds(d)}.", d) for d, c in wrong]
        summary = (
            f"{counted(len(wrong), 'data file')} with signs of personal data: another class is declared."
        )
        yield not_met(summary, *capped(details), tentative=True)
    elif undeclared:
        details = [at(f"No class is declared; it holds {_kinds(d)}.", d) for d in undeclared]
        summary = (
            f"{counted(len(undeclared), 'data file')} with signs of personal data have no declared class."
        )
        yield not_observable(summary, *capped(details))
    else:
        files = counted(len(found), "data file")
        yield met(f"{files}: {len(personal)} with signs of personal data, all declared so.")


def _class(data: DataFile, register: tuple[DeclaredAsset, ...]) -> str:
    """The declared class of the entry that names the file, or the longest folder above it."""
    places = [(a.location.removeprefix("./").rstrip("/"), a.classification.strip().lower()) for a in register]
    matching = [(p, c) for p, c in places if p and (data.at.path == p or data.at.path.startswith(f"{p}/"))]
    return max(matching, key=lambda pair: len(pair[0]))[1] if matching else ""


def _kinds(data: DataFile) -> str:
    return ", ".join(f"{c.personal} in `{c.name}`" for c in data.columns if c.personal)[:200]

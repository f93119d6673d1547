"""Data files in the repository hold no personal data in the clear."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import DataFile, IgnoreRule

_TELLING = frozenset({"email", "phone", "card", "national-id", "health"})


@check(supports=("5.2.1-4#1",))
def sensitive_data_stays_out_of_the_tree(
    data: tuple[DataFile, ...], rules: tuple[IgnoreRule, ...]
) -> Iterator[Finding]:
    """Data files in the repository hold no personal data in the clear.

    Why: What is once committed is in every clone, image and backup, readable by all who can read the
    code, and stays in the history after it is deleted.

    Fix: Move the file to storage with access control, leave a pointer (`dvc add`), remove it from the
    history with `git filter-repo`, and work here with made-up or masked records.

    Blind spots: Columns are judged by name and sampled values, so synthetic data that looks real shows
    up, and personal data in free text, images or Parquet values does not.
    """
    found = in_product(data)
    plain = [d for d in found if _columns(d) and not _ignored(d, rules)]
    if not found:
        yield not_applicable("There is no data file in the tree.")
    elif plain:
        details = [at(f"{d.rows:,} rows with {_columns(d)}.", d) for d in plain]
        summary = (
            f"{len(plain)} of {counted(len(found), 'data file')} seem to hold personal data in the clear."
        )
        yield not_met(summary, *capped(details), tentative=True)
    else:
        yield met(f"None of {counted(len(found), 'data file')} shows signs of personal data.")


def _columns(data: DataFile) -> str:
    """Two columns that suggest it, or one of the telling kinds."""
    hints = [c for c in data.columns if c.personal]
    enough = len(hints) > 1 or any(c.personal in _TELLING for c in hints)
    return ", ".join(f"{c.personal} in `{c.name}`" for c in hints)[:200] if enough else ""


def _ignored(data: DataFile, rules: tuple[IgnoreRule, ...]) -> bool:
    path = data.at.path
    patterns = (r.pattern.strip("/") for r in rules if r.file.endswith(".gitignore"))
    return any(
        fnmatchcase(path, p) or fnmatchcase(path.rpartition("/")[2], p) or path.startswith(f"{p}/")
        for p in patterns
    )

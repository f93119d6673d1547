"""Records that a model learns from or reads hold no hidden characters and no orders to it."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import DataFile

_SAMPLED = ("csv", "tsv", "json", "jsonl")


@check(supports=("5.2.1-4.1#1",))
def data_sets_are_clean_of_hidden_instructions(data: tuple[DataFile, ...]) -> Iterator[Finding]:
    """Records that a model learns from or reads hold no hidden characters and no orders to it.

    Why: Text that a person does not see, and sentences such as "ignore previous instructions", are how
    poisoned training data and poisoned retrieval documents steer a model.

    Fix: Look at the named records, remove or quarantine them, and put the same check in front of every
    training run and every import into the index.

    Blind spots: The first thousand records of text files are looked at, for a short list of known signs.
    Parquet, databases, images and poisoning without such signs are not covered. Data sets of attack
    examples, kept on purpose, show up here too.
    """
    found = in_product(data)
    read = [d for d in found if d.format in _SAMPLED and d.columns]
    struck = [d for d in read if d.hidden_characters or d.instruction_like]
    if not found:
        yield not_applicable("There is no data file in the tree.")
    elif not read:
        details = [at(d.problem or f"Records of {d.format} files are not sampled.", d) for d in found]
        yield not_observable(
            f"Records of {counted(len(found), 'data file')} were not read.", *capped(details)
        )
    elif struck:
        details = [
            at(
                f"{d.hidden_characters} records with hidden characters, {d.instruction_like} with orders.",
                d,
            )
            for d in struck
        ]
        summary = f"{len(struck)} of {counted(len(read), 'data file')} hold suspicious records."
        yield not_met(summary, *capped(details), tentative=True)
    else:
        rows = sum(min(d.rows, 1000) for d in read)
        files = counted(len(read), "data file")
        yield met(f"{counted(rows, 'sampled record')} in {files} show none of the signs.")

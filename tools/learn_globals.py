"""Names that honest files write and that are on no list yet, with how they are used.

    .venv/bin/python tools/learn_globals.py FOLDER

Runs the pickle machine over every file below FOLDER, containers opened, and prints what it called unknown,
or dangerous: the name, how it is called, the shape of its arguments, and in how many files. A person reads
that, and the library's source, before a name goes into `safe.yaml` with a contract. Nothing is loaded.
"""

import collections
import sys
from pathlib import Path
from typing import ClassVar

from assaymark.inspection import Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.inspect import inspect_blob
from assaymark.scan.pickle import judge
from assaymark.scan.pickle.values import Box, Imported, Made, Value, kind_of


def shape(value: Value, depth: int = 2) -> str:
    """A value in the language of `shapes.py`, as narrow as it can be told."""
    if isinstance(value, Box):
        if depth == 0:
            return value.kind
        parts = [shape(item, depth - 1) for item in value.items[:8]]
        if value.kind == "dict":
            return "{" + ", ".join(f"{k}: {v}" for k, v in zip(parts[::2], parts[1::2], strict=False)) + "}"
        left, right = ("[", "]") if value.kind == "list" else ("(", ")")
        return left + ", ".join(parts) + right
    if isinstance(value, Imported):
        return f"={value.full}"
    if isinstance(value, Made) and isinstance(value.function, Imported):
        return f"@{value.function.full}"
    return kind_of(value)


class Learner(judge.Judge):
    """A judge that remembers the arguments of what it does not know."""

    calls_seen: ClassVar[dict[tuple[str, str], collections.Counter[str]]] = collections.defaultdict(
        collections.Counter
    )

    def called(self, made: Made) -> Value:
        """As the judge; what is not safe is written down."""
        result = super().called(made)
        if made.standing in ("unknown", "dangerous") and isinstance(made.function, Imported):
            self.calls_seen[made.function.full, made.how][shape(made.args)] += 1
        return result


def main() -> None:
    """Print one line a name, most frequent first."""
    from assaymark.scan.pickle import inspect as inspecting

    inspecting.Judge = Learner  # type: ignore[misc]
    names: dict[tuple[str, str, str], set[str]] = collections.defaultdict(set)
    for path in sorted(p for p in Path(sys.argv[1]).rglob("*") if p.is_file()):
        found = inspect_blob(BytesBlob(str(path), path.read_bytes()))
        for hazard in found.hazards if found is not None else ():
            if hazard.level is not Level.NOTE:
                names[str(hazard.level), hazard.rule, hazard.subject].add(str(path))
    for (level, rule, subject), paths in sorted(names.items(), key=lambda item: (item[0][0], -len(item[1]))):
        print(f"{len(paths):4} {level:9} {rule:22} {subject}   {min(paths)}")
        for (name, how), shapes in Learner.calls_seen.items():
            if name == subject:
                for text, count in shapes.most_common(3):
                    print(f"          {how} {text}  x{count}")


if __name__ == "__main__":
    main()

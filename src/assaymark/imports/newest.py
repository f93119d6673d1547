"""All imported reports of a system → what they say now. Pure.

A stale report keeps a provision from passing until somebody looks again. Having looked again is to import the
tool's new report: where that is about the same things, the old one is left out.
"""

from collections.abc import Iterable, Sequence

from assaymark.imports.files import Imported
from assaymark.imports.observations import Observed, observe
from assaymark.imports.present import Present

__all__ = ["observe_all"]


def observe_all(imports: Sequence[Imported], now: Present) -> tuple[Observed, ...]:
    """What each of `imports` says of the present version, without those that a newer one replaces.

    A report is replaced if something in it is stale, and a later one by the same tool is about the same
    things: packages, files, models and commits by name. Two reports that are both up to date both count.
    """
    pairs = [(one, observe(one, now)) for one in imports]
    return tuple(seen for one, seen in pairs if not (_is_stale(seen) and _is_replaced(one, imports)))


def _is_stale(seen: Observed) -> bool:
    return any(seen.digests.get(s.name) != s.sha256 for o in seen.observations for s in o.subjects)


def _is_replaced(old: Imported, imports: Iterable[Imported]) -> bool:
    about = _about(old)
    return any(
        new.importer.info.id == old.importer.info.id
        and new.report.tool == old.report.tool
        and _time(new) > _time(old)
        and about <= _about(new)
        for new in imports
    )


def _about(one: Imported) -> set[tuple[str, str]]:
    """What it is about, by name; the same lock file or repository is the same thing at another version."""
    found = {(t.kind, "" if t.kind == "commit" else t.name) for t in one.report.tested}
    found |= {("file", part.path) for part in one.about.tested}
    return found | ({("commit", "")} if one.about.commit else set())


def _time(one: Imported) -> tuple[str, str, str]:
    return (one.report.made_at[:19] or one.about.imported_on, one.about.imported_on, one.path)

"""Two bills → what came, what went and what is no longer the same."""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.report.bom.snapshot import Item, Snapshot
from assaymark.report.text import printable as shown

__all__ = ["Changed", "Comparison", "compare", "comparison_text"]


class Changed(Struct, frozen=True):
    """A part that both bills name and that differs."""

    ref: str
    how: tuple[str, ...]
    """Sentences without full stop: `version 1.0 → 1.1`."""


class Comparison(Struct, frozen=True):
    """The difference between two bills."""

    since: str
    """When the earlier one was written."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Changed, ...]
    links_added: tuple[tuple[str, str], ...]
    links_removed: tuple[tuple[str, str], ...]


def compare(earlier: Snapshot, now: Snapshot) -> Comparison:
    """What changed from `earlier` to `now`.

    A package at another version is one that changed, not one that went and one that came, where there is
    just one version of it on either side.
    """
    gone, new = set(earlier.items) - set(now.items), set(now.items) - set(earlier.items)
    moved = dict(_moved(gone, new))
    pairs = [(ref, ref) for ref in earlier.items if ref in now.items] + list(moved.items())
    found = [(b, _differences(earlier.items[a], now.items[b])) for a, b in pairs]
    kept = set(moved) | set(moved.values())
    before = frozenset((moved.get(a, a), moved.get(b, b)) for a, b in earlier.needs)
    return Comparison(
        since=earlier.time,
        added=tuple(sorted(new - kept)),
        removed=tuple(sorted(gone - kept)),
        changed=tuple(Changed(ref, how) for ref, how in sorted(found) if how),
        links_added=tuple(sorted(now.needs - before)),
        links_removed=tuple(sorted(before - now.needs)),
    )


def _moved(gone: set[str], new: set[str]) -> Iterator[tuple[str, str]]:
    before, after = _by_name(gone), _by_name(new)
    for name in sorted(before.keys() & after.keys()):
        if len(before[name]) == len(after[name]) == 1:
            yield before[name][0], after[name][0]


def _by_name(refs: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ref in refs:
        if ref.startswith(("package:", "container:")):
            found.setdefault(_nameless(ref), []).append(ref)
    return found


def _nameless(ref: str) -> str:
    """The ref without its version: behind an @ that begins no scope, or behind the tag's colon."""
    kind, _, rest = ref.partition(":")
    name = rest.rpartition("@")[0] if "@" in rest.rpartition("/")[2] else rest
    if kind == "container" and ":" in name.rpartition("/")[2]:
        name = name.rpartition(":")[0]
    return f"{kind}:{name}"


def _differences(before: Item, now: Item) -> tuple[str, ...]:
    found = []
    if before.version != now.version:
        found.append(f"version {before.version or 'not stated'} → {now.version or 'not stated'}")
    if before.hashes != now.hashes:
        # A lock may accept one more file of the same release: then nothing that was accepted changed.
        same = before.version == now.version and before.hashes & now.hashes
        found.append("other accepted digests" if same else "other content")
    if before.licences != now.licences:
        found.append(f"licence {_words(before.licences)} → {_words(now.licences)}")
    return tuple(found)


def _words(licences: frozenset[str]) -> str:
    return ", ".join(sorted(licences)) or "not stated"


def comparison_text(found: Comparison) -> str:
    """The difference as lines for a terminal or a file."""
    lines = [f"Since the bill of {found.since or 'an unknown time'}:"]
    lines += [f"  + {shown(ref)}" for ref in found.added]
    lines += [f"  - {shown(ref)}" for ref in found.removed]
    lines += [f"  ~ {shown(one.ref)}: {shown('; '.join(one.how))}" for one in found.changed]
    lines += [f"  + {shown(a)} needs {shown(b)}" for a, b in found.links_added]
    lines += [f"  - {shown(a)} needed {shown(b)}" for a, b in found.links_removed]
    total = len(found.added) + len(found.removed) + len(found.changed)
    links = len(found.links_added) + len(found.links_removed)
    if not total and not links:
        return f"{lines[0]} nothing changed.\n"
    counts = f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed"
    return "\n".join([*lines, f"{counts}; {links} dependencies added or removed."]) + "\n"

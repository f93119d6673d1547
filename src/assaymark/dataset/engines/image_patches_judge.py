"""Windows that determine a label → patches: joined, set beside other images of the label, and judged."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patches_content import Content, content, crowding, single
from assaymark.dataset.engines.image_patches_examples import COARSE, Bearer, Examples
from assaymark.dataset.engines.image_patches_picture import Drawn, drawn
from assaymark.dataset.engines.image_patches_test import Window

__all__ = ["Patch", "judge"]

_CROWDING = 1.5
"""Times as alike as nearly all groups of as many other images that bearers may be."""
_COMPARED = 256
_NEARLY, _AT_LEAST = 0.6, 3.0
"""Share of the evidence asked for, and evidence, from which the bearers' content may make up the rest."""
_BEARERS = 10
_PURITY, _SHARE = 0.85, 0.2
"""Least share of the bearers with the label, and most of the label's images that bear it, of a trigger on
images that could well have the label."""
_FOREIGN_PURITY, _FOREIGN, _DOUBT, _POWER = 0.3, 0.5, 4.0, 0.6
"""Where the rest of the bearers looks like other labels: see `Content`."""
_SHOWN = 3
"""Patterns to be explained that are shown, at most: the strongest."""
_LOOKED_INTO = 60
"""Patches whose bearers' content is looked at, at most."""
_OTHERS = 2_000
_MOST = 255
_OVERLAP = 0.3
_AS_PURE = 0.9
"""Share of the strongest window's purity that another of the patch needs, for images to be flagged by it."""


@dataclass(frozen=True, eq=False)
class Patch:
    """One patch: the windows that make it up, and what to say of it."""

    keys: tuple[int, ...]
    label: str
    suspect: bool
    shown: bool
    strength: float
    window: Window
    expected: float
    share: float
    """Of the label's images, those that bear it."""
    crowding: float
    content: Content
    picture: Drawn
    why: str
    """Why it is a suspect, or none: half a sentence."""


@dataclass(eq=False)
class _Group:
    head: Window
    keys: list[int]
    rows: set[int] = field(default_factory=set)


def _joined(found: tuple[Window, ...], seen: Examples, number: dict[int, int]) -> list[_Group]:
    """Windows of one label with the same bearers are one patch."""
    groups: list[_Group] = []
    for window in found:
        rows = set(seen.bearers.get(number[window.key], {}))
        for group in groups:
            common = len(rows & group.rows)
            if group.head.label == window.label and common > _OVERLAP * min(len(rows), len(group.rows)):
                if (
                    window.bearers / window.everywhere
                    >= _AS_PURE * group.head.bearers / group.head.everywhere
                ):
                    group.keys.append(window.key)
                group.rows |= rows
                break
        else:
            groups.append(_Group(window, [window.key], rows))
    return groups


def judge(
    found: tuple[Window, ...], seen: Examples, names: tuple[str, ...], sizes: tuple[int, ...]
) -> tuple[Patch, ...]:
    """The patches: suspects, then those to be explained, then near misses."""
    number = {int(key): k for k, key in enumerate(seen.keys)}
    groups = [g for g in _joined(found, seen, number) if g.rows]
    patches = []
    for k, group in enumerate(groups):
        close = group.head.enough >= _NEARLY and k < _LOOKED_INTO
        patches.append(_patch(group, seen, number, (names, sizes), close=close))
    suspects = [p for p in patches if p.suspect]
    others = [p for p in patches if p.shown and not p.suspect]
    rest = [p for p in patches if not p.shown and not p.suspect]
    return tuple((suspects + others[:_SHOWN] + rest)[:_MOST])


def _stack(bearers: list[Bearer], cells: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.stack([b.thumbnail[cells].reshape(-1) for b in bearers]).astype(np.float64)


def _patch(
    group: _Group,
    seen: Examples,
    number: dict[int, int],
    classes: tuple[tuple[str, ...], tuple[int, ...]],
    *,
    close: bool,
) -> Patch:
    names, sizes = classes
    head, name = group.head, names[group.head.label]
    held = seen.bearers[number[head.key]]
    bearers = [held[row] for row in sorted(held)]
    picture = drawn(bearers)
    cells = picture.untouched(COARSE)
    usual = seen.usual.get(name, {})
    mine = [usual[row] for row in sorted(usual) if row not in group.rows]
    others = _others(seen, name, group)
    theirs = _stack(bearers, cells)
    crowded = crowding(theirs, [_some(m[:_COMPARED], cells) for m in (mine, others)])
    where = Content()
    if close:
        where = content(theirs, _some(mine, cells), _some(others, cells))
    share = head.bearers / sizes[head.label]
    merit, why = _merit(head, crowded, single(theirs), share, where)
    suspect = merit >= 1
    return Patch(
        keys=tuple(group.keys),
        label=name,
        suspect=suspect,
        shown=head.enough >= 1 and head.bearers >= _PURITY * head.everywhere,
        strength=1 + min(8.0, float(np.log10(1 + max(0.0, head.evidence))))
        if suspect
        else 0.6 * min(1.0, merit) * min(1.0, head.enough),
        window=head,
        expected=sizes[head.label] / sum(sizes),
        share=share,
        crowding=crowded,
        content=where,
        picture=picture,
        why=why,
    )


def _others(seen: Examples, name: str, group: _Group) -> list[Bearer]:
    """Images of other labels, those with the smallest draws."""
    rest = [
        (b.drawn, row, b)
        for label, held in seen.usual.items()
        if label != name
        for row, b in held.items()
        if row not in group.rows
    ]
    return [b for _, _, b in sorted(rest, key=lambda r: r[:2])[:_OTHERS]]


def _some(bearers: list[Bearer], cells: NDArray[np.bool_]) -> NDArray[np.float64]:
    return _stack(bearers, cells) if bearers else np.zeros((0, int(cells.sum()) * 3))


def _merit(head: Window, crowded: float, singles: float, share: float, where: Content) -> tuple[float, str]:
    """From 1 on a suspect; and what decided."""
    purity = head.bearers / head.everywhere
    varied = min(_CROWDING / max(crowded, 0.1), head.bearers * singles / _BEARERS)
    foreign = min(
        varied,
        purity / _FOREIGN_PURITY,
        where.doubt / _DOUBT if where.power >= _POWER else 0.0,
        _FOREIGN / max(where.place, 0.01),
        _with_content(head, where),
    )
    rare = min(varied, purity / _PURITY, _SHARE / share, head.enough)
    merit = max(rare, foreign)
    if foreign >= 1:
        return merit, "the rest of these images looks like other labels"
    if rare >= 1:
        return merit, "these images have nothing else in common"
    if varied < 1:
        return merit, "its bearers are copies of each other, or alike throughout"
    if purity < _PURITY:
        return merit, "other labels bear it as well, and its bearers look like their label"
    return merit, f"so large a part of the label ({share:.0%}) bears it that it belongs to it"


def _with_content(head: Window, where: Content) -> float:
    """Share of the evidence asked for, the content included, where the window says enough itself."""
    if head.enough < _NEARLY or head.evidence < _AT_LEAST:
        return min(head.enough, 0.99)
    asked = head.surprise / head.enough
    return (head.surprise + max(0.0, where.doubt) ** 2 / 2) / asked

"""Windows that determine a label → patches: joined, set beside other images of the label, and judged."""

from dataclasses import dataclass, replace

import numpy as np

from assaymark.dataset.engines.image_patches_beside import Beside, stacked
from assaymark.dataset.engines.image_patches_content import Content, crowding, single
from assaymark.dataset.engines.image_patches_examples import COARSE, KEPT, Bearer, Examples
from assaymark.dataset.engines.image_patches_picture import Drawn, drawn
from assaymark.dataset.engines.image_patches_test import Window
from assaymark.dataset.engines.image_windows import Kind

__all__ = ["Patch", "judge"]

_CROWDING = 1.5
"""Times as alike as nearly all groups of as many other images that bearers may be."""
_NEARLY, _AT_LEAST = 0.6, 3.0
"""Share of the evidence asked for, and evidence, from which the bearers' content may make up the rest."""
_BEARERS = 10
_PURITY, _SHARE = 0.85, 0.2
"""Least share of the bearers with the label, and most of the label's images that bear it, of a trigger on
images that could well have the label."""
_FOREIGN_PURITY, _FOREIGN, _DOUBT, _PURE_DOUBT, _POWER = 0.3, 0.5, 3.5, 2.0, 0.55
"""Where the rest of the bearers looks like other labels: see `Content`."""
_SHOWN = 3
"""Patterns to be explained that are shown, at most: the strongest."""
_LOOKED_INTO = 24
"""Patches whose bearers' content is looked at, at most."""
_MOST = 255
_AS_STRONG, _LABELS, _LIKE_CROWDING = 0.5, 0.25, 2.0
"""Share of a patch's evidence that another label's has to reach to be its like, and share of the other labels
with such a one from which on none is a suspect."""
_OVERLAP = 0.4
_BESIDE = 5
"""Rows from a mark within which another may be part of the same writing; columns four times as many."""
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
    share: float = 0.0
    """Of the label's images, those that bear it."""
    crowding: float = float("inf")
    content: Content = Content()  # noqa: RUF009
    picture: Drawn | None = None
    """None where it was not looked into."""
    why: str = ""
    """Why it is a suspect, or none: half a sentence."""


@dataclass(eq=False)
class _Group:
    head: Window
    held: dict[int, Bearer]
    """Bearers of the strongest window."""
    keys: list[int]
    rows: set[int]
    """Of all windows."""


def _joined(found: tuple[Window, ...], seen: Examples) -> list[_Group]:
    """Windows of one label with the same bearers, or one with some of the other's, are one patch."""
    number = {int(key): k for k, key in enumerate(seen.keys)}
    groups: list[_Group] = []
    for window in found:
        held = seen.bearers.get(number[window.key], {})
        for group in groups:
            if group.head.label == window.label and _same_bearers(held, group.held):
                least = _AS_PURE * group.head.bearers / group.head.everywhere
                coarser = window.key & 3 == Kind.COARSE != group.head.key & 3
                if window.bearers / window.everywhere >= least and not coarser:
                    group.keys.append(window.key)
                group.rows |= set(held)
                break
        else:
            groups.append(_Group(window, held, [window.key], set(held)))
    return [g for g in groups if g.held]


def _same_bearers(one: dict[int, Bearer], other: dict[int, Bearer]) -> bool:
    """Whether most of the smaller one's bearers are the other's: as far as both keep all small draws."""
    limit = min(
        (max(b.drawn for b in held.values()) for held in (one, other) if len(held) >= KEPT), default=None
    )
    mine, theirs = ({row for row, b in h.items() if limit is None or b.drawn <= limit} for h in (one, other))
    return len(mine & theirs) > _OVERLAP * max(1, min(len(mine), len(theirs)))


def judge(
    found: tuple[Window, ...], seen: Examples, names: tuple[str, ...], sizes: tuple[int, ...]
) -> tuple[Patch, ...]:
    """The patches: suspects, then those to be explained, then near misses."""
    groups = _joined(found, seen)
    beside, patches = Beside(seen), []
    shares = {head.label: _share(head.label, groups, sizes) for head in (g.head for g in groups)}
    for k, group in enumerate(groups[:_MOST]):
        name, size = names[group.head.label], sizes[group.head.label]
        if group.head.enough >= _NEARLY and k < _LOOKED_INTO:
            patches.append(_patch(group, name, size / sum(sizes), shares[group.head.label], beside))
        else:
            patches.append(_near_miss(group, name, size / sum(sizes)))
    patches = [_among(p, patches, len(names)) for p in patches]
    suspects = [p for p in patches if p.suspect]
    others = [p for p in patches if p.shown and not p.suspect]
    rest = [p for p in patches if not p.shown and not p.suspect]
    return tuple(suspects + others[:_SHOWN] + rest)


def _share(label: int, groups: list[_Group], sizes: tuple[int, ...]) -> float:
    """Part of a label's images that bear any of its own patches, as far as the smallest draws tell."""
    mine = [g.held for g in groups if g.head.label == label and g.head.bearers >= _PURITY * g.head.everywhere]
    limit = min((max(b.drawn for b in held.values()) for held in mine if len(held) >= KEPT), default=2**64)
    rows = {row for held in mine for row, b in held.items() if b.drawn <= limit}
    return len(rows) / max(1.0, sizes[label] * limit / 2**64)


def _near_miss(group: _Group, name: str, expected: float) -> Patch:
    """A patch that is not looked into: good for ranking records only."""
    return Patch(
        keys=tuple(group.keys),
        label=name,
        suspect=False,
        shown=False,
        strength=0.3 * min(1.0, group.head.enough),
        window=group.head,
        expected=expected,
    )


def _patch(group: _Group, name: str, expected: float, together: float, beside: Beside) -> Patch:
    head = group.head
    bearers = [group.held[row] for row in sorted(group.held)]
    picture = drawn(bearers, exact=head.key & 3 != Kind.COARSE)
    cells = picture.untouched(COARSE)
    theirs = stacked(bearers, cells)
    crowded = crowding(theirs, beside.usual(name, cells))
    share = head.bearers / beside.sizes[name]
    varied = min(_CROWDING / max(crowded, 0.1), head.bearers * single(theirs) / _BEARERS)
    merit, why = _rare(head, varied, max(share, together))
    where = Content()
    if merit < 1 <= varied and head.bearers >= _least_purity(head) * head.everywhere:
        where = beside.content(name, bearers, cells, group.rows)
        foreign = _foreign(head, varied, where)
        merit, why = (
            max(merit, foreign),
            why if foreign < 1 else "the rest of these images looks like other labels",
        )
    return Patch(
        keys=tuple(group.keys),
        label=name,
        suspect=merit >= 1,
        shown=head.enough >= 1 and head.bearers >= _PURITY * head.everywhere,
        strength=1 + min(8.0, float(np.log10(1 + max(0.0, head.evidence))))
        if merit >= 1
        else 0.3 + 0.3 * max(0.0, merit) * min(1.0, head.enough),
        window=head,
        expected=expected,
        share=share,
        crowding=crowded,
        content=where,
        picture=picture,
        why=why,
    )


def _among(patch: Patch, patches: list[Patch], labels: int) -> Patch:
    """The same; no suspect where many labels have windows of their own: that is how the set was made."""
    alike = {
        p.label
        for p in patches
        if p.label != patch.label
        and p.window.enough >= _AS_STRONG * patch.window.enough
        and p.crowding <= _LIKE_CROWDING
    }
    most = max(1, round(_LABELS * (labels - 1)))
    if patch.suspect and any(_belongs(patch, p) for p in patches):
        return replace(patch, suspect=False, strength=0.6, why="it is part of a larger honest mark")
    if not patch.suspect or len(alike) < most:
        return patch
    why = f"{len(alike)} other labels have such patterns of their own, so they belong to how the set was made"
    return replace(patch, suspect=False, strength=0.6, why=why)


def _belongs(patch: Patch, other: Patch) -> bool:
    """Whether it is but a part of a stronger honest one: a digit of a time stamp."""
    one, two = patch.picture, other.picture
    if patch.label != other.label or other.suspect or not other.shown or one is None or two is None:
        return False
    if one.at is None or two.at is None or other.window.evidence <= patch.window.evidence:
        return False
    return abs(one.at[0] - two.at[0]) <= _BESIDE and abs(one.at[1] - two.at[1]) <= 4 * _BESIDE


def _least_purity(head: Window) -> float:
    """White squares and dark edges: honest labels have their own share of them, so more is asked."""
    return _FOREIGN_PURITY if head.key & 3 == Kind.EXACT else _PURITY


def _rare(head: Window, varied: float, share: float) -> tuple[float, str]:
    """From 1 on a suspect whatever the rest of the images is; and what decided."""
    purity = head.bearers / head.everywhere
    merit = min(varied, purity / _PURITY, _SHARE / share, head.enough)
    if merit >= 1:
        return merit, "these images have nothing else in common"
    if varied < 1:
        return merit, "its bearers are copies of each other, or alike throughout"
    if purity < _PURITY:
        return merit, "other labels bear it as well, and its bearers look like their label"
    return merit, f"so large a part of the label ({share:.0%}) bears it that it belongs to it"


def _foreign(head: Window, varied: float, where: Content) -> float:
    """From 1 on a suspect because the rest of the images looks like other labels."""
    pure = head.bearers >= _PURITY * head.everywhere
    return min(
        varied,
        head.bearers / head.everywhere / _least_purity(head),
        where.doubt / (_PURE_DOUBT if pure else _DOUBT) if where.power >= _POWER else 0.0,
        _FOREIGN / max(where.place, 0.01),
        _with_content(head, where),
    )


def _with_content(head: Window, where: Content) -> float:
    """Share of the evidence asked for, the content included, where the window says enough itself."""
    if head.enough < _NEARLY or head.evidence < _AT_LEAST:
        return min(head.enough, 0.99)
    asked = head.surprise / head.enough
    return (head.surprise + max(0.0, where.doubt) ** 2 / 2) / asked

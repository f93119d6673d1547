"""A layered drawing of how assets hang together: pure and deterministic, numbers only.

Columns by kind, left to right in the direction in which most relations point: pipelines and
documents, code, what code brings along (prompts, tools, settings), models and data, and what lies
outside (services, dependencies). What does not fit is folded into one node a kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from assaymark.asset import Asset, AssetKind, Edge

__all__ = ["Drawing", "Link", "Node", "draw"]

_COLUMNS = (
    (AssetKind.PIPELINE, AssetKind.DOCUMENT),
    (AssetKind.CODE,),
    (AssetKind.PROMPT, AssetKind.TOOL, AssetKind.CONFIG),
    (AssetKind.MODEL, AssetKind.DATASET),
    (AssetKind.SERVICE, AssetKind.DEPENDENCY),
)
_TITLES = ("Pipelines, documents", "Code", "Prompts, tools, settings", "Models, data", "Services, packages")
_WIDTH, _HEIGHT = 148, 34
_GAP, _STEP, _LANE, _MARGIN, _TOP = 36, 44, 14, 8, 34
_SWEEPS = 4


class Node(Struct, frozen=True, kw_only=True):
    """A box in the drawing."""

    id: str
    """Asset id, or `rest:` and a kind."""
    kind: AssetKind
    name: str
    """Asset's name; empty for a folded node."""
    stands_for: int
    """Assets it stands for, 1 for an asset of its own."""
    x: int
    """Left edge."""
    y: int
    """Upper edge."""
    width: int = _WIDTH
    height: int = _HEIGHT


class Link(Struct, frozen=True, kw_only=True):
    """A curve between two boxes."""

    source: str
    target: str
    relations: tuple[str, ...]
    count: int
    path: str
    """SVG path data."""


class Drawing(Struct, frozen=True, kw_only=True):
    """Everything a template needs to draw the graph."""

    width: int
    height: int
    columns: tuple[tuple[int, str], ...]
    """Left edge and title of each column in use."""
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def draw(assets: Sequence[Asset], edges: Sequence[Edge], *, limit: int = 60, per_column: int = 14) -> Drawing:
    """Lay out at most `limit` boxes, at most `per_column` to a column; the rest is folded by kind."""
    chosen, folded = _choose(assets, edges, limit, per_column)
    kinds: dict[str, AssetKind] = {a.id: a.kind for a in chosen}
    home = {a.id: a.id for a in chosen}
    rest: dict[AssetKind, int] = {}
    for asset in folded:
        home[asset.id] = f"rest:{asset.kind.value}"
        kinds[home[asset.id]] = asset.kind
        rest[asset.kind] = rest.get(asset.kind, 0) + 1
    bundles = _bundles(edges, home)
    used = sorted({_column(k) for k in kinds.values()})
    column_of = {i: used.index(_column(k)) for i, k in kinds.items()}
    chains = {pair: _chain(*pair, column_of) for pair in bundles}
    columns = _order(column_of, chains.values(), len(used))
    middle = _middles(columns)
    nodes = tuple(
        Node(
            id=i,
            kind=kinds[i],
            name=next((a.name for a in chosen if a.id == i), ""),
            stands_for=rest.get(kinds[i], 1) if i.startswith("rest:") else 1,
            x=_left(n),
            y=round(_TOP + middle[i] - _HEIGHT / 2),
        )
        for n, column in enumerate(columns)
        for i in column
        if i in kinds
    )
    return Drawing(
        width=len(used) * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN if used else 2 * _MARGIN,
        height=_TOP + max((sum(map(_size, c)) for c in columns), default=0) + _MARGIN,
        columns=tuple((_left(n), _TITLES[c]) for n, c in enumerate(used)),
        nodes=nodes,
        links=_links(bundles, chains, column_of, middle),
    )


def _column(kind: AssetKind) -> int:
    return next(n for n, kinds in enumerate(_COLUMNS) if kind in kinds)


def _left(column: int) -> int:
    return _MARGIN + column * (_WIDTH + _GAP)


def _choose(
    assets: Sequence[Asset], edges: Sequence[Edge], limit: int, per_column: int
) -> tuple[list[Asset], list[Asset]]:
    """The best connected assets, with room left for one folded node a kind; then the others.

    An unconnected dependency says nothing in a drawing, so it is always folded.
    """
    degree: dict[str, int] = {}
    for edge in edges:
        for end in {edge.source, edge.target}:
            degree[end] = degree.get(end, 0) + 1
    ranked = sorted(assets, key=lambda a: (-degree.get(a.id, 0), a.kind.value, a.name, a.id))
    room = [max(1, per_column - len(kinds)) for kinds in _COLUMNS]
    chosen: list[Asset] = []
    folded: list[Asset] = []
    for asset in ranked:
        column = _column(asset.kind)
        worth = asset.kind is not AssetKind.DEPENDENCY or asset.id in degree
        if worth and room[column] and len(chosen) < limit - len(AssetKind):
            room[column] -= 1
            chosen.append(asset)
        else:
            folded.append(asset)
    return chosen, folded


def _bundles(edges: Sequence[Edge], home: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """Relations by pair of boxes; those within one folded box, or to nowhere, cannot be drawn."""
    bundles: dict[tuple[str, str], list[str]] = {}
    for edge in sorted(edges):
        source, target = home.get(edge.source), home.get(edge.target)
        if source and target and source != target:
            bundles.setdefault((source, target), []).append(edge.relation.value)
    return bundles


def _chain(source: str, target: str, column_of: Mapping[str, int]) -> tuple[str, ...]:
    """The boxes at both ends and, in each column between, the lane through which the line passes.

    Lines from one box share a lane, so that a column never holds more lanes than boxes lie beside it.
    """
    start, end = column_of[source], column_of[target]
    step = 1 if end > start else -1
    return source, *(f"lane:{c}:{source}" for c in range(start + step, end, step)), target


def _order(column_of: Mapping[str, int], chains: Iterable[tuple[str, ...]], number: int) -> list[list[str]]:
    """Boxes and lanes by column, reordered so that neighbours lie at the height of what they hang on."""
    columns: list[list[str]] = [sorted(i for i, c in column_of.items() if c == n) for n in range(number)]
    neighbours: dict[str, list[str]] = {}
    for chain in chains:
        for a, b in pairwise(chain):
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
        for lane in chain[1:-1]:
            column = columns[int(lane.split(":", 2)[1])]
            if lane not in column:
                column.append(lane)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = _middles(columns)
            column.sort(key=lambda i, m=middle: (*_pull(i, neighbours, m), i))  # type: ignore[misc]
    return columns


def _size(item: str) -> int:
    return _LANE if item.startswith("lane:") else _STEP


def _middles(columns: Sequence[Sequence[str]]) -> dict[str, float]:
    """Height of each item's middle; shorter columns are centred."""
    tallest = max((sum(map(_size, c)) for c in columns), default=0)
    found: dict[str, float] = {}
    for column in columns:
        y = (tallest - sum(map(_size, column))) / 2
        for item in column:
            found[item] = y + _size(item) / 2
            y += _size(item)
    return found


def _pull(
    item: str, neighbours: Mapping[str, list[str]], middle: Mapping[str, float]
) -> tuple[bool, bool, float]:
    """At the mean height of its neighbours; what hangs on nothing comes after, folded boxes last."""
    near = [middle[n] for n in neighbours.get(item, ())]
    return item.startswith("rest:"), not near, sum(near) / len(near) if near else middle[item]


def _links(
    bundles: Mapping[tuple[str, str], list[str]],
    chains: Mapping[tuple[str, str], tuple[str, ...]],
    column_of: Mapping[str, int],
    middle: Mapping[str, float],
) -> tuple[Link, ...]:
    return tuple(
        Link(
            source=source,
            target=target,
            relations=tuple(dict.fromkeys(relations)),
            count=len(relations),
            path=_curve(
                [round(_TOP + middle[i]) for i in chains[source, target]],
                column_of[source],
                column_of[target],
            ),
        )
        for (source, target), relations in bundles.items()
    )


def _curve(heights: Sequence[int], start: int, end: int) -> str:
    """From the side of one box that faces the other, straight through lanes; within a column, an arc."""
    if start == end:
        x = _left(start) + _WIDTH
        return f"M{x} {heights[0]}C{x + 30} {heights[0]} {x + 30} {heights[-1]} {x + 4} {heights[-1]}"
    step = 1 if end > start else -1
    bend = step * _GAP // 2
    x = _left(start) + (_WIDTH if step > 0 else 0)
    path = f"M{x} {heights[0]}"
    for number, (a, b) in enumerate(pairwise(heights), 1):
        last = number == len(heights) - 1
        to = x + step * (_GAP - 4 if last else _GAP)
        path += f"C{x + bend} {a} {to - bend} {b} {to} {b}"
        if not last:
            x = to + step * _WIDTH
            path += f"H{x}"
    return path

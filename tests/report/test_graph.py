"""The layered drawing of assets."""

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.asset import Asset, AssetKind, Edge, Relation
from assaymark.report.graph import Drawing, draw
from tests.report.sample import sample

SAMPLE = sample()


def _drawn(drawing: Drawing) -> None:
    """No two boxes overlap, all lie within, and every line joins two boxes."""
    for a, b in combinations(drawing.nodes, 2):
        apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart, (a, b)
    ids = {n.id for n in drawing.nodes}
    for node in drawing.nodes:
        assert 0 <= node.x <= drawing.width - node.width
        assert 0 <= node.y <= drawing.height - node.height
    for link in drawing.links:
        assert {link.source, link.target} <= ids
        assert re.fullmatch(r"M-?\d+ -?\d+(C(-?\d+ ?){6}|H-?\d+)+", link.path)


def test_the_sample_is_drawn_in_five_columns() -> None:
    """Code lies left of what it uses, unconnected dependencies are folded into one box."""
    drawing = draw(SAMPLE.assets, SAMPLE.edges)
    _drawn(drawing)
    x = {n.id: n.x for n in drawing.nodes}
    assert len(drawing.columns) == 5
    assert x["code:app/agent.py"] < x["prompt:system.md"] < x["model:ranker.pkl"] < x["service:openai"]
    assert next(n.stands_for for n in drawing.nodes if n.id == "rest:dependency") == 23


def test_every_asset_and_relation_is_accounted_for() -> None:
    """Boxes stand for all assets together; relations between boxes are all drawn."""
    drawing = draw(SAMPLE.assets, SAMPLE.edges)
    assert sum(n.stands_for for n in drawing.nodes) == len(SAMPLE.assets)
    assert sum(link.count for link in drawing.links) == len(SAMPLE.edges)


def test_lines_pass_between_boxes_of_columns_they_cross() -> None:
    """A line from code to a service runs through lanes, at a height where no box lies."""
    drawing = draw(SAMPLE.assets, SAMPLE.edges)
    link = next(n for n in drawing.links if n.target == "service:openai")
    heights = [int(h) for h in re.findall(r" (-?\d+)H", link.path)]
    assert len(heights) == 2
    for column, height in zip(drawing.columns[2:4], heights, strict=True):
        assert not [n for n in drawing.nodes if n.x == column[0] and n.y < height < n.y + n.height]


_KINDS = list(AssetKind)


@given(
    st.lists(st.sampled_from(_KINDS), max_size=90),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_any_graph_is_drawn_within_bounds(kinds: list[AssetKind], pairs: list[tuple[int, int]]) -> None:
    """Cycles, loops, unknown ends and crowds: bounded, without overlap, and the same each time."""
    assets = [Asset(id=f"a{n}", kind=k, name=f"name {n}") for n, k in enumerate(kinds)]
    edges = [Edge(f"a{a}", Relation.LOADS, f"a{b}") for a, b in pairs]
    drawing = draw(assets, edges)
    _drawn(drawing)
    assert len(drawing.nodes) <= 60
    assert sum(n.stands_for for n in drawing.nodes) == len(assets)
    assert drawing == draw(assets, edges)

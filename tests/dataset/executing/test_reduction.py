"""Merging in one order, whatever the order of arrival."""

import random

import pytest

from assaymark.dataset.executing.reduction import Tree


@pytest.mark.parametrize("leaves", [1, 2, 3, 5, 8, 13, 100])
def test_order_of_arrival_does_not_matter(leaves: int) -> None:
    """A merge that is neither associative nor commutative gives the same for every order of arrival."""
    found = set()
    for seed in range(20):
        order = list(range(leaves))
        random.Random(seed).shuffle(order)
        tree = Tree(leaves, lambda a, b: f"({a}{b})")
        for number in order:
            tree.add(number, f"{number},")
        found.add(tree.root())

    assert len(found) == 1
    assert found.pop().replace("(", "").replace(")", "") == "".join(f"{n}," for n in range(leaves))


def test_few_values_wait() -> None:
    """In order of arrival, no more values wait than the tree is high."""
    tree = Tree(1_000, lambda a, b: a + b)
    most = 0
    for number in range(1_000):
        tree.add(number, number)
        most = max(most, tree.held)

    assert most <= 10
    assert tree.root() == sum(range(1_000))

"""The hash tree of RFC 6962."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The vectors that the Certificate Transparency implementations test each other with."""

LEAVES = [leaf_hash(bytes([n])) for n in range(40)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_other_implementations(size: int) -> None:
    """The published vectors give the published roots."""
    assert root([leaf_hash(bytes.fromhex(text)) for text in INPUTS[:size]]).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    """RFC 6962 defines it as the hash of the empty string."""
    assert root([]) == EMPTY_ROOT


@pytest.mark.parametrize(("size", "nodes"), [(-1, []), (1, []), (1, [b"short"]), (2, [bytes(32)] * 2)])
def test_a_frontier_that_cannot_be_is_refused(size: int, nodes: list[bytes]) -> None:
    """The number of nodes is the number of one-bits of the size, and each is 32 bytes."""
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, nodes)


@given(st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_appending_later_gives_the_same_root(first: int, second: int) -> None:
    """A frontier taken up again after storing it continues as if it had never been put away."""
    stored = Frontier().extend(LEAVES[:first])
    again = Frontier(stored.size, stored.nodes).extend(LEAVES[first : first + second])
    assert again.root() == root(LEAVES[: first + second])


@given(st.integers(1, 40), st.data())
@settings(max_examples=100, deadline=None)
def test_inclusion_proofs_hold_for_their_leaf_alone(size: int, data: st.DataObject) -> None:
    """A proof verifies for its leaf, place, size and root, and for nothing else."""
    index = data.draw(st.integers(0, size - 1))
    leaves, top = LEAVES[:size], root(LEAVES[:size])
    proof = inclusion_proof(leaves, index)
    assert verify_inclusion(leaves[index], index, size, proof, top)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, top)
    assert not verify_inclusion(leaves[index], size, size, proof, top)
    assert not verify_inclusion(leaves[index], index, size, (*proof, bytes(32)), top)
    assert not proof or not verify_inclusion(leaves[index], index, size, proof[:-1], top)
    assert not verify_inclusion(leaves[index], index, size, proof, bytes(32))


@given(st.integers(1, 40), st.data())
@settings(max_examples=100, deadline=None)
def test_consistency_proofs_hold_for_their_trees_alone(size: int, data: st.DataObject) -> None:
    """A proof verifies for the two trees it was made of, and for no other pair."""
    earlier = data.draw(st.integers(1, size))
    old, new = root(LEAVES[:earlier]), root(LEAVES[:size])
    proof = consistency_proof(LEAVES[:size], earlier)
    assert verify_consistency(earlier, size, old, new, proof)
    assert not verify_consistency(earlier, size, bytes(32), new, proof)
    assert not verify_consistency(earlier, size, old, bytes(32), proof)
    assert not verify_consistency(earlier, size, old, new, (*proof, bytes(32)))
    assert not proof or not verify_consistency(earlier, size, old, new, proof[:-1])
    assert not proof or not verify_consistency(earlier, size, old, new, ())


def test_impossible_sizes_are_refused() -> None:
    """There is no proof about a leaf or tree that does not exist."""
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(ValueError, match="no earlier state"):
        consistency_proof(LEAVES[:3], 4)
    assert not verify_consistency(0, 3, EMPTY_ROOT, root(LEAVES[:3]), ())
    assert not verify_consistency(4, 3, root(LEAVES[:4]), root(LEAVES[:3]), ())

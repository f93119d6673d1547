"""The hash tree of RFC 6962, section 2 (the same tree as RFC 9162, section 2).

Pure: bytes in, bytes out. SHA-256 throughout; `D[n]` below is the list of leaf hashes.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962, 2.1: the hash of the empty string)."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry: ``SHA-256(0x00 || data)`` (RFC 6962, 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees: ``SHA-256(0x01 || left || right)`` (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Merkle tree hash of `leaves` (RFC 6962, 2.1)."""
    return Frontier().extend(leaves).root()


class Frontier:
    """The roots of the perfect subtrees that cover a tree, largest first: all that appending needs.

    A tree of n leaves has as many as n has one-bits, so adding a leaf hashes O(log n) nodes at most.
    """

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(nodes) != size.bit_count() or any(len(node) != 32 for node in nodes):
            raise ValueError(f"{len(nodes)} nodes cannot be the frontier of {size} leaves")
        self.size = size
        self._nodes = list(nodes)

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """The subtree roots, largest subtree first."""
        return tuple(self._nodes)

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self._nodes.pop(), node)
            size >>= 1
        self._nodes.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """Append leaf hashes in order; returns itself."""
        for leaf in leaves:
            self.add(leaf)
        return self

    def root(self) -> bytes:
        """Merkle tree hash of everything appended so far."""
        if not self._nodes:
            return EMPTY_ROOT
        *rest, result = self._nodes
        for node in reversed(rest):
            result = node_hash(node, result)
        return result


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Audit path ``PATH(index, D[n])``, leaf side first (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return ()
    k = _split(len(leaves))
    if index < k:
        return (*inclusion_proof(leaves[:k], index), root(leaves[k:]))
    return (*inclusion_proof(leaves[k:], index - k), root(leaves[:k]))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether `proof` leads from `leaf` at `index` to the root of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, result = index, size - 1, leaf
    for node in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            result = node_hash(node, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and result == expected


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """``PROOF(earlier, D[n])``: that the first `earlier` leaves are still the same (RFC 6962, 2.1.2)."""
    if not 0 < earlier <= len(leaves):
        raise ValueError(f"a tree of {earlier} is no earlier state of a tree of {len(leaves)}")
    return _subproof(leaves, earlier, whole=True)


def verify_consistency(
    earlier: int, size: int, earlier_root: bytes, later_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows the tree of `size` to extend that of `earlier` leaves (RFC 9162, 2.1.4.2)."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not proof and earlier_root == later_root
    path = [earlier_root, *proof] if earlier.bit_count() == 1 else list(proof)
    if not path:
        return False
    fn, sn = earlier - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(node, first), node_hash(node, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == earlier_root and second == later_root


def _subproof(leaves: Sequence[bytes], m: int, *, whole: bool) -> tuple[bytes, ...]:
    if m == len(leaves):
        return () if whole else (root(leaves),)
    k = _split(len(leaves))
    if m <= k:
        return (*_subproof(leaves[:k], m, whole=whole), root(leaves[k:]))
    return (*_subproof(leaves[k:], m - k, whole=False), root(leaves[:k]))


def _split(n: int) -> int:
    """The largest power of two smaller than n (RFC 6962, 2.1)."""
    return 1 << ((n - 1).bit_length() - 1)

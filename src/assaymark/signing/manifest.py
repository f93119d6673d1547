"""The nouns of a model signature: what was signed, resource by resource, and how it was hashed."""

import hashlib

from msgspec import Struct

from assaymark.signing.names import shard_name

__all__ = ["SHARD_SIZE", "Manifest", "Resource", "Serialization", "root_digest"]

SHARD_SIZE = 1_000_000_000
"""Bytes; what model-signing uses, so that both list the same shards."""


class Resource(Struct, frozen=True, order=True):
    """One file, or one shard of a file, with its digest."""

    name: str
    """Relative path of the file, `/`-separated."""
    digest: str
    """Lower-case hexadecimal."""
    algorithm: str = "sha256"
    start: int = 0
    """First byte of the shard."""
    end: int = -1
    """End of the shard; -1 for a whole file."""

    @property
    def label(self) -> str:
        """The name as it is written into a statement."""
        return self.name if self.end < 0 else shard_name(self.name, self.start, self.end)


class Serialization(Struct, frozen=True):
    """How a folder was turned into resources."""

    method: str = "files"
    """`files` or `shards`."""
    hash_type: str = "sha256"
    shard_size: int = 0
    """Bytes; 0 with the method `files`."""
    allow_symlinks: bool = False
    ignore_paths: tuple[str, ...] = ()
    """What the signer left out, relative to the folder."""


class Manifest(Struct, frozen=True):
    """What a signature says about a model."""

    model: str
    """Name of the folder or file when it was signed; informative."""
    resources: tuple[Resource, ...]
    """In the order of the statement."""
    serialization: Serialization = Serialization()
    notes: tuple[str, ...] = ()
    """What a reader should know about how it was written; empty if as the specification says."""
    lists_empty_files: bool = True
    """False for what model-signing 1.1.1 wrote with the method `shards`: it leaves empty files out."""

    @property
    def names(self) -> frozenset[str]:
        """The files that are listed."""
        return frozenset(resource.name for resource in self.resources)


def root_digest(resources: tuple[Resource, ...]) -> str:
    """SHA-256 over the digests of all resources, in their order (OMS v1.0, section 6.5.1)."""
    hasher = hashlib.sha256()
    for resource in resources:
        hasher.update(bytes.fromhex(resource.digest))
    return hasher.hexdigest()

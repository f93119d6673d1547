"""The signature of a manifest: a signed note in the form of the ledger's heads (C2SP tlog-checkpoint).

::

    assaymark.local/data/5f2c9a1be07d4433     origin: the data set's name, hashed
    120000                                    records (or files)
    Dq1pCkVbTjgYfVRRnbQiZVuQz0YW3pNlOJiqeb0+Rfs=
    leaves rows                               what the root is over: rows or files
    manifest sha256 9f86d081…                 the manifest's bytes, which state all else

    — assaymark.local/data/5f2c9a1be07d4433 qvD…

Pure.
"""

from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.dataset.provenance.canonical import canonical_record
from assaymark.dataset.provenance.manifest import DataManifest, Entry
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError, parse, sign, signed_by
from assaymark.ledger.merkle import leaf_hash, root
from assaymark.signing.problems import DoesNotVerify

__all__ = ["check_seal", "files_root", "origin_of", "seal"]


def origin_of(name: str) -> str:
    """The name under which manifests of the data set `name` are signed."""
    return f"assaymark.local/data/{sha256(name.encode()).hexdigest()[:16]}"


def files_root(entries: Sequence[Entry]) -> bytes:
    """Root of the tree whose entries are the files: name, size and digest, in canonical form."""
    return root(
        [leaf_hash(canonical_record({"name": e.name, "size": e.size, "sha256": e.sha256})) for e in entries]
    )


def seal(manifest: DataManifest, data: bytes, key: Ed25519PrivateKey) -> str:
    """The signed note over a manifest and its bytes `data`."""
    return sign(_head(manifest, data), key)


def check_seal(note: str, manifest: DataManifest, data: bytes, public_key: bytes) -> None:
    """Make sure that `public_key` signed this manifest.

    Raises:
        DoesNotVerify: it did not, or the note is none.
    """
    try:
        head = parse(note)
        theirs = signed_by(note, public_key)
    except (InvalidCheckpointError, ValueError) as error:
        raise DoesNotVerify(f"The manifest's signature cannot be read: {error}.") from error
    if not theirs:
        raise DoesNotVerify(
            f"The manifest is not signed by {public_key.hex()}.",
            "Take it again from whoever should have signed.",
        )
    if head != _head(manifest, data):
        raise DoesNotVerify(
            "The signature is that of another manifest: this one was changed after it was signed.",
            "Take both again from whoever made them.",
        )


def _head(manifest: DataManifest, data: bytes) -> Checkpoint:
    size = manifest.rows if manifest.leaves == "rows" else len(manifest.entries)
    lines = (f"leaves {manifest.leaves}", f"manifest sha256 {sha256(data).hexdigest()}")
    return Checkpoint(origin_of(manifest.name), size, bytes.fromhex(manifest.root), lines)

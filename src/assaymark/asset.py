"""What an AI system is made of: assets and the edges between them."""

from enum import StrEnum

from msgspec import Struct

from assaymark.observation import Location

__all__ = ["Asset", "AssetKind", "Edge", "FileEntry", "Inventory", "NotLookedAt", "Relation", "Tree"]


class AssetKind(StrEnum):
    """Kinds of asset in an inventory (provision 5.2.1-1)."""

    MODEL = "model"
    """Weights in the tree, or a model named at a hub or behind an API."""
    DATASET = "dataset"
    PROMPT = "prompt"
    DEPENDENCY = "dependency"
    SERVICE = "service"
    """Something that runs or is called: an LLM provider, a container, an endpoint, an MCP server."""
    TOOL = "tool"
    """A function that a model may call."""
    DOCUMENT = "document"
    CODE = "code"
    """A source file that uses one of the others."""
    CONFIG = "configuration"
    PIPELINE = "pipeline"
    """A CI workflow or job."""


class Relation(StrEnum):
    """How one asset hangs on another."""

    LOADS = "loads"
    CALLS = "calls"
    PROMPTS_WITH = "prompts with"
    OFFERS_TOOL = "offers tool"
    READS = "reads"
    SERVES = "serves"
    DEPENDS_ON = "depends on"
    DESCRIBES = "describes"
    BUILDS = "builds"


class Asset(Struct, frozen=True, kw_only=True):
    """One thing that the system is made of."""

    id: str
    """Stable within the system: `model:weights/a.safetensors`, `service:openai`."""
    kind: AssetKind
    name: str
    """What a reader calls it."""
    location: str = ""
    """Relative path or URL; empty if it is known by name only."""
    sha256: str = ""
    """Digest of the content; empty for what is not in the tree."""
    size: int = 0
    """Bytes; 0 for what is not in the tree."""
    version: str = ""
    """Version or revision, if one is stated."""
    pinned: bool | None = None
    """Whether a reference names immutable content; None where the question does not arise."""
    note: str = ""
    """Facts worth a glance: format, tensor count, rows and columns."""
    declared: bool = False
    """Whether the manifest's register names it."""
    seen_at: tuple[Location, ...] = ()
    """Where the tree mentions it (at most twenty)."""


class Edge(Struct, frozen=True, order=True):
    """A directed relation between two assets."""

    source: str
    """Asset id."""
    relation: Relation
    target: str
    """Asset id."""


class FileEntry(Struct, frozen=True, order=True):
    """A regular file of the tree."""

    path: str
    """POSIX path relative to the root."""
    size: int
    sha256: str
    """Empty if it could not be read."""


class Tree(Struct, frozen=True):
    """Which files there are, for checks that ask about presence."""

    files: tuple[FileEntry, ...]
    """Sorted by path."""
    unread: tuple[str, ...] = ()
    """Paths that were skipped or could not be read."""


class Inventory(Struct, frozen=True):
    """The assets found and how they hang together."""

    assets: tuple[Asset, ...]
    edges: tuple[Edge, ...]


class NotLookedAt(Struct, frozen=True, kw_only=True):
    """Something in the tree that was not read, and why."""

    path: str
    reason: str
    files: int = 1
    """How many files it stands for; 0 if not counted."""

"""A bill of materials: what an AI system is made of, where each part was read, and what is not known.

Formats (CycloneDX, SPDX) are written from these nouns and never the other way round, so that a new
edition of a format changes its writer alone. What nobody stated stays empty here.
"""

from enum import StrEnum

from msgspec import Struct

from assaymark.asset import FileEntry, NotLookedAt
from assaymark.observation import Location

__all__ = [
    "Artefact",
    "Bom",
    "Component",
    "ComponentKind",
    "DataSheet",
    "Hash",
    "Licence",
    "Link",
    "LinkKind",
    "Metric",
    "ModelCard",
    "Service",
    "Stated",
]


class ComponentKind(StrEnum):
    """What a component is."""

    MODEL = "model"
    DATA = "data"
    PROMPT = "prompt"
    PACKAGE = "package"
    CONTAINER = "container"
    TOOL = "tool"
    """A function that a model may call."""


class LinkKind(StrEnum):
    """How one part hangs on another."""

    DEPENDS_ON = "depends on"
    CONTAINS = "contains"
    DERIVED_FROM = "derived from"
    """From a model to the model that it was tuned, quantised or adapted from."""
    TRAINED_ON = "trained on"
    READS = "reads"
    """From code to data that it loads."""
    DESCRIBED_BY = "described by"


class Hash(Struct, frozen=True, order=True):
    """A digest of content."""

    algorithm: str
    """sha256, sha512, sha384, sha1, md5 or blake2b256, as in SPDX."""
    value: str
    """Lower-case hexadecimal."""


class Artefact(Struct, frozen=True, order=True):
    """One file by which a package can be had."""

    url: str
    hashes: tuple[Hash, ...] = ()


class Licence(Struct, frozen=True, order=True):
    """A licence as stated: an SPDX expression if it is one, else the words."""

    expression: str = ""
    """Valid by SPDX's grammar, every id known; empty if it is not."""
    name: str = ""
    """The words as they stand, where they are no expression."""
    at: Location | None = None


class Stated(Struct, frozen=True, order=True):
    """Words from the tree and the place where they stand."""

    text: str
    at: Location


class Metric(Struct, frozen=True, order=True):
    """A measured quality that a document states."""

    name: str
    value: str
    """A number with its unit, or the whole clause where the number alone would mislead."""
    dataset: str = ""
    """What it was measured on."""
    at: Location = Location("")


class ModelCard(Struct, frozen=True, kw_only=True):
    """What cards and configuration files in the tree say of a model."""

    documents: tuple[Location, ...] = ()
    """Cards that speak of it."""
    task: Stated | None = None
    family: Stated | None = None
    """Architecture family: llama, bert, gradient-boosted trees."""
    architecture: Stated | None = None
    """Architecture by its name: LlamaForCausalLM."""
    inputs: tuple[Stated, ...] = ()
    outputs: tuple[Stated, ...] = ()
    metrics: tuple[Metric, ...] = ()
    users: tuple[Stated, ...] = ()
    use_cases: tuple[Stated, ...] = ()
    limitations: tuple[Stated, ...] = ()
    ethics: tuple[Stated, ...] = ()
    prohibited: tuple[Stated, ...] = ()
    training: tuple[Stated, ...] = ()
    evaluation: tuple[Stated, ...] = ()


class DataSheet(Struct, frozen=True, kw_only=True):
    """What is known of a data set apart from its name and content."""

    use: str = ""
    """train, test, validation, feedback, retrieval, as its path or a record says."""
    format: str = ""
    rows: int = 0
    rows_exact: bool = True
    columns: tuple[str, ...] = ()
    classification: str = ""
    """The owner's word in the register."""
    sensitive: tuple[str, ...] = ()
    """Kinds of personal data that column names or sampled values suggest."""
    owners: tuple[str, ...] = ()
    custodians: tuple[str, ...] = ()
    source: str = ""
    obtained: str = ""
    """Date or time as stated."""


class Component(Struct, frozen=True, kw_only=True):
    """A part of the system that has an identity of its own."""

    ref: str
    """Unique in the bill: `model:weights/a.safetensors`, `package:pypi/numpy@2.1.0`."""
    kind: ComponentKind
    name: str
    version: str = ""
    description: str = ""
    files: tuple[str, ...] = ()
    """Paths in the tree that are its content, whole files only."""
    hashes: tuple[Hash, ...] = ()
    """Of its content, where that is one thing; several of one algorithm are alternatives."""
    artefacts: tuple[Artefact, ...] = ()
    licences: tuple[Licence, ...] = ()
    purl: str = ""
    url: str = ""
    supplier: str = ""
    owner: str = ""
    """The register's owner."""
    card: ModelCard | None = None
    data: DataSheet | None = None
    properties: tuple[tuple[str, str], ...] = ()
    """Further facts as name and value, sorted."""
    seen_at: tuple[Location, ...] = ()


class Service(Struct, frozen=True, kw_only=True):
    """Something that is called or that answers calls."""

    ref: str
    name: str
    kind: str
    """model provider, MCP server, endpoints, deployment, or the register's word."""
    version: str = ""
    endpoints: tuple[str, ...] = ()
    authenticated: bool | None = None
    """None where it could not be told."""
    crosses_boundary: bool | None = None
    """Whether using it leaves the system; None where it could not be told."""
    owner: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    seen_at: tuple[Location, ...] = ()


class Link(Struct, frozen=True, order=True):
    """A directed relation between two parts; `file:PATH` is a file, `system` the whole."""

    source: str
    kind: LinkKind
    target: str


class Bom(Struct, frozen=True, kw_only=True):
    """The bill of materials of one tree."""

    name: str
    version: str = ""
    description: str = ""
    organisation: str = ""
    owner: str = ""
    commit: str = ""
    licences: tuple[Licence, ...] = ()
    """Of the project itself, as its own files state."""
    files: tuple[FileEntry, ...]
    """Every regular file, sorted by path."""
    components: tuple[Component, ...]
    """Sorted by kind and ref."""
    services: tuple[Service, ...]
    links: tuple[Link, ...]
    holes: tuple[NotLookedAt, ...] = ()
    """What was not read, or only in part, and why."""

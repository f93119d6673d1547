"""What others have already written about a data set's origin: Croissant, data cards, Hugging Face metadata.

Croissant 1.0 and 1.1 are read file by file, with the digests that they publish. Data cards, tables of
sources, DVC imports and `dataset_infos.json` are read by the scanner's own parser. From the front matter of
a Hugging Face card comes the licence; from the records that `huggingface_hub` leaves beside a download, the
time of each.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from assaymark.dataset.provenance.croissant import origin_in
from assaymark.dataset.provenance.manifest import Origin
from assaymark.errors import UsageError
from assaymark.scan.artefact.provenance import accepts_provenance, scan_provenance
from assaymark.scan.artefact.yaml_text import parse_yaml
from assaymark.scan.blob import BytesBlob
from assaymark.scan.facts import ProvenanceRecord
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.reading import CannotRead, open_regular
from assaymark.signing.strict_json import parse

__all__ = ["HUB_CACHE", "Known", "Published", "hub_time", "is_description", "may_describe", "read_known"]

HUB_CACHE = ".cache/huggingface/download"
"""Where `huggingface_hub` leaves a record of each file that it fetched into a folder."""
MAX_BYTES = 16 << 20
_CARDS = frozenset({"readme.md", "croissant.json", "dataset_info.json", "dataset_infos.json", "mlmodel"})
_PROSE = frozenset({".md", ".markdown", ".yaml", ".yml", ".dvc"})
_HUB = "huggingface.co"


class Published(Struct, frozen=True, kw_only=True):
    """What a description says of one file."""

    name: str
    """Name or path of the file, as the description gives it."""
    sha256: str = ""
    """Lower-case hexadecimal; empty if none is published."""
    origin: Origin = Origin()


class Known(Struct, frozen=True, kw_only=True):
    """What a description says."""

    path: str
    whole: Origin = Origin()
    """Of the data set."""
    files: tuple[Published, ...] = ()

    def of(self, name: str, sha256: str) -> tuple[Origin, Published | None]:
        """What it says of the file `name`, and the published file that it takes for it.

        A file is found by its digest, else by its path or the end of it.
        """
        found = next((f for f in self.files if f.sha256 and f.sha256 == sha256), None) or next(
            (f for f in self.files if _same(f.name, name)), None
        )
        return (found.origin.over(self.whole), found) if found else (self.whole, None)


def is_description(name: str) -> bool:
    """Whether a file of that name describes data and holds none."""
    path = PurePosixPath(name.lower())
    if path.name in _CARDS:
        return True
    return path.suffix in _PROSE and accepts_provenance(path.name, b"deps")


def may_describe(name: str) -> bool:
    """Whether a file of that name is looked at for the origin of those beside it.

    A table of sources is, and is data all the same; `dataset.csv` is a name for data and nothing else.
    """
    path = PurePosixPath(name.lower())
    table = path.suffix in (".csv", ".json") and path.stem not in ("dataset", "datasets")
    return is_description(name) or (table and accepts_provenance(path.name, b""))


def read_known(path: Path) -> Known:
    """What the description at `path` says.

    Raises:
        UsageError: it cannot be read, or is Croissant that contradicts itself.
    """
    try:
        with open(open_regular(path), "rb") as file:  # noqa: PTH123  a descriptor, no path
            data = file.read(MAX_BYTES + 1)
    except CannotRead as error:
        raise UsageError(f"{path} {error}.", "Name a description of the data set, or an address.") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is longer than {MAX_BYTES:,} bytes.", "Name a description of the data set.")
    if path.suffix.lower() in (".json", ".jsonld") and b"mlcommons.org/croissant" in data:
        try:
            return _croissant(str(path), parse(data, str(path)))
        except DoesNotVerify as error:
            raise UsageError(error.message, "Mend it, or leave it out.") from error
    records = scan_provenance(BytesBlob(path.name, data))
    found = [record for record in records if isinstance(record, ProvenanceRecord)]
    front = _front_matter(data) if path.suffix.lower() == ".md" else Origin()
    return _from_records(str(path), found, front)


def hub_time(root: Path, name: str) -> Origin:
    """When `huggingface_hub` fetched the file `name` into the folder `root`, if it says so."""
    try:
        with open(open_regular(root / HUB_CACHE / f"{name}.metadata"), "rb") as file:  # noqa: PTH123
            lines = file.read(4096).decode("ascii", "replace").split("\n")
        fetched = datetime.fromtimestamp(float(lines[2]), UTC)
    except (CannotRead, ValueError, IndexError, OverflowError, OSError):
        return Origin()
    revision = lines[0].strip()[:40]
    return Origin(
        retrieved_at=fetched.strftime("%Y-%m-%dT%H:%M:%SZ"), tool=f"huggingface_hub, revision {revision}"
    )


def _croissant(path: str, document: dict[str, Any]) -> Known:
    own = origin_in(document)
    collected = document.get("rai:dataCollectionTimeframe")
    if isinstance(collected, list):
        collected = collected[-1] if collected else ""
    url = next((u for u in map(document.get, ("url", "sameAs", "isBasedOn")) if isinstance(u, str)), "")
    whole = own.over(Origin(source=url, retrieved_at=collected if isinstance(collected, str) else ""))
    nodes = document.get("distribution")
    return Known(
        path=path,
        whole=whole,
        files=tuple(_published(n) for n in (nodes if isinstance(nodes, list) else ()) if isinstance(n, dict)),
    )


def _published(node: dict[str, Any]) -> Published:
    address, digest = node.get("contentUrl"), node.get("sha256")
    address = address if isinstance(address, str) else ""
    identity = node.get("@id") or node.get("name")
    web = "://" in address
    name = unquote(urlsplit(address).path).lstrip("/") if web else address
    own = origin_in(node)
    return Published(
        name=name or (identity if isinstance(identity, str) else ""),
        sha256=digest.lower() if isinstance(digest, str) and len(digest) == 64 else "",
        origin=own.over(Origin(source=address)) if web else own,
    )


def _from_records(path: str, records: Sequence[ProvenanceRecord], front: Origin) -> Known:
    """One record alone speaks for the whole; several speak for the files that they name."""
    origins = [
        (r.subject, Origin(source=r.source, retrieved_at=r.retrieved_at, licence=r.licence)) for r in records
    ]
    whole = front
    if len(origins) == 1 and "." not in origins[0][0]:
        whole = origins[0][1].over(front)
    return Known(
        path=path, whole=whole, files=tuple(Published(name=n, origin=o.over(front)) for n, o in origins)
    )


def _front_matter(data: bytes) -> Origin:
    """Licence and sources in the head of a Hugging Face card."""
    text = data.removeprefix(b"\xef\xbb\xbf")
    if not text.startswith(b"---\n") or (end := text.find(b"\n---", 4)) < 0:
        return Origin()
    value = parse_yaml(text[4:end])
    if not isinstance(value, dict):
        return Origin()
    sources = [s for s in _texts(value.get("source_datasets")) if s not in ("original", "extended")]
    return Origin(
        source=", ".join(_hub_source(s) for s in sources)[:300],
        licence=", ".join(_texts(value.get("license") or value.get("licence")))[:120],
        annotator=", ".join(_texts(value.get("annotations_creators")))[:120],
    )


def _hub_source(name: str) -> str:
    return name if "://" in name or "/" not in name else f"https://{_HUB}/datasets/{name}"


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return [v for v in values[:20] if isinstance(v, str) and v]


def _same(published: str, name: str) -> bool:
    published, name = published.lower().strip("/"), name.lower()
    if not published:
        return False
    if published == name or published.endswith(f"/{name}") or name.endswith(f"/{published}"):
        return True
    base = PurePosixPath(name).name
    return "/" not in published and published in (base, base.partition(".")[0])

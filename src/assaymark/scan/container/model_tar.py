"""Tar archives that are a model or an image: PyTorch before 0.4, NeMo, OCI layouts and saved images."""

from collections.abc import Iterator, Mapping

from assaymark.inspection import Header
from assaymark.scan.blob import Blob
from assaymark.scan.container.blobs import SliceBlob
from assaymark.scan.container.oci import manifest_facts, stated_digest
from assaymark.scan.container.tar_header import BLOCK, TarEntry, TarProblem, is_header, tar_entries
from assaymark.scan.part import Limits, Look, Part

__all__ = ["claims_model_tar", "inspect_model_tar"]

FIRST = 256
"""Members that are looked at to tell which format it is."""
MANIFEST = 1 << 20
"""Bytes of a JSON blob that are parsed for what an image says of itself."""


def claims_model_tar(look: Look) -> bool:
    """Whether the first block is a tar header; which model it is, its first members tell."""
    return is_header(look.head[:BLOCK])


def inspect_model_tar(blob: Blob, limits: Limits) -> Iterator[Part]:
    """The header of the model or image format, if it is one."""
    entries: dict[str, TarEntry] = {}
    try:
        for number, entry in enumerate(tar_entries(blob)):
            if number >= FIRST:
                break
            entries[entry.name.removeprefix("./")] = entry
    except TarProblem:
        pass  # the tar's own inspector says what is wrong with it
    if {"pickle", "storages", "tensors", "sys_info"} <= set(entries):
        yield Header(format="torch-tar")
    elif any(n.rpartition("/")[2] == "model_config.yaml" for n in entries):
        yield Header(format="nemo", metadata=(("members", f"{len(entries)}"),))
    elif "oci-layout" in entries or "manifest.json" in entries:
        yield from _image(blob, entries)


def _image(blob: Blob, entries: Mapping[str, TarEntry]) -> Iterator[Part]:
    facts: list[tuple[str, str]] = []
    for name, entry in entries.items():
        json = name in ("index.json", "manifest.json") or stated_digest(name)
        if json and 0 < entry.size <= MANIFEST:
            data = SliceBlob(blob, entry.data, entry.size, name).read()
            if data[:1] in (b"{", b"["):
                facts.extend(manifest_facts(data))
    if facts or "oci-layout" in entries or any(n.endswith("/layer.tar") for n in entries):
        yield Header(format="oci-image", metadata=tuple(dict.fromkeys(facts))[:60])

"""Image layouts: names come from manifests, and what is listed must be there as listed."""

import hashlib
import json

from assaymark.inspection import Hazard, Hole, Level
from assaymark.scan.folder.oci import Layer, inspect_layout, is_layout


def layout(layers: dict[str, bytes]) -> dict[str, bytes]:
    """An OCI image layout with one manifest, as the specification describes it."""
    files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def store(content: bytes, media_type: str, title: str = "") -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        files[f"blobs/sha256/{digest}"] = content
        notes = {"annotations": {"org.opencontainers.image.title": title}} if title else {}
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content), **notes}

    manifest = {
        "schemaVersion": 2,
        "config": store(b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [store(c, "application/vnd.cncf.model.weight.v1.raw", n) for n, c in layers.items()],
    }
    listed = store(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [listed]}).encode()
    return files


def seen(files: dict[str, bytes]) -> list[Layer | tuple[str, Hazard | Hole]]:
    """Everything that is told of a layout."""
    return list(inspect_layout(files.get, {p: len(c) for p, c in files.items()}))


def test_layers_get_their_names_from_the_manifest() -> None:
    """A blob is called by its digest; people know it by its title."""
    files = layout({"model.safetensors": b"weights"})

    assert is_layout(files)
    titles = [f.title for f in seen(files) if isinstance(f, Layer)]
    assert titles == ["", "model.safetensors"]
    assert not [f for f in seen(files) if not isinstance(f, Layer)]


def test_a_layer_that_is_listed_and_not_there_is_a_hole() -> None:
    """Nothing can be said of it."""
    files = layout({"model.bin": b"weights"})
    del files[f"blobs/sha256/{hashlib.sha256(b'weights').hexdigest()}"]

    (problem,) = [f for f in seen(files) if not isinstance(f, Layer)]
    assert isinstance(problem[1], Hole)


def test_a_layer_of_another_size_is_told() -> None:
    """Whoever pulls by digest gets something else, or nothing."""
    files = layout({"model.bin": b"weights"})
    path = f"blobs/sha256/{hashlib.sha256(b'weights').hexdigest()}"
    files[path] = b"something else"

    (problem,) = [f for f in seen(files) if not isinstance(f, Layer)]
    assert problem[0] == path
    assert isinstance(problem[1], Hazard)
    assert problem[1].level is Level.DANGEROUS


def test_hostile_indexes_end() -> None:
    """A manifest that lists itself, JSON that is none, nesting without end, and fields of any type."""
    loop = layout({})
    digest = next(p for p in loop if p.startswith("blobs/")).rpartition("/")[2]
    loop["index.json"] = json.dumps({"manifests": [{"digest": f"sha256:{digest}", "size": 2}] * 5}).encode()
    loop[f"blobs/sha256/{digest}"] = loop["index.json"]
    for content in (
        loop["index.json"],
        b"",
        b"[" * 100_000,
        b'{"manifests": {"a": 1}, "layers": [1, null, []]}',
    ):
        assert len(seen({**loop, "index.json": content})) < 20

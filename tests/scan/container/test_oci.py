"""Image layouts: digests against names, manifests, layers."""

import gzip
import hashlib
import io
import json
import tarfile

from tests.scan.container.reading import read

from assaymark.inspection import Hazard, Level
from assaymark.scan.container.oci import manifest_facts, stated_digest
from assaymark.scan.container.tar_file import inspect_tar
from assaymark.scan.part import LIMITS

PICKLE = b"\x80\x04N."


def layout(*blobs: bytes, bent: bytes = b"") -> bytes:
    """A layout as a tar; `bent` goes under a name that is not its digest."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    files |= {f"blobs/sha256/{hashlib.sha256(b).hexdigest()}": b for b in blobs}
    if bent:
        files["blobs/sha256/" + "0" * 64] = bent
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "artifactType": "application/vnd.cncf.model.manifest.v1+json",
    "config": {"mediaType": "application/vnd.docker.ai.model.config.v0.1+json"},
    "layers": [
        {"mediaType": "application/vnd.docker.ai.gguf.v3", "annotations": {"org.example.name": "m.gguf"}}
    ],
    "annotations": {"org.opencontainers.image.licenses": "MIT"},
}


def test_layers_are_followed_and_manifests_named() -> None:
    """A layer is a compressed tar; the manifest says which kind of model it is."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        info = tarfile.TarInfo("models/m.pkl")
        info.size = len(PICKLE)
        archive.addfile(info, io.BytesIO(PICKLE))
    found = read(layout(gzip.compress(layer.getvalue()), json.dumps(MANIFEST).encode()))
    facts = found.headers[0].metadata

    assert found.headers[0].format == "oci-image"
    assert PICKLE in found.members.values()
    assert found.hazards == []
    assert ("artifactType", "application/vnd.cncf.model.manifest.v1+json") in facts
    assert ("layer", "application/vnd.docker.ai.gguf.v3") in facts
    assert ("org.opencontainers.image.licenses", "MIT") in facts
    assert ("org.example.name", "m.gguf") in facts


def test_a_blob_that_is_not_what_its_name_says_is_dangerous() -> None:
    """Whoever fetches by digest trusts the name."""
    assert read(layout(b"good", bent=b"evil")).rules == {"oci-digest": Level.DANGEROUS}
    assert read(layout(b"good")).rules == {}


def test_only_names_of_a_layout_state_a_digest() -> None:
    """Anything else is no promise."""
    assert stated_digest("x/blobs/sha256/" + "a" * 64) == "a" * 64
    assert stated_digest("blobs/sha256/" + "A" * 64) == stated_digest("blobs/sha512/" + "a" * 64) == ""


def test_hostile_manifests_say_nothing() -> None:
    """Whatever stands where an object or text should be."""
    for text in (
        b"[",
        b"[1]",
        b"[" * 99_999,
        b'{"layers": 3, "annotations": [1], "config": 5, "mediaType": {}}',
    ):
        assert list(manifest_facts(text)) == []
    many = json.dumps({"annotations": {str(i): "x" for i in range(500)}}).encode()
    assert len(list(manifest_facts(many))) == 40


class Zeros:
    """A blob that is a beginning and then zeros, which take no memory."""

    path, sha256 = "image.tar", ""

    def __init__(self, start: bytes, size: int) -> None:
        self.size = size
        self._start = start

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        end = self.size if length < 0 else min(self.size, offset + length)
        data = self._start[offset:end]
        return data + bytes(max(0, end - offset - len(data)))


def test_a_digest_that_is_not_compared_is_told() -> None:
    """Beyond the bound on what is hashed, silence would look like agreement."""
    member = tarfile.TarInfo(f"blobs/sha256/{'0' * 64}")
    member.size = 300 << 20
    blob = Zeros(member.tobuf(), member.size + 1536)

    rules = {p.rule for p in inspect_tar(blob, LIMITS) if isinstance(p, Hazard)}

    assert "oci-digest-not-compared" in rules
    assert "oci-digest" not in rules

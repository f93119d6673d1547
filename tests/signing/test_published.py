"""Signatures of past releases: what verified once has to verify for ever."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assaymark.signing.certificates import CertificateVerifier, load_certificates
from assaymark.signing.compare import compare
from assaymark.signing.keys import KeyVerifier, load_public_key
from assaymark.signing.sums import decode_sums
from assaymark.signing.verify import Verifier, read_signature, verify_model

RELEASES = sorted((Path(__file__).parent.parent / "samples" / "signed").iterdir())
SIGNATURES = [path for release in RELEASES for path in sorted(release.glob("*.sig"))]


def verifier(signature: Path) -> Verifier:
    """By the release's key or by its root certificate."""
    if signature.stem == "certificate":
        return CertificateVerifier(load_certificates(signature.with_name("root.pem")), datetime.now(UTC))
    return KeyVerifier(load_public_key(signature.with_name("key.pub")))


def test_there_are_samples() -> None:
    """Of each method and flow."""
    assert {"files", "shards", "blake2b", "certificate"} <= {path.stem for path in SIGNATURES}


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_past_signature_verifies(signature: Path, tmp_path: Path) -> None:
    """The model is as it was; a changed copy is not."""
    data = read_signature(signature)
    assert verify_model(signature.parent / "model", data, verifier(signature)).ok
    copy = Path(shutil.copytree(signature.parent / "model", tmp_path / "model"))
    (copy / "weights.bin").write_bytes(b"other")
    assert not verify_model(copy, data, verifier(signature)).ok


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_past_sums_file_holds(release: Path) -> None:
    """For us and for sha256sum."""
    assert compare(decode_sums((release / "SHA256SUMS").read_bytes()), release / "model").differences == ()
    done = subprocess.run(["sha256sum", "-c", "../SHA256SUMS"], cwd=release / "model", capture_output=True)
    assert done.returncode == 0

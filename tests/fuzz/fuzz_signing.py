"""Coverage-guided fuzzing of what signatures, sums and backups are read with; pytest does not collect it.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris && /tmp/fuzz/bin/pip install -e .
    /tmp/fuzz/bin/python tests/fuzz/fuzz_signing.py --seeds /tmp/seeds
    /tmp/fuzz/bin/python tests/fuzz/fuzz_signing.py -max_total_time=1800 -timeout=20 /tmp/seeds

The first byte of an input says what the rest is. A finding is any exception but the two that say what is
wrong, and any input that takes longer than the timeout.
"""

import base64
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assaymark.signing"]):
    from assaymark.signing.backup import entries_of
    from assaymark.signing.certificates import load_certificates
    from assaymark.signing.entries import BadBackup
    from assaymark.signing.sums import decode_sums
    from assaymark.signing.verify import unverified_manifest

from assaymark.errors import AssaymarkError

SAMPLES = Path(__file__).resolve().parents[1] / "samples/signed/0.1.0"
SCRATCH = Path(tempfile.mkdtemp(prefix="assaymark-fuzz-"))


def bundle(data: bytes) -> None:
    """A signature file as it is."""
    unverified_manifest(data)


def statement(data: bytes) -> None:
    """A signed statement, in an envelope that is in order, so that more inputs get that far."""
    envelope = {
        "payload": base64.b64encode(data).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"sig": "AA==", "keyid": ""}],
    }
    whole = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
        "dsseEnvelope": envelope,
    }
    unverified_manifest(json.dumps(whole).encode())


def sums(data: bytes) -> None:
    """A list of hashes."""
    decode_sums(data)


def certificates(data: bytes) -> None:
    """Trusted certificates as a user names them."""
    path = SCRATCH / "trusted.pem"
    path.write_bytes(data)
    load_certificates(path)


def archive(data: bytes) -> None:
    """A backup, read in a stream."""
    path = SCRATCH / "backup"
    path.write_bytes(data)
    for entry in entries_of(path):
        assert entry is not None


TARGETS = (bundle, statement, sums, certificates, archive)


def one(data: bytes) -> None:
    """One input."""
    if not data:
        return
    try:
        TARGETS[data[0] % len(TARGETS)](data[1:])
    except (AssaymarkError, BadBackup):
        return


def write_seeds(folder: Path) -> None:
    """This release's frozen samples, each as every kind that it may be taken for."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(p for p in SAMPLES.rglob("*") if p.is_file() and p.stat().st_size < 100_000):
        for kind in range(len(TARGETS)):
            (folder / f"{kind}-{path.name}-{path.parent.name}").write_bytes(bytes([kind]) + path.read_bytes())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        write_seeds(Path(sys.argv[2]))
    else:
        atheris.Setup(sys.argv, one)
        atheris.Fuzz()

"""The other implementation: what it signs, we verify; what we sign, it verifies (model-signing 1.1.1)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.signing.samples import KEY as P256
from tests.signing.samples import NOW, VERIFIER, certificate, model, pem, public_pem, write_files

from assaymark.signing.certificates import CertificateSigner, CertificateVerifier
from assaymark.signing.keys import KeySigner, KeyVerifier
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.statement import decode, encode
from assaymark.signing.verify import read_signature, verify_model

KEYS = {
    "p256": P256,
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
}
ROOT = certificate("root", authority=True, days=(-10, 10_000))
MIDDLE = certificate("middle", ROOT, authority=True, days=(-9, 10_000))
LEAF = certificate("leaf", MIDDLE, days=(-8, 10_000))
TRUST = CertificateVerifier([ROOT.certificate], NOW)

THEIR_INTERFACE = """
import sys
from model_signing import hashing, signing, verifying
action, model, signature, key, method, algorithm = sys.argv[1:]
config = hashing.Config().set_ignored_paths(paths=["model.sig"])
if method == "shards":
    config.use_shard_serialization(hashing_algorithm=algorithm, shard_size=4000)
else:
    config.use_file_serialization(hashing_algorithm=algorithm)
signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(config).sign(model, signature)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with names that sort differently by path component and by code point."""
    folder = model(tmp_path)
    return write_files(folder, {"sub-1.bin": b"1", "sub.bin": b"2", "sub/z": b"3", "模型 (1).bin": b"4"})


def theirs(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Their command line."""
    command = [sys.executable, "-m", "model_signing", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def keys_in(folder: Path, key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
    """Files with both halves, beside the model."""
    private, public = folder.parent / "key.pem", folder.parent / "key.pub"
    private.write_bytes(pem(key))
    public.write_bytes(public_pem(key))
    return private, public


@pytest.mark.parametrize("curve", KEYS)
def test_they_verify_what_we_sign_with_a_key(folder: Path, curve: str) -> None:
    """And refuse it once a file has changed."""
    _, public = keys_in(folder, KEYS[curve])
    signature = folder / "model.sig"
    signature.write_bytes(
        KeySigner(KEYS[curve]).sign(encode(describe_model(folder, signature=signature).manifest))
    )
    command = ("verify", "key", folder, "--signature", signature, "--public_key", public)
    good = theirs(*command)
    assert (good.returncode, good.stdout) == (0, "Verification succeeded\n"), good.stderr
    (folder / "empty").write_text("x")
    assert theirs(*command).returncode == 1


@pytest.mark.parametrize("curve", KEYS)
def test_we_verify_what_they_sign_with_a_key(folder: Path, curve: str) -> None:
    """And find what changed afterwards."""
    private, _ = keys_in(folder, KEYS[curve])
    signature = folder / "model.sig"
    done = theirs("sign", "key", folder, "--signature", signature, "--private_key", private)
    assert done.returncode == 0, done.stderr
    verifier = KeyVerifier(KEYS[curve].public_key())
    outcome = verify_model(folder, read_signature(signature), verifier, signature=signature)
    assert outcome.ok
    assert "not in code-point order" in outcome.signed.manifest.notes[0]
    (folder / "sub" / "z").write_text("x")
    changed = verify_model(folder, read_signature(signature), verifier, signature=signature)
    assert [str(d) for d in changed.found.differences] == ["changed: sub/z"]


def test_both_list_the_same(folder: Path) -> None:
    """Names, digests, method and what was left out."""
    private, _ = keys_in(folder, P256)
    signature = folder / "model.sig"
    theirs("sign", "key", folder, "--signature", signature, "--private_key", private)
    their_statement = verify_model(folder, read_signature(signature), VERIFIER, signature=signature).signed
    ours = describe_model(folder, signature=signature).manifest
    assert sorted(their_statement.manifest.resources) == sorted(ours.resources)
    assert their_statement.manifest.serialization == ours.serialization
    assert their_statement.manifest.model == ours.model


def test_certificates_in_both_directions(folder: Path) -> None:
    """A chain of three, the root being what is trusted."""
    for name, authority in (("root", ROOT), ("middle", MIDDLE), ("leaf", LEAF)):
        (folder.parent / f"{name}.pem").write_bytes(authority.pem())
    (folder.parent / "leaf.key").write_bytes(pem(LEAF.key))
    signature = folder / "model.sig"
    payload = encode(describe_model(folder, signature=signature).manifest)
    signature.write_bytes(CertificateSigner(LEAF.key, [LEAF.certificate, MIDDLE.certificate]).sign(payload))
    trust = ("--certificate_chain", folder.parent / "root.pem")
    good = theirs("verify", "certificate", folder, "--signature", signature, *trust)
    assert good.returncode == 0, good.stderr
    signature.unlink()
    options = (
        "--private_key",
        folder.parent / "leaf.key",
        "--signing_certificate",
        folder.parent / "leaf.pem",
    )
    chain = ("--certificate_chain", folder.parent / "middle.pem")
    done = theirs("sign", "certificate", folder, "--signature", signature, *options, *chain)
    assert done.returncode == 0, done.stderr
    outcome = verify_model(folder, read_signature(signature), TRUST, signature=signature)
    assert outcome.ok
    assert outcome.signed.by == "CN=leaf, vouched for by CN=root"


@pytest.mark.parametrize(
    ("method", "algorithm"),
    [("shards", "sha256"), ("shards", "blake2"), ("files", "blake2"), ("files", "blake3")],
)
def test_we_verify_what_their_library_signs(folder: Path, method: str, algorithm: str) -> None:
    """Shards and other algorithms, which their command line does not offer."""
    private, _ = keys_in(folder, P256)
    signature = folder / "model.sig"
    args = ("sign", str(folder), str(signature), str(private), method, algorithm)
    subprocess.run([sys.executable, "-c", THEIR_INTERFACE, *args], check=True)
    outcome = verify_model(folder, read_signature(signature), VERIFIER, signature=signature)
    assert [str(d) for d in outcome.found.differences] == []
    assert outcome.signed.manifest.serialization.method == method
    with (folder / "weights.bin").open("r+b") as file:
        file.seek(9000)
        file.write(b"\xff\xff")
    changed = verify_model(folder, read_signature(signature), VERIFIER, signature=signature)
    assert [d.name for d in changed.found.differences] == ["weights.bin"]


def test_a_single_file_they_sign_verifies(folder: Path) -> None:
    """They name it `.`, the specification and we by its name; theirs does not accept that from us."""
    private, public = keys_in(folder, P256)
    file, signature = folder / "weights.bin", folder.parent / "file.sig"
    theirs("sign", "key", file, "--signature", signature, "--private_key", private)
    assert verify_model(file, read_signature(signature), VERIFIER).ok
    signature.write_bytes(KeySigner(P256).sign(encode(describe_model(file).manifest)))
    assert verify_model(file, read_signature(signature), VERIFIER).ok
    refused = theirs("verify", "key", file, "--signature", signature, "--public_key", public)
    assert "Extra files found in model 'weights.bin': ." in refused.stderr


def test_paths_to_ignore_are_honoured_by_both(folder: Path) -> None:
    """What the signer left out is in the statement; nobody has to repeat it."""
    private, public = keys_in(folder, P256)
    signature = folder / "model.sig"
    theirs(
        "sign",
        "key",
        folder,
        "--signature",
        signature,
        "--private_key",
        private,
        "--ignore-paths",
        folder / "sub",
    )
    outcome = verify_model(folder, read_signature(signature), VERIFIER, signature=signature)
    assert outcome.ok
    assert "sub/z" not in outcome.signed.manifest.names
    plan = Plan(ignore=("sub",))
    signature.write_bytes(
        KeySigner(P256).sign(encode(describe_model(folder, plan, signature=signature).manifest))
    )
    assert theirs("verify", "key", folder, "--signature", signature, "--public_key", public).returncode == 0


def test_they_accept_a_chain_that_has_expired_and_we_do_not(folder: Path) -> None:
    """The specification asks for the time of verification; they ask at the start of the signer's validity."""
    old = certificate("old", authority=True, days=(-400, -200))
    leaf = certificate("leaf", old, days=(-390, -300))
    (folder.parent / "old.pem").write_bytes(old.pem())
    signature = folder / "model.sig"
    payload = encode(describe_model(folder, signature=signature).manifest)
    signature.write_bytes(CertificateSigner(leaf.key, [leaf.certificate]).sign(payload))
    trust = ("--certificate_chain", folder.parent / "old.pem")
    assert theirs("verify", "certificate", folder, "--signature", signature, *trust).returncode == 0
    with pytest.raises(DoesNotVerify, match="expired"):
        verify_model(folder, read_signature(signature), CertificateVerifier([old.certificate], NOW))


def test_our_bundle_is_one_to_the_sigstore_models(folder: Path) -> None:
    """Parsed and written again by the library of the bundle's own project, it says the same."""
    from sigstore_models.bundle.v1 import Bundle

    data = KeySigner(P256).sign(encode(describe_model(folder).manifest))
    again = Bundle.from_dict(json.loads(data))
    assert decode(again.dsse_envelope.payload) == describe_model(folder).manifest

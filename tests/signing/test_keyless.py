"""Signatures made with Sigstore, against an instance of the tests' own; no network."""

import copy
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.signing.samples import NOW, VERIFIER, model, sign
from tests.signing.sigstore_instance import IDENTITY, ISSUER, Instance, b64

from assaymark.errors import UsageError
from assaymark.signing.certificates import CertificateVerifier
from assaymark.signing.keyless import KeylessVerifier
from assaymark.signing.model import describe_model
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.statement import encode
from assaymark.signing.verify import Verified, signed_manifest, verify_model

INSTANCE = Instance()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever opens a connection fails; the package keeps nothing in the home folder."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model."""
    return model(tmp_path)


@pytest.fixture
def bundle(folder: Path) -> dict[str, Any]:
    """Its signature by IDENTITY."""
    return INSTANCE.sign(encode(describe_model(folder).manifest))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What to trust."""
    return INSTANCE.root(tmp_path / "trusted_root.json")


def verified(
    folder: Path, bundle: dict[str, Any], root: Path, identity: str = IDENTITY, issuer: str = ISSUER
) -> Verified:
    """The outcome for `folder`."""
    return verify_model(folder, json.dumps(bundle).encode(), KeylessVerifier(identity, issuer, root))


def test_what_the_identity_signed_verifies(folder: Path, bundle: dict[str, Any], root: Path) -> None:
    """And a changed file is found."""
    outcome = verified(folder, bundle, root)
    assert outcome.ok
    assert outcome.signed.by == f"{IDENTITY}, vouched for by {ISSUER} through Sigstore"
    (folder / "empty").write_text("x")
    assert not verified(folder, bundle, root).ok


@pytest.mark.parametrize(
    "who", [("eve@example.com", ISSUER), (IDENTITY, "https://other.example.com"), ("", "")]
)
def test_another_identity_or_provider_does_not(
    folder: Path, bundle: dict[str, Any], root: Path, who: tuple[str, str]
) -> None:
    """The same name at another provider is somebody else."""
    with pytest.raises(DoesNotVerify, match="does not hold"):
        verified(folder, bundle, root, *who)


def test_another_instance_is_not_trusted(folder: Path, bundle: dict[str, Any], tmp_path: Path) -> None:
    """Neither another one of ours nor the public one."""
    with pytest.raises(DoesNotVerify, match="does not hold"):
        verified(folder, bundle, Instance().root(tmp_path / "other.json"))
    with pytest.raises(DoesNotVerify, match="does not hold"):
        verify_model(folder, json.dumps(bundle).encode(), KeylessVerifier(IDENTITY, ISSUER))


def at(*path: str | int) -> Callable[[dict[str, Any]], tuple[Any, Any]]:
    """Where a change is made."""

    def find(bundle: Any) -> tuple[Any, Any]:
        for part in path[:-1]:
            bundle = bundle[part]
        return bundle, path[-1]

    return find


ENTRY = ("verificationMaterial", "tlogEntries", 0)
CHANGES = [
    (at("dsseEnvelope", "payload"), b64(b"{}")),
    (at("dsseEnvelope", "signatures", 0, "sig"), b64(b"\x30\x00")),
    (at("verificationMaterial", "tlogEntries"), []),
    (at("verificationMaterial", "certificate", "rawBytes"), b64(b"noise")),
    (at(*ENTRY, "integratedTime"), "1"),
    (at(*ENTRY, "logIndex"), "1"),
    (at(*ENTRY, "logId", "keyId"), b64(bytes(32))),
    (at(*ENTRY, "canonicalizedBody"), b64(b"{}")),
    (at(*ENTRY, "inclusionPromise"), None),
    (at(*ENTRY, "inclusionProof"), None),
    (at(*ENTRY, "inclusionProof", "rootHash"), b64(bytes(32))),
    (at(*ENTRY, "inclusionProof", "hashes"), [b64(bytes(32))]),
    (at(*ENTRY, "inclusionProof", "checkpoint", "envelope"), "log\n1\n\n"),
    (at(*ENTRY, "kindVersion", "version"), "9"),
]


@pytest.mark.parametrize(("find", "value"), CHANGES, ids=range(len(CHANGES)))
def test_nothing_in_it_can_be_exchanged(
    folder: Path, bundle: dict[str, Any], root: Path, find: Any, value: object
) -> None:
    """Statement, signature, certificate, log entry: each alone."""
    bad = copy.deepcopy(bundle)
    holder, key = find(bad)
    holder[key] = value
    with pytest.raises(DoesNotVerify):
        verified(folder, bad, root)


def test_a_signature_over_another_statement_is_not_this_ones(
    folder: Path, bundle: dict[str, Any], root: Path
) -> None:
    """The log entry of one does not vouch for the other."""
    other = INSTANCE.sign(b"{}")
    mixed = {**other, "verificationMaterial": bundle["verificationMaterial"]}
    with pytest.raises(DoesNotVerify):
        verified(folder, mixed, root)


def test_material_of_another_kind_is_told(folder: Path, bundle: dict[str, Any], root: Path) -> None:
    """In every direction."""
    data = json.dumps(bundle).encode()
    with pytest.raises(DoesNotVerify, match="with Sigstore, not with a bare key"):
        signed_manifest(data, VERIFIER)
    with pytest.raises(DoesNotVerify, match="with Sigstore, not with a certificate"):
        signed_manifest(data, CertificateVerifier([], NOW))
    with pytest.raises(DoesNotVerify, match="not signed with Sigstore"):
        signed_manifest(sign(folder).read_bytes(), KeylessVerifier(IDENTITY, ISSUER, root))


def test_what_cannot_be_trusted_is_told(tmp_path: Path) -> None:
    """No file, no JSON, another JSON."""
    for name, content in (("none", None), ("noise", "noise"), ("other", '{"mediaType": "x"}')):
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        with pytest.raises(UsageError, match=r"trusted_root\.json"):
            KeylessVerifier(IDENTITY, ISSUER, path)


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact line."""
    monkeypatch.setitem(__import__("sys").modules, "sigstore.verify", None)
    with pytest.raises(UsageError, match=r"pip install 'assaymark\[sigstore\]'"):
        KeylessVerifier(IDENTITY, ISSUER)

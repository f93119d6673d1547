"""The tests' Sigstore instance as servers on this machine: authority (Fulcio) and log (Rekor v1)."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.signing.sigstore_instance import IDENTITY, ISSUER, Instance

KNOWN = (IDENTITY, "bob@example.com")
"""Whom the authority vouches for."""


def token(identity: str = IDENTITY, expires: float = 300) -> str:
    """An identity token; its signature is the authority's business, and this one looks at the name only."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": identity, "aud": "sigstore", "iat": now, "exp": now + int(expires)}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return ".".join((*encoded, base64.urlsafe_b64encode(b"signature").rstrip(b"=").decode()))


@contextmanager
def served(folder: Path) -> Iterator[tuple[Path, Path, Instance]]:
    """Client trust configuration and trusted root of an instance that runs now, and the instance."""
    instance = Instance(datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30))
    handler = type("Handler", (_Handler,), {"instance": instance})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        root = instance.root(folder / "trusted_root.json")
        config = folder / "trust_config.json"
        config.write_text(json.dumps(_config(json.loads(root.read_text()), server.server_port)))
        yield config, root, instance
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _config(root: dict[str, Any], port: int) -> dict[str, Any]:
    service = {
        "url": f"http://127.0.0.1:{port}",
        "majorApiVersion": 1,
        "validFor": {"start": "2026-01-01T00:00:00Z"},
        "operator": "tests",
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": root,
        "signingConfig": {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [service],
            "oidcUrls": [service],
            "rekorTlogUrls": [service],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [],
            "tsaConfig": {"selector": "ANY"},
        },
    }


class _Handler(BaseHTTPRequestHandler):
    instance: Instance

    def do_POST(self) -> None:
        """Vouch for an identity, or record a signature."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v2/signingCert":
            self._vouch(asked)
        elif self.path == "/api/v1/log/entries":
            self._answer(201, self._recorded(asked["spec"]["proposedContent"]))
        else:
            self._answer(404, {"message": self.path})

    def _vouch(self, asked: dict[str, Any]) -> None:
        claims = self.headers["Authorization"].removeprefix("Bearer ").split(".")[1]
        identity = json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"]
        if identity not in KNOWN:
            self._answer(403, {"message": f"nobody knows {identity}"})
            return
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        chain = (self.instance.certificate(request.public_key(), identity), self.instance.authority)
        texts = [c.public_bytes(Encoding.PEM).decode() for c in chain]
        self._answer(200, {"signedCertificateEmbeddedSct": {"chain": {"certificates": texts}}})

    def _recorded(self, proposed: dict[str, Any]) -> dict[str, Any]:
        envelope = json.loads(proposed["envelope"])
        certificate = x509.load_pem_x509_certificate(base64.b64decode(proposed["verifiers"][0]))
        signature = base64.b64decode(envelope["signatures"][0]["sig"])
        entry = self.instance.entry(base64.b64decode(envelope["payload"]), signature, certificate)
        proof = entry["inclusionProof"]
        return {
            "0" * 64: {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
                "logIndex": 0,
                "verification": {
                    "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                    "inclusionProof": {
                        "hashes": [],
                        "logIndex": 0,
                        "rootHash": base64.b64decode(proof["rootHash"]).hex(),
                        "treeSize": 1,
                        "checkpoint": proof["checkpoint"]["envelope"],
                    },
                },
            }
        }

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

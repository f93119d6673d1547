"""TLS with a certificate made for the test: requests, streams and refusals as in the clear."""

import datetime as dt
import ipaddress
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.guard.core.small import PHRASE, parts
from tests.guard.proxy.running import gateway
from tests.guard.proxy.upstream import Script

CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Files of a self-signed certificate for 127.0.0.1, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "guard")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder: Path = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_requests_and_streams_go_over_tls(model: str, script: Script, certificate: tuple[str, str]) -> None:
    """An honest one is answered, an attack is refused; who speaks plain HTTP gets nothing."""
    cert, key = certificate
    trust = ssl.create_default_context(cafile=cert)
    with gateway(model, parts(), tls_cert=cert, tls_key=key) as url:
        with httpx2.Client(base_url=url, verify=trust) as http:
            asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
            answer = http.post(CHAT, json=asked)
            assert answer.json()["choices"][0]["message"]["content"] == script.text
            assert http.post(CHAT, json={**asked, "stream": True}).text.endswith("data: [DONE]\n\n")
            asked["messages"] = [{"role": "user", "content": PHRASE}]
            assert http.post(CHAT, json=asked).status_code == 400
        place = urlsplit(url)
        with socket.create_connection((place.hostname, place.port), timeout=5) as wire:
            wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"HTTP/1.1 200" not in wire.recv(1000)
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{url}/healthz")

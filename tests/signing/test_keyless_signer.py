"""Signing with an identity, against an authority and a log that run on this machine."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.pack.supplier import real_pack
from tests.signing.samples import model
from tests.signing.sigstore_instance import IDENTITY, ISSUER, Instance
from tests.signing.sigstore_server import served, token

from assaymark._cli import main
from assaymark.errors import AssaymarkError, UsageError
from assaymark.pack.keyless import beside
from assaymark.signing.keyless_signer import TOKEN_VARIABLE, KeylessSigner, identity_token

Served = tuple[Path, Path, Instance]


@pytest.fixture
def sigstore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Configuration, trusted root and instance; no token, and no CI job to get one from."""
    for name in (TOKEN_VARIABLE, "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "sigstore"
    folder.mkdir()
    with served(folder) as found:
        yield found


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that nobody has signed off."""
    path = tmp_path / "shop.assaypack"
    path.write_bytes(real_pack(signed_off=False))
    return path


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and output of a command, as the shell has them."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0), out.getvalue()


def asked(root: Path, identity: str = IDENTITY) -> tuple[object, ...]:
    """Options of whoever verifies."""
    return ("--identity", identity, "--issuer", ISSUER, "--sigstore-root", root)


def signed_off(pack: Path, config: Path, folder: Path, identity: str = IDENTITY) -> tuple[int, str]:
    """The outcome of signing `pack` off."""
    (folder / "token").write_text(token(identity))
    options = ("--keyless", "--identity-token", folder / "token", "--sigstore-config", config)
    return run("sign-off", pack, *options, "--role", "Developer", "--by", "Ada Lovelace")


def test_a_model_signed_by_an_identity_verifies(sigstore: Served, tmp_path: Path) -> None:
    """By our verifier, for that identity only; the model-signing format is the same as with a key."""
    config, root, _ = sigstore
    folder = model(tmp_path)
    (tmp_path / "token").write_text(token() + "\n")
    keyless = ("--keyless", "--identity-token", tmp_path / "token", "--sigstore-config", config)

    assert run("sign", folder, *keyless)[0] == 0
    assert run("verify", folder, *asked(root))[0] == 0
    assert run("verify", folder, *asked(root, "eve@example.com"))[0] == 14


def test_a_pack_is_signed_off_beside_it(sigstore: Served, pack: Path, tmp_path: Path) -> None:
    """The pack stays as it is; whoever asks for the identity is told the role and the name."""
    config, root, _ = sigstore
    before = pack.read_bytes()

    assert signed_off(pack, config, tmp_path)[0] == 0
    code, output = run("verify-pack", pack, *asked(root))
    assert (code, pack.read_bytes()) == (0, before)
    assert "sign-off by Ada Lovelace as Developer" in output
    assert f"signed by {IDENTITY}, vouched for by {ISSUER}" in " ".join(output.split())


def test_others_tools_verify_it(sigstore: Served, pack: Path, tmp_path: Path) -> None:
    """Sigstore's own command accepts the file and its signature, and refuses another file."""
    config = sigstore[0]
    signed_off(pack, config, tmp_path)

    def theirs(path: Path) -> int:
        command = [sys.executable, "-m", "sigstore", "--trust-config", str(config), "verify", "identity"]
        who = ["--offline", "--cert-identity", IDENTITY, "--cert-oidc-issuer", ISSUER]
        bundle = ["--bundle", str(beside(pack)), str(path)]
        return subprocess.run([*command, *who, *bundle], check=False, capture_output=True).returncode

    other = tmp_path / "other"
    other.write_bytes(pack.read_bytes() + b"x")
    assert theirs(pack) == 0
    assert theirs(other) != 0


def test_a_later_sign_off_leaves_it_true(
    sigstore: Served, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is over the statement; a sign-off with a key adds a member and changes nothing that was signed."""
    config, root, _ = sigstore
    signed_off(pack, config, tmp_path)
    monkeypatch.setenv("ASSAYMARK_KEYRING", str(tmp_path / "keys"))
    assert run("key", "new", "bob", "--no-passphrase")[0] == 0
    assert run("sign-off", pack, "--key", "bob", "--role", "System Operator", "--by", "Bob")[0] == 0

    assert run("verify-pack", pack, *asked(root))[0] == 0


@pytest.mark.parametrize("identity", ["bob@example.com", "eve@example.com"])
def test_another_identity_is_refused(sigstore: Served, pack: Path, tmp_path: Path, identity: str) -> None:
    """Who is not asked for does not count, and whom the authority does not know cannot sign."""
    config, root, _ = sigstore
    code, output = signed_off(pack, config, tmp_path, identity)
    if identity.startswith("eve"):
        assert code != 0
        assert "did not sign" in output
        assert not beside(pack).exists()
    else:
        code, output = run("verify-pack", pack, *asked(root))
        assert code == 14
        assert "does not hold" in output


def test_a_sign_off_of_another_pack_is_refused(sigstore: Served, pack: Path, tmp_path: Path) -> None:
    """And so is what is no sign-off at all, though the right person signed it."""
    config, root, instance = sigstore
    signed_off(pack, config, tmp_path)
    bundle = json.loads(beside(pack).read_bytes())
    other = tmp_path / "other.json"
    for payload, why in (
        (b'{"a":1}', "no sign-off"),
        (_another(bundle), "another pack"),
    ):
        other.write_text(json.dumps(instance.sign(payload)))
        code, output = run("verify-pack", pack, *asked(root), "--sigstore-bundle", other)
        assert code == 14
        assert why in " ".join(output.split())


def _another(bundle: dict[str, dict[str, str]]) -> bytes:
    """The statement of `bundle` about a pack with another digest."""
    import base64

    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    said = json.loads(payload)
    for subject in said["subject"]:
        subject["digest"]["sha256"] = "0" * 64
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "cannot be used"), ("a.b.c", "cannot be used"), (token(expires=-60), "cannot be used")],
)
def test_a_token_that_is_none_is_an_error_in_words(sigstore: Served, text: str, why: str) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(UsageError, match=why):
        KeylessSigner(text, sigstore[0])


def test_without_a_token_the_error_says_where_to_get_one(sigstore: Served) -> None:
    """The variable, or a file."""
    with pytest.raises(UsageError, match="takes an identity token") as caught:
        identity_token(None)
    assert TOKEN_VARIABLE in caught.value.advice


def test_the_environment_and_a_ci_job_give_the_token(
    sigstore: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What GitHub hands a job is asked for as GitHub documents it; a stated token goes first."""

    class Job(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"value": token()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Job) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"http://127.0.0.1:{server.server_port}/?")
        assert KeylessSigner(identity_token(None), sigstore[0]).identity == IDENTITY
        monkeypatch.setenv(TOKEN_VARIABLE, "stated")
        assert identity_token(None) == "stated"
        server.shutdown()


def test_an_instance_that_is_down_writes_nothing(sigstore: Served, pack: Path, tmp_path: Path) -> None:
    """The error says so; there is no half signature."""
    config = json.loads(sigstore[0].read_text())
    config["signingConfig"]["caUrls"][0]["url"] = "http://127.0.0.1:9"
    down = tmp_path / "down.json"
    down.write_text(json.dumps(config))

    code, output = signed_off(pack, down, tmp_path)
    assert code not in (0, 14)
    assert "did not sign" in output
    assert not beside(pack).exists()


def test_a_log_that_lies_is_noticed_before_anything_is_written(sigstore: Served) -> None:
    """What comes back is verified once more: here the log signs with a key that is not the trusted one."""
    from cryptography.hazmat.primitives.asymmetric import ec

    config, _, instance = sigstore
    signer = KeylessSigner(token(), config)
    instance.signature_log = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(AssaymarkError, match="did not sign"):
        signer.sign(
            b'{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"x","subject":[]}'
        )


def test_a_key_and_an_identity_exclude_each_other(sigstore: Served, tmp_path: Path) -> None:
    """One of them signs a model; a configuration that is none is named."""
    folder = model(tmp_path)
    assert run("sign", folder)[0] == 2
    assert run("sign", folder, "--keyless", "--key", tmp_path / "x.pem")[0] == 2
    with pytest.raises(UsageError, match="no client trust configuration"):
        KeylessSigner(token(), sigstore[1])

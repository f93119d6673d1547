"""A supplier's small system, assessed, and its real pack."""

import functools
import hashlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark._cli.import_ import command as import_command
from assaymark.ledger.attestation import Attestation, Document, render, signed
from assaymark.ledger.keys import load_key, public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.pack.log import log_of
from assaymark.pack.papers import gather
from assaymark.pack.signing_off import Signatory
from assaymark.pack.write import Keys, write_pack
from assaymark.pipeline import Places, assess_folder

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
"""When everything happens."""

ADA = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"ada").digest())
"""Key of the person who attests and signs off."""

_MANIFEST = """\
assaymark: 1
name: shop-assistant
purpose: answers questions about orders
owner: Ada Example
organisation: Example Ltd
version: 1.4.0
roles: [Developer, System Operator]
profile: chatbot
waivers:
  - {provision: 5.2.1-1, reason: the register moves in December, owner: Ada Example, until: 2027-01-31}
"""

_ATTESTED = {
    "training.json": (
        ("5.1.1-1#1", "5.1.1-1#2"),
        "Organisation",
        "Training took place in May.",
        "2027-05-01",
    ),
    "threats.json": (("5.1.3-1#1",), "Developer", "We model threats at every release.", "2026-12-01"),
}


def write_system(root: Path) -> None:
    """The supplier's repository."""
    (root / "assurance/attestations").mkdir(parents=True)
    (root / "docs").mkdir()
    (root / "assaymark.yaml").write_text(_MANIFEST)
    (root / "README.md").write_text("# Shop assistant\n\nAnswers questions about orders.\n")
    (root / "app.py").write_text(
        "import openai\n\nclient = openai.OpenAI()\n"
        'reply = client.responses.create(model="gpt-4.1", input="hello")\n'
    )
    (root / "requirements.txt").write_text("openai==1.99.0\n")
    paper = b"Threats: prompt injection, model theft.\n"
    (root / "docs/threats.md").write_bytes(paper)
    document = Document(path="docs/threats.md", sha256=hashlib.sha256(paper).hexdigest())
    for name, (obligations, role, statement, until) in _ATTESTED.items():
        value = Attestation(
            edition="EN 304 223 V2.1.1",
            obligations=obligations,
            met=True,
            role=role,
            by="Ada Example",
            organisation="Example Ltd",
            statement=statement,
            documents=(document,) if name == "threats.json" else (),
            made_on="2026-11-20",
            valid_until=until,
        )
        (root / "assurance/attestations" / name).write_bytes(render(signed(value, ADA)))


def sign_off(role: str = "Developer", name: str = "Ada Example") -> Signatory:
    """Ada answers for the pack."""
    return Signatory(
        key=ADA,
        role=role,
        name=name,
        organisation="Example Ltd",
        statement="I have read it.",
        signed_at="2026-11-23T13:00:00Z",
    )


def import_report(root: Path, path: Path, report: bytes) -> None:
    """Take another tool's report in, about the system's one module."""
    path.write_bytes(report)
    words = [str(path), "--system", str(root), "--tested", str(root / "app.py"), "--unsigned"]
    done = CliRunner().invoke(import_command, words)
    assert done.exit_code == 0, done.output


class Supplier:
    """A folder with the system, its ledger and its key; packs are made of it."""

    def __init__(self, base: Path, *, report: bytes = b"") -> None:
        self.root = base / "system"
        self.places = Places(ledger=base / "ledger", key=base / "key.pem")
        write_system(self.root)
        if report:
            import_report(self.root, base / "report.sarif", report)
        self.assessment = assess_folder(self.root, self.places, now=NOW, jobs=1)
        self.key = load_key(self.places.key)

    @property
    def public_key(self) -> str:
        """Hexadecimal key of the supplier's machine."""
        return public_bytes(self.key).hex()

    def pack(
        self,
        path: Path,
        *,
        redact: bool = False,
        signatory: Signatory | None = None,
        since: tuple[str, ...] = (),
    ) -> Path:
        """Write a pack to `path`."""
        papers = gather(self.root, self.assessment, redact=redact)
        with Ledger.open(self.places.ledger, self.key) as ledger:
            keys = Keys(self.key, public_bytes(self.key))
            write_pack(
                path, self.assessment, log_of(ledger), keys, papers=papers, signatory=signatory, since=since
            )
        return path


@functools.cache
def supplier() -> Supplier:
    """The one supplier of the tests; made once, removed at the end."""
    import atexit

    base = Path(tempfile.mkdtemp(prefix="assaymark-supplier-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return Supplier(base)


@functools.cache
def real_pack(signed_off: bool = True, redact: bool = False) -> bytes:
    """The bytes of a real pack."""
    one = supplier()
    path = one.root.parent / f"pack-{signed_off}-{redact}.zip"
    return one.pack(path, signatory=sign_off() if signed_off else None, redact=redact).read_bytes()

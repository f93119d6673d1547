"""What is in a pack, held against other people's readers; the same input gives the same bytes."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from msgspec.structs import replace
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
from tests.pack.supplier import NOW, Supplier, real_pack, sign_off, supplier

from assaymark.assess.assessment import Assessment
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.attestation import Attestation, Document, render
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.ledger import Ledger
from assaymark.pack.format import AssessmentV1
from assaymark.pack.history import one_at_a_time, record_assessment
from assaymark.pack.log import log_of
from assaymark.pack.papers import gather, secrets_in
from assaymark.pack.verify import Asked, verify_pack
from assaymark.pack.write import Keys, Packed, write_pack
from assaymark.pipeline import assess_folder

SCRIPT = """
import os, sys
from pathlib import Path
from tests.pack.supplier import NOW, sign_off
from assaymark.ledger.keys import load_key, public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.pack.log import log_of
from assaymark.pack.papers import gather
from assaymark.pack.write import Keys, write_pack
from assaymark.pipeline import Places, assess_folder
os.umask(int(sys.argv[2], 8))
base = Path(sys.argv[1])
places = Places(ledger=base / "ledger", key=base / "key.pem")
made = assess_folder(base / "system", places, now=NOW, jobs=1)
key = load_key(places.key)
with Ledger.open(places.ledger, key) as ledger:
    packed = write_pack(base / "x.zip", made, log_of(ledger), Keys(key, public_bytes(key)),
                        papers=gather(base / "system", made), signatory=sign_off())
print(packed.sha256)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Supplier:
    """A supplier whose files a test may change."""
    return Supplier(tmp_path)


def written(one: Supplier, path: Path, made: Assessment | None = None, **options: Any) -> Packed:
    """A pack of `made`, or of the supplier's assessment."""
    made = made or one.assessment
    papers = options.pop("papers", None) or gather(one.root, made)
    with Ledger.open(one.places.ledger, one.key) as ledger:
        keys = Keys(one.key, one.key.public_key().public_bytes_raw())
        return write_pack(path, made, log_of(ledger), keys, papers=papers, **options)


def opened(path: Path) -> dict[str, bytes]:
    """The members, by Python's own reader."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def payload_of(envelope: bytes) -> Any:
    """What an envelope is around."""
    return json.loads(base64.b64decode(json.loads(envelope)["payload"]))


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of a real pack."""
    path = tmp_path_factory.mktemp("pack") / "x.zip"
    path.write_bytes(real_pack())
    return opened(path)


def test_the_statement_covers_every_byte(members: dict[str, bytes]) -> None:
    """All members but itself and the sign-offs are subjects, each with its digest."""
    subjects = {
        s["name"]: s["digest"]["sha256"] for s in payload_of(members["statement.dsse.json"])["subject"]
    }
    signed = {
        n: d for n, d in members.items() if n != "statement.dsse.json" and not n.startswith("sign-offs/")
    }

    assert subjects == {name: hashlib.sha256(data).hexdigest() for name, data in signed.items()}
    assert {"basis.json", "report.json", "ledger/entries.jsonl", "svr.intoto.json", "ics.json"} <= set(
        subjects
    )


def test_securesystemslib_verifies_statement_and_sign_off(members: dict[str, bytes]) -> None:
    """Code that is not ours, with the keys that the statements name."""
    envelopes = [d for n, d in members.items() if n.endswith(".dsse.json")]
    for data in envelopes:
        public = payload_of(data)["predicate"]["publicKey"]
        named = hashlib.sha256(bytes.fromhex(public)).hexdigest()
        key = SSlibKey(named, "ed25519", "ed25519", {"public": public})

        assert set(Envelope.from_dict(json.loads(data)).verify([key], 1)) == {named}
    assert len(envelopes) == 2


def test_the_in_toto_library_accepts_all_three_statements(members: dict[str, bytes]) -> None:
    """The pack's, the sign-off's and the gate's."""
    texts = [json.dumps(payload_of(d)) for n, d in members.items() if n.endswith(".dsse.json")]
    for text in (*texts, members["svr.intoto.json"].decode()):
        Statement.copy_from_pb(json_format.Parse(text, statement_pb2.Statement())).validate()


def test_a_sign_off_is_about_the_statement(members: dict[str, bytes]) -> None:
    """Its one subject is the digest of the payload that the pack's key signed."""
    (name,) = (n for n in members if n.startswith("sign-offs/"))
    said = payload_of(members[name])
    payload = base64.b64decode(json.loads(members["statement.dsse.json"])["payload"])

    assert said["subject"] == [
        {"name": "statement", "digest": {"sha256": hashlib.sha256(payload).hexdigest()}}
    ]
    assert (said["predicate"]["name"], said["predicate"]["role"]) == ("Ada Example", "Developer")


def test_each_entry_is_in_the_tree(members: dict[str, bytes]) -> None:
    """By arithmetic written here from RFC 9162: leaf, path, root of the checkpoint."""
    entries = members["ledger/entries.jsonl"].splitlines()
    proofs = [json.loads(line) for line in members["ledger/proofs.jsonl"].splitlines()]
    _, size, root = members["ledger/checkpoint"].decode().splitlines()[:3]

    assert len(entries) == len(proofs) > 100
    assert [p["index"] for p in proofs] == sorted({p["index"] for p in proofs})
    for entry, proof in zip(entries, proofs, strict=True):
        leaf = hashlib.sha256(b"\0" + entry).digest()
        path = [base64.b64decode(h) for h in proof["hashes"]]
        assert leaf.hex() == proof["leaf"]
        assert _root(leaf, proof["index"], int(size), path) == base64.b64decode(root)


def _root(node: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    last = size - 1
    for beside in path:
        if index % 2 or index == last:
            node = hashlib.sha256(b"\1" + beside + node).digest()
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            node = hashlib.sha256(b"\1" + node + beside).digest()
        index, last = index // 2, last // 2
    return node


def test_verdicts_name_their_evidence_by_leaf(members: dict[str, bytes]) -> None:
    """Every leaf hash that the statement names is that of an entry in the pack."""
    leaves = {hashlib.sha256(b"\0" + e).hexdigest() for e in members["ledger/entries.jsonl"].splitlines()}
    results = payload_of(members["statement.dsse.json"])["predicate"]["results"]
    named = {leaf for r in results for leaf in (*r["evidence"], *r["counterEvidence"])}

    assert len(results) == 72
    assert named
    assert named <= leaves


def test_papers_are_byte_for_byte_the_owners(members: dict[str, bytes]) -> None:
    """Manifest, attestations, and the document that one of them names."""
    root = supplier().root

    assert members["assaymark.yaml"] == (root / "assaymark.yaml").read_bytes()
    assert members["documents/docs/threats.md"] == (root / "docs/threats.md").read_bytes()
    for path in (root / "assurance/attestations").iterdir():
        assert members[f"attestations/assurance/attestations/{path.name}"] == path.read_bytes()


def test_the_gate_holds_what_passes_and_no_more(members: dict[str, bytes]) -> None:
    """As many properties as there are passing verdicts."""
    results = payload_of(members["statement.dsse.json"])["predicate"]["results"]
    gate = json.loads(members["svr.intoto.json"])

    assert len(gate["predicate"]["properties"]) == sum(r["verdict"] == "pass" for r in results)
    assert {
        "name": "report.json",
        "digest": {"sha256": hashlib.sha256(members["report.json"]).hexdigest()},
    } in gate["subject"]


def test_what_is_written_verifies(tmp_path: Path) -> None:
    """By our own verifier, all of it."""
    (tmp_path / "x").write_bytes(real_pack())
    found = verify_pack(tmp_path / "x", Asked(now=NOW.replace(hour=18)))

    assert found.problems == ()
    assert found.ok


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Twice, and however the assessment's dictionaries were filled."""
    one, made = supplier(), supplier().assessment
    turned = replace(
        made,
        digests=dict(reversed(made.digests.items())),
        circumstances=dict(reversed(made.circumstances.items())),
    )
    first, again, other = (
        written(one, tmp_path / str(n), a, signatory=sign_off()).sha256
        for n, a in enumerate((made, made, turned))
    )

    assert first == again == other


def test_no_circumstance_shows_in_the_bytes(tmp_path: Path) -> None:
    """Another folder, process, umask, time zone, locale and hash seed."""
    one = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
    other = {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}

    assert _packed_elsewhere(tmp_path / "one", "077", one) == _packed_elsewhere(
        tmp_path / "b/other", "000", other
    )


def _packed_elsewhere(copy: Path, umask: str, environment: dict[str, str]) -> str:
    """SHA-256 of the pack that another process makes of a copy of folder, ledger and key."""
    base = supplier().root.parent
    shutil.copytree(base / "system", copy / "system")
    shutil.copytree(base / "ledger", copy / "ledger")
    shutil.copy(base / "key.pem", copy / "key.pem")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(copy), umask],
        env=os.environ | environment | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        cwd=copy,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert len(done.stdout.strip()) == 64
    return done.stdout.strip()


def test_redacted_documents_leave_their_digest_only(tmp_path: Path) -> None:
    """Neither name of a member nor content; the statement says that they were withheld."""
    one = supplier()
    packed = written(one, tmp_path / "x", papers=gather(one.root, one.assessment, redact=True))
    (left_out,) = packed.predicate.redacted

    assert b"Threats: prompt injection" not in (tmp_path / "x").read_bytes()
    assert [n for n in opened(tmp_path / "x") if n.startswith("documents/")] == []
    assert (left_out.name, left_out.reason) == ("docs/threats.md", "Withheld by the sender.")
    assert left_out.sha256 == hashlib.sha256((one.root / "docs/threats.md").read_bytes()).hexdigest()


def test_a_document_that_changed_before_the_assessment_is_told(mine: Supplier, tmp_path: Path) -> None:
    """What the attestation named is not there, and what is there is not what it named."""
    (mine.root / "docs/threats.md").write_bytes(b"Other threats.\n")
    made = assess_folder(mine.root, mine.places, now=NOW, jobs=1)
    packed = written(mine, tmp_path / "x", made)

    assert packed.predicate.documents == ()
    assert packed.predicate.redacted[0].reason.startswith("It changed since it was attested")
    assert verify_pack(tmp_path / "x", Asked(now=NOW)).problems == ()


def test_a_document_that_is_gone_is_told(mine: Supplier, tmp_path: Path) -> None:
    """So that the receiver knows to ask for it."""
    (mine.root / "docs/threats.md").unlink()
    packed = written(mine, tmp_path / "x", assess_folder(mine.root, mine.places, now=NOW, jobs=1))

    assert packed.predicate.redacted[0].reason.startswith("It is gone")


@pytest.mark.parametrize(
    "name", ["docs/threats.md", "assaymark.yaml", "assurance/attestations/training.json"]
)
@pytest.mark.parametrize("change", ["other", "gone"])
def test_what_changes_after_the_assessment_is_never_packed(
    mine: Supplier, tmp_path: Path, name: str, change: str
) -> None:
    """The old pack stays, and no half file."""
    before = set(tmp_path.iterdir())
    if change == "gone":
        (mine.root / name).unlink()
    else:
        (mine.root / name).write_bytes((mine.root / name).read_bytes() + b"\n\n# more\n")

    with pytest.raises(AssaymarkError, match=r"changed|could not be read|was changed"):
        written(mine, tmp_path / "x")

    assert set(tmp_path.iterdir()) == before


def test_a_pipe_in_place_of_a_document_does_not_stop_it(mine: Supplier, tmp_path: Path) -> None:
    """It is refused instead of waited for."""
    papers = gather(mine.root, mine.assessment)
    (mine.root / "docs/threats.md").unlink()
    os.mkfifo(mine.root / "docs/threats.md")

    with pytest.raises(AssaymarkError, match="changed"):
        written(mine, tmp_path / "x", papers=papers)


def attest(one: Supplier, *documents: tuple[str, bytes]) -> Assessment:
    """An attestation that names documents, assessed."""
    for name, content in documents:
        place = one.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    value = Attestation(
        edition="EN 304 223 V2.1.1",
        obligations=("5.1.1-2#1",),
        met=True,
        role="Developer",
        by="Ada Example",
        statement="See the papers.",
        documents=tuple(Document(path=n, sha256=hashlib.sha256(c).hexdigest()) for n, c in documents),
        made_on="2026-11-20",
        valid_until="2027-05-01",
    )
    (one.root / "assurance/attestations/papers.json").write_bytes(render(value))
    return assess_folder(one.root, one.places, now=NOW, jobs=1)


def test_documents_whose_name_some_system_cannot_have_go_by_their_digest(
    mine: Supplier, tmp_path: Path
) -> None:
    """Beside the folder, a device's name, a character, names that differ in case; the name itself is kept."""
    documents = [
        ("../policy.md", b"beside"),
        ("docs/nul.md", b"device"),
        ("docs/what?.md", b"character"),
        ("docs/Plan.md", b"upper"),
        ("docs/plan.md", b"lower"),
        ("by-digest/x.md", b"ours"),
    ]
    packed = written(mine, tmp_path / "x", attest(mine, *documents))
    found = opened(tmp_path / "x")

    assert {p.name: found[p.member] for p in packed.predicate.documents} == {
        **dict(documents),
        "docs/threats.md": found["documents/docs/threats.md"],
    }
    by_digest = {p.name for p in packed.predicate.documents if p.member.startswith("documents/by-digest/")}
    assert by_digest == {"../policy.md", "docs/nul.md", "docs/what?.md", "docs/plan.md", "by-digest/x.md"}
    assert verify_pack(tmp_path / "x", Asked(now=NOW)).problems == ()


def test_what_looks_like_a_credential_in_a_document_is_told(mine: Supplier) -> None:
    """With its place, and never its value."""
    token = "AKIA" + "RLYKEI4IIAANNKKS"
    made = attest(mine, ("docs/runbook.md", f"First.\nUse {token} to log in.\n".encode()))
    told = secrets_in(gather(mine.root, made))

    assert told == ("docs/runbook.md:2 holds what looks like a credential (aws-key).",)
    assert secrets_in(gather(mine.root, made, redact=True)) == ()


def test_names_that_are_not_utf8_do_not_stop_it(mine: Supplier, tmp_path: Path) -> None:
    """They are spelt out, here as in the report: of code, of an attestation, of one that cannot be read."""
    attestations = mine.root / "assurance/attestations"
    (mine.root / os.fsdecode(b"caf\xe9.py")).write_text("import openai\n\nopenai.OpenAI()\n")
    (attestations / "training.json").rename(attestations / os.fsdecode(b"form\xe9.json"))
    (attestations / os.fsdecode(b"cass\xe9.json")).write_text("{")
    packed = written(mine, tmp_path / "x", assess_folder(mine.root, mine.places, now=NOW, jobs=1))
    members = opened(tmp_path / "x")

    assert b"caf\\\\xe9.py" in members["basis.json"]
    assert b"cass\\\\udce9.json is no attestation" in members["basis.json"]
    assert {p.name for p in packed.predicate.attestations} == {
        "assurance/attestations/form\\xe9.json",
        "assurance/attestations/threats.json",
    }
    assert verify_pack(tmp_path / "x", Asked(now=NOW)).problems == ()


def assessments(members: dict[str, bytes]) -> Iterator[tuple[str, AssessmentV1]]:
    """Leaf and body of the entries that record assessments."""
    for line in members["ledger/entries.jsonl"].splitlines():
        entry = json.loads(line)
        if entry["type"] == "assessment":
            body = msgspec.convert(entry["body"], AssessmentV1)
            yield hashlib.sha256(b"\0" + line).hexdigest(), body


def test_each_assessment_names_the_one_before_it(mine: Supplier, tmp_path: Path) -> None:
    """None that was packed can be left out later without a gap."""
    written(mine, tmp_path / "first")
    later = assess_folder(mine.root, mine.places, now=NOW.replace(hour=14), jobs=1)
    packed = written(mine, tmp_path / "second", later)
    (first, one), (second, two) = assessments(opened(tmp_path / "second"))

    assert (one.number, one.previous, two.number, two.previous) == (1, "", 2, first)
    assert (packed.predicate.assessment, packed.predicate.assessments) == (second, 2)
    assert verify_pack(tmp_path / "second", Asked(now=NOW.replace(hour=14))).problems == ()


def test_assessments_recorded_at_once_follow_each_other(mine: Supplier, tmp_path: Path) -> None:
    """Each waits for its turn, so that none looks left out."""

    def record(number: int) -> int:
        made = replace(mine.assessment, assessed_at=f"2026-11-23T12:00:{number:02}Z")
        with one_at_a_time(mine.places.key), Ledger.open(mine.places.ledger, mine.key) as ledger:
            return record_assessment(log_of(ledger), made, f"{number:064}").number

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(record, range(6)))
    written(mine, tmp_path / "x")

    assert numbers == [1, 2, 3, 4, 5, 6]
    assert verify_pack(tmp_path / "x", Asked(now=NOW)).problems == ()


def test_packing_again_records_nothing(mine: Supplier, tmp_path: Path) -> None:
    """The assessment is in the ledger already."""
    first = written(mine, tmp_path / "a")
    with Ledger.open(mine.places.ledger) as ledger:
        size = len(ledger)
    again = written(mine, tmp_path / "b")
    with Ledger.open(mine.places.ledger) as ledger:
        assert len(ledger) == size
    assert first.sha256 == again.sha256


def test_the_ledger_is_shown_to_extend_a_head_that_the_receiver_holds(mine: Supplier, tmp_path: Path) -> None:
    """A line of proof for it, and one for the head under which it was assessed."""
    held = mine.assessment.checkpoint
    (mine.root / "more.py").write_text("import openai\n\nopenai.OpenAI()\n")
    later = assess_folder(mine.root, mine.places, now=NOW, jobs=1)
    written(mine, tmp_path / "x", later, since=(held, held))
    lines = [json.loads(line) for line in opened(tmp_path / "x")["ledger/consistency.jsonl"].splitlines()]

    assert [line["checkpoint"] for line in lines] == [later.checkpoint, held]
    assert parse(held).size < parse(later.checkpoint).size
    assert verify_pack(tmp_path / "x", Asked(now=NOW, held=(held,))).problems == ()


def test_heads_of_other_ledgers_are_refused(mine: Supplier, tmp_path: Path) -> None:
    """Another one's, a longer one, none at all, and a fork."""
    held = mine.assessment.checkpoint
    origin, size, root, rest = held.split("\n", 3)
    longer = "\n".join((origin, str(int(size) + 9), root, rest))
    forked = "\n".join((origin, size, base64.b64encode(bytes(32)).decode(), rest))
    for note, why in (
        (supplier().assessment.checkpoint, "another ledger"),
        (longer, "the ledger holds"),
        ("hello", "no signed checkpoint"),
        (forked, "forks"),
    ):
        with pytest.raises(UsageError, match=why):
            written(mine, tmp_path / "x", since=(note,))
    assert not (tmp_path / "x").exists()


def test_a_ledger_of_another_key_is_refused(mine: Supplier, tmp_path: Path) -> None:
    """The pack would name a key that did not sign its checkpoint."""
    with (
        Ledger.open(mine.places.ledger, mine.key) as ledger,
        pytest.raises(AssaymarkError, match="not signed"),
    ):
        write_pack(
            tmp_path / "x",
            mine.assessment,
            log_of(ledger),
            Keys(mine.key, bytes(32)),
            papers=gather(mine.root, mine.assessment),
        )


def test_imported_reports_are_among_the_documents(mine: Supplier, tmp_path: Path) -> None:
    """As bytes, or withheld; the verifier asks for them as for those of attestations."""
    report = mine.root / "bandit.sarif"
    report.write_text(json.dumps(_SARIF))
    command = import_module("assaymark._cli.import_").command
    arguments = [
        str(report),
        "--system",
        str(mine.root),
        "--tested",
        str(mine.root / "app.py"),
        "--by",
        "Ada",
    ]
    environment = {"ASSAYMARK_KEY": str(mine.places.key), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    CliRunner(env=environment).invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    content = report.read_bytes()
    made = assess_folder(mine.root, mine.places, now=datetime.now(UTC), jobs=1)
    packed = written(mine, tmp_path / "x", made)
    (paper,) = (p for p in packed.predicate.documents if p.name.startswith("assurance/imports/"))

    assert opened(tmp_path / "x")[paper.member] == content
    assert verify_pack(tmp_path / "x").problems == ()
    redacted = gather(mine.root, made, redact=True).redacted
    assert paper.name in {r.name for r in redacted}


_SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Bandit", "version": "1.8.0", "rules": []}},
            "artifacts": [{"location": {"uri": "app.py"}}],
            "results": [],
        }
    ],
}

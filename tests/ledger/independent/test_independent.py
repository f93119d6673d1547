"""Logs, proofs and receipts are verified by software that we did not write, or that needs nothing of ours."""

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from pymerkle import InmemoryTree, verify_consistency
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError
from tests.ledger.samples import KEY, OTHER_KEY, samples
from tests.ledger.tile_samples import ORIGIN, Memory, entries, files, write

from assaymark.ledger.checkpoint import parse, verifier_key
from assaymark.ledger.cosignature import cosign
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.note import with_signatures
from assaymark.ledger.prover import Prover
from assaymark.ledger.receipt import render_receipt

HERE = Path(__file__).parent
NODE = HERE.parents[2] / "docs" / "evidence" / "verify-log.mjs"
GO_PATH = Path("/usr/share/gocode")
"""Where Debian's golang-golang-x-mod-dev puts Go's packages for logs."""
VKEY = verifier_key(ORIGIN, public_bytes(KEY))
DATA = entries(1_000)
SIZES = (1, 2, 255, 256, 257, 700, 1_000)


def run(*command: object) -> tuple[int, str]:
    """Exit status and all output."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ)
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built from source."""
    if not shutil.which("go") or not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Go with golang.org/x/mod is not here: apt install golang-go golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    caches = {"GOCACHE": str(folder / "cache"), "GOPATH": f"{folder}:{GO_PATH}", "GO111MODULE": "off"}
    build = ["go", "build", "-o", str(folder / "verify_log"), str(HERE / "verify_log.go")]
    subprocess.run(build, check=True, timeout=110, env=os.environ | caches)
    return folder / "verify_log"


@pytest.fixture(scope="session")
def node() -> tuple[str, Path]:
    """The Node script of our documentation."""
    found = shutil.which("node")
    if not found:
        pytest.skip("node is not installed")
    return found, NODE


@pytest.fixture(params=["go", "node"])
def verifier(request: pytest.FixtureRequest) -> tuple[object, ...]:
    """Each of the two programs, to be followed by a folder and a key."""
    made = request.getfixturevalue(request.param)
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize("size", [1, 256, 257, 1_000])
def test_strangers_verify_a_log(verifier: tuple[object, ...], tmp_path: Path, size: int) -> None:
    """Signature, tiles and every entry; in Go's packages proofs, too."""
    code, output = run(*verifier, write(tmp_path, files(DATA[:size])), VKEY)
    assert code == 0, output
    assert f"verifies: {size} entries" in output


def test_strangers_verify_a_log_that_was_cosigned(verifier: tuple[object, ...], tmp_path: Path) -> None:
    """Signatures of keys that they do not know disturb nobody."""
    found = files(DATA[:300])
    note = found["checkpoint"].decode()
    cosigned = with_signatures(note, (cosign(parse(note), "witness.example", OTHER_KEY, 1_800_000_000),))
    write(tmp_path, found | {"checkpoint": cosigned.encode()})
    assert run(*verifier, tmp_path, VKEY)[0] == 0


CHANGES = {
    "tile/entries/000": [5],
    "tile/entries/001.p/44": [5],
    "tile/0/000": [0],
    "tile/0/001.p/44": [1_407],
    "tile/1/000.p/1": [31],
    "checkpoint": [3, 34, 50, -9],
}
"""File of a log of 300 entries → bytes of it to change."""


@pytest.mark.parametrize(("name", "place"), [(name, place) for name in CHANGES for place in CHANGES[name]])
def test_strangers_notice_every_kind_of_change(
    verifier: tuple[object, ...], tmp_path: Path, name: str, place: int
) -> None:
    """A bit in an entry, a tile, the head or its signature."""
    found = files(DATA[:300])
    data = bytearray(found[name])
    data[place] ^= 1
    write(tmp_path, found | {name: bytes(data)})
    code, output = run(*verifier, tmp_path, VKEY)
    assert code == 1, output


def test_strangers_ask_for_the_right_key(verifier: tuple[object, ...], tmp_path: Path) -> None:
    """A log that somebody else signed is not this one."""
    write(tmp_path, files(DATA[:3]))
    assert run(*verifier, tmp_path, verifier_key(ORIGIN, public_bytes(OTHER_KEY)))[0] == 1
    assert run(*verifier, tmp_path, verifier_key("elsewhere", public_bytes(KEY)))[0] == 1


def test_strangers_verify_a_ledger_of_ours(verifier: tuple[object, ...], tmp_path: Path) -> None:
    """As Assaymark writes it, in several goes."""
    for start, count in ((0, 3), (3, 250), (253, 400)):
        with Ledger.open(tmp_path / "ledger", KEY) as ledger:
            ledger.append(samples(count, start))
    code, output = run(*verifier, tmp_path / "ledger", verifier_key(ledger.origin, public_bytes(KEY)))
    assert (code, "verifies: 653 entries" in output) == (0, True), output


@pytest.mark.parametrize("size", [1, 257, 1_000])
def test_node_verifies_receipts(node: tuple[str, Path], tmp_path: Path, size: int) -> None:
    """For the entry they were made for, and no other."""
    found = files(DATA[:size])
    index = size // 2
    proof = Prover(Memory(found), size).inclusion(index)
    (tmp_path / "receipt").write_text(render_receipt(proof, found["checkpoint"].decode()))
    (tmp_path / "entry").write_bytes(DATA[index])
    assert run(*node, "--receipt", tmp_path / "receipt", tmp_path / "entry", VKEY)[0] == 0
    (tmp_path / "entry").write_bytes(DATA[index] + b"\n")
    code, output = run(*node, "--receipt", tmp_path / "receipt", tmp_path / "entry", VKEY)
    assert (code, "not what was recorded" in output) == (1, True)


@pytest.mark.parametrize("size", SIZES)
def test_sigstore_verifies_our_proofs(size: int) -> None:
    """Its code for Rekor's tree takes them as they are, and refuses another entry."""
    prover = Prover(Memory(files(DATA[:size])), size)
    for index in {0, size // 3, size - 1}:
        proof = prover.inclusion(index)
        given = SimpleNamespace(
            log_index=index, tree_size=size, hashes=list(proof.hashes), root_hash=prover.root()
        )
        inner = SimpleNamespace(inclusion_proof=given, canonicalized_body=DATA[index])
        verify_merkle_inclusion(SimpleNamespace(_inner=inner))
        inner.canonicalized_body = b"other"
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(SimpleNamespace(_inner=inner))


def test_pymerkle_gives_the_same_roots_and_proofs() -> None:
    """At every size; it counts entries from 1."""
    tree = InmemoryTree(algorithm="sha256")
    for data in DATA[:300]:
        tree.append_entry(data)
    prover = Prover(Memory(files(DATA)), 1_000)
    for size in (*range(1, 20), 255, 256, 257, 300):
        assert prover.root(size) == tree.get_root(size)
        for index in {0, size // 2, size - 1}:
            leaf, *path = tree.prove_inclusion(index + 1, size).path
            if size > 1:
                assert (leaf, tuple(path)) == (leaf_hash(DATA[index]), prover.inclusion(index, size).hashes)
            earlier = index + 1
            theirs = tree.prove_consistency(earlier, size)
            verify_consistency(prover.root(earlier), prover.root(size), theirs)

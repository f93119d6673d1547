"""A sign-off is added to a pack that exists: by whom it may be, and that nothing else changes."""

import hashlib
import threading
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from tests.pack.supplier import ADA, NOW, Supplier, real_pack, sign_off

from assaymark.errors import AssaymarkError, UsageError
from assaymark.pack.adding import add_sign_off, alone, refuse_wrong_role, verified
from assaymark.pack.signing_off import Signatory, member_of
from assaymark.pack.verify import Asked, verify_pack
from assaymark.pipeline import assess_folder
from assaymark.signing.problems import DoesNotVerify
from assaymark.system.system import Signatory as Named
from assaymark.system.system import SignOff, System

BOB = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bob").digest())


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that nobody has signed off."""
    path = tmp_path / "x.assaypack"
    path.write_bytes(real_pack(signed_off=False))
    return path


def members(path: Path) -> dict[str, bytes]:
    """The members, by Python's own reader."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def signed(path: Path, by: Signatory) -> str:
    """The name of the member that signing adds."""
    with alone(path) as one:
        return add_sign_off(path, one, "shop-assistant", by)


def bob() -> Signatory:
    """Another person with another key."""
    return replace(sign_off(role="System Operator", name="Bob Example"), key=BOB)


def test_all_else_stays_as_it_was(pack: Path) -> None:
    """One member more, the rest byte for byte, and the whole verifies with both names."""
    before = members(pack)
    names = {signed(pack, sign_off()), signed(pack, bob())}
    after = members(pack)
    found = verify_pack(pack, Asked(now=NOW.replace(hour=18)))

    assert after.keys() - before.keys() == names
    assert {name: after[name] for name in before} == before
    assert found.problems == ()
    assert {s.name for s in found.signatures if s.kind == "sign-off"} == {"Ada Example", "Bob Example"}


def test_signing_later_gives_the_bytes_of_signing_at_once(pack: Path) -> None:
    """However it came to be, the same content is the same file."""
    signed(pack, sign_off())

    assert pack.read_bytes() == real_pack(signed_off=True)


def test_the_order_of_signing_does_not_show(pack: Path, tmp_path: Path) -> None:
    """Two persons, either first."""
    other = tmp_path / "other"
    other.write_bytes(pack.read_bytes())
    signed(pack, sign_off())
    signed(pack, bob())
    signed(other, bob())
    signed(other, sign_off())

    assert pack.read_bytes() == other.read_bytes()


def test_a_key_signs_once(pack: Path) -> None:
    """A second time is refused and changes nothing."""
    signed(pack, sign_off())
    before = pack.read_bytes()

    with pytest.raises(UsageError, match="already"):
        signed(pack, sign_off(role="System Operator"))
    assert pack.read_bytes() == before


def test_a_pack_that_does_not_verify_is_not_signed(pack: Path) -> None:
    """One byte of the report is enough; the place is named."""
    data = bytearray(pack.read_bytes())
    at = data.index(b'"edition"')
    data[at] ^= 1
    pack.write_bytes(data)

    with pytest.raises(DoesNotVerify, match="does not verify"):
        verified(pack)


def test_sign_offs_that_are_still_missing_do_not_stop_the_first(tmp_path: Path) -> None:
    """A manifest may ask for two: somebody has to be the first, and verifying asks for the other."""
    one = Supplier(tmp_path)
    manifest = one.root / "assaymark.yaml"
    keys = [key.public_key().public_bytes_raw().hex() for key in (ADA, BOB)]
    manifest.write_text(
        f"{manifest.read_text()}signatories:\n"
        f"  - {{name: Ada Example, role: Developer, key: '{keys[0]}'}}\n"
        f"  - {{name: Bob Example, role: System Operator, key: '{keys[1]}'}}\n"
        "sign_off: {roles: [Developer, System Operator], four_eyes: true}\n"
    )
    one.assessment = assess_folder(one.root, one.places, now=NOW, jobs=1)
    pack = one.pack(tmp_path / "x")

    assert not verify_pack(pack, Asked(now=NOW)).ok
    assert verified(pack).assessment is not None
    signed(pack, sign_off())
    verified(pack)
    signed(pack, bob())
    assert verify_pack(pack, Asked(now=NOW.replace(hour=18))).problems == ()


ADAS = Named(name="Ada Example", role="Developer", key=ADA.public_key().public_bytes_raw().hex())


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (sign_off(role="Assessor"), "wrong role"),
        (bob(), "none of those named"),
        (sign_off(name="Eve Example"), "key is that of"),
        (sign_off(role="King"), "no such role"),
        (sign_off(name=" "), "no person"),
    ],
)
def test_a_sign_off_that_would_not_count_is_refused(by: Signatory, why: str) -> None:
    """By what the manifest says of keys, names and roles."""
    with pytest.raises(UsageError, match=why):
        refuse_wrong_role(by, System(name="x", signatories=(ADAS,), sign_off=SignOff(roles=("Developer",))))


def test_without_signatories_any_key_may_sign() -> None:
    """The receiver then has to know whose it is."""
    refuse_wrong_role(bob(), System(name="x"))


def test_a_pack_replaced_meanwhile_is_not_overwritten(pack: Path, tmp_path: Path) -> None:
    """Whoever waited for another sign-off has to look again."""
    entered = threading.Event()
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            entered.set()
            with alone(pack):
                pass
        except AssaymarkError as error:
            errors.append(error)

    with alone(pack):
        waiting = threading.Thread(target=wait)
        waiting.start()
        entered.wait(10)
        while not _waited_for(pack):
            pass
        new = tmp_path / "new"
        new.write_bytes(b"new")
        new.replace(pack)
    waiting.join(10)

    assert [str(e).splitlines()[0] for e in errors] == [f"{pack} was replaced just now."]
    assert pack.read_bytes() == b"new"


def _waited_for(path: Path) -> bool:
    """Whether somebody waits for the lock on the file, as the kernel lists it."""
    inode = path.stat().st_ino
    return any("->" in line and f":{inode} " in line for line in Path("/proc/locks").read_text().splitlines())


def test_the_member_is_named_after_the_key() -> None:
    """So that a key has one."""
    digest = hashlib.sha256(ADA.public_key().public_bytes_raw()).hexdigest()

    assert member_of(ADA.public_key().public_bytes_raw()) == f"sign-offs/{digest[:16]}.dsse.json"

"""Sums files."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signing.samples import write_files

from assaymark.signing.manifest import Resource
from assaymark.signing.names import name_fault
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.sums import decode_sums, encode_sums, guess_algorithm

DIGEST = "ab" * 32
names = st.text(min_size=1, max_size=8).filter(
    lambda name: not name_fault(name) and not name.startswith("./")
)


@given(st.sets(names, min_size=1, max_size=5))
def test_a_sums_file_reads_back(listed: set[str]) -> None:
    """Whatever the names, line feeds and spaces included."""
    resources = tuple(Resource(name, DIGEST) for name in sorted(listed))
    assert decode_sums(encode_sums(resources)).resources == resources


def test_coreutils_read_what_we_write(tmp_path: Path) -> None:
    """And write what we read; with names that need care."""
    files = {"a b": b"1", "x\ny": b"2", " lead": b"3", "模型": b"4", "c*d": b"5", "r\rs": b"6", "-n": b"7"}
    write_files(tmp_path, files)
    ours = encode_sums(Resource(n, hashlib.sha256(d).hexdigest()) for n, d in files.items())
    done = subprocess.run(["sha256sum", "-c", "--strict"], input=ours, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    for command in (["sha256sum"], ["sha256sum", "-b"], ["sha256sum", "--tag"], ["sha512sum"], ["sha384sum"]):
        theirs = subprocess.run(
            [*command, "--", *files], cwd=tmp_path, capture_output=True, check=True
        ).stdout
        assert decode_sums(theirs).names == set(files)
    theirs = subprocess.run(["b2sum", "--", *files], cwd=tmp_path, capture_output=True, check=True).stdout
    assert {r.algorithm for r in decode_sums(theirs, guess_algorithm("B2SUMS")).resources} == {"blake2b"}
    assert shutil.which("sha256sum")


def test_comments_frames_and_other_line_ends_are_read() -> None:
    """As release managers write them."""
    signed = (
        "\ufeff-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n# release 1\r\n"
        f"{DIGEST}  ./a\r\n- {DIGEST} *b\r\n"
        "-----BEGIN PGP SIGNATURE-----\r\n\r\nxx\r\n-----END PGP SIGNATURE-----\r\n"
    )
    assert decode_sums(signed.encode()).names == {"a", "b"}
    assert decode_sums(f"{DIGEST.upper()}  a\n\n".encode()).resources == (Resource("a", DIGEST),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "lists no file"),
        ("# nothing", "lists no file"),
        ("hello", "Line 1 of the sums file is none"),
        (f"{DIGEST} a", "is none"),
        (f"{DIGEST}  /etc/passwd", "absolute"),
        (f"{DIGEST}  ../a", "leaves"),
        (f"\\{DIGEST}  a\\\\b", "backslash"),
        (f"{DIGEST}  a\\b", "backslash"),
        (f"{DIGEST}  a\n{DIGEST}  ./a", "twice"),
        (f"{'ab' * 16}  a", "no digest that can be checked"),
        (f"{'ab' * 20}  a", "no digest that can be checked"),
        (f"MD5 (a) = {'ab' * 16}", "no digest that can be checked"),
        (f"SHA512 (a) = {DIGEST}", "no digest that can be checked"),
    ],
)
def test_what_cannot_be_checked_is_refused(line: str, reason: str) -> None:
    """Weak digests, unsafe names, other text: not one line is passed over."""
    with pytest.raises(DoesNotVerify, match=reason):
        decode_sums(line.encode())


def test_other_bytes_are_refused() -> None:
    """No UTF-8."""
    with pytest.raises(DoesNotVerify, match="UTF-8"):
        decode_sums(b"\xff\xfe")


@given(st.text(max_size=200))
def test_any_text_is_a_sums_file_or_refused(text: str) -> None:
    """Nothing else is raised."""
    with pytest.raises(DoesNotVerify):
        decode_sums(text.encode())


def test_long_lines_do_not_take_long() -> None:
    """A megabyte of what nearly fits."""
    for line in ("a" * 1_000_000, "A (" * 300_000, f"{DIGEST}  " + "x" * 1_000_000, "\\" * 1_000_000):
        with pytest.raises(DoesNotVerify):
            decode_sums(line.encode())

"""Resource names."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.signing.names import covers, name_fault, parse_shard, shard_name

GOOD = (
    "a",
    "a/b.bin",
    "模型.bin",
    "file (copy).bin",
    ".config",
    "a:b",
    "C:file",
    "x\ny",
    "..a",
    "a..",
    "...",
)
BAD = {
    "": "empty",
    "/etc/passwd": "absolute",
    "C:/Windows": "absolute",
    "..": "leaves",
    "../x": "leaves",
    "a/../b": "leaves",
    "a/..": "leaves",
    "./a": "normalised",
    "a/./b": "normalised",
    "a//b": "normalised",
    "a/": "normalised",
    ".": "normalised",
    "..\\..\\x": "backslash",
    "a\\b": "backslash",
    "a\0b": "zero",
    "\ud800": "UTF-8",
    "a" * 5000: "longer",
}


@pytest.mark.parametrize("name", GOOD)
def test_plain_names_are_used_as_they_are(name: str) -> None:
    """Hidden files, spaces, other scripts and line feeds are names like others."""
    assert name_fault(name) == ""


@pytest.mark.parametrize("name", BAD, ids=range(len(BAD)))
def test_unsafe_names_say_why(name: str) -> None:
    """Whatever could mean another place, here or elsewhere, is refused."""
    assert BAD[name] in name_fault(name)


@given(st.text(alphabet="ab./\\:C\0", max_size=12))
def test_an_accepted_name_stays_inside(name: str) -> None:
    """Joined to a folder, an accepted name is below it and is its own normal form."""
    if not name_fault(name):
        joined = posixpath.normpath(posixpath.join("/folder", name))
        assert joined == f"/folder/{name}"


@given(st.text(min_size=1, max_size=20), st.integers(0, 2**60), st.integers(0, 2**60))
def test_a_shard_name_reads_back(name: str, start: int, end: int) -> None:
    """Also if the file's own name looks like a shard's."""
    assert parse_shard(shard_name(name, start, end)) == (name, start, end)


@pytest.mark.parametrize(
    "text", ["a", "a:0", ":0:1", "a:0:01", "a:-1:2", "a:0:1:", "a:0:" + "9" * 40, "a:٣:4"]
)
def test_other_text_names_no_shard(text: str) -> None:
    """Signs, leading zeros and digits of other scripts are not accepted."""
    assert parse_shard(text) is None


@given(
    st.lists(st.text(alphabet="ab/", min_size=1, max_size=5), max_size=4), st.text(alphabet="ab/", max_size=8)
)
def test_a_path_covers_itself_and_what_is_below(paths: list[str], name: str) -> None:
    """The same as comparing folder by folder, from the top."""
    expected = any(name == path or name.startswith(f"{path}/") for path in paths)
    assert covers(frozenset(paths), name) == expected

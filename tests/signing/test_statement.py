"""The signed statement."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.signing.samples import model, statement

from assaymark.signing.manifest import Manifest, Resource, Serialization, root_digest
from assaymark.signing.model import Plan, describe_model
from assaymark.signing.names import name_fault
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.statement import PREDICATE_BEFORE_1_0, decode, encode

DIGEST = "ab" * 32
names = st.text(max_size=8).filter(lambda name: not name_fault(name))
digests = st.binary(min_size=32, max_size=32)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def rooted(loaded: dict[str, Any]) -> bytes:
    """The statement with the root digest that its resources make."""
    rows = loaded["predicate"]["resources"]
    resources = tuple(Resource("", row["digest"]) for row in rows)
    loaded["subject"][0]["digest"]["sha256"] = root_digest(resources)
    return json.dumps(loaded).encode()


def sample(method: str = "files") -> dict[str, Any]:
    """A statement about two files, or about the shards of one."""
    how: dict[str, Any] = {"method": method, "hash_type": "sha256", "allow_symlinks": False}
    labels = ["a", "b/c"]
    if method == "shards":
        how["shard_size"] = 10
        labels = ["a:0:10", "a:10:15"]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": ""}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": how,
            "resources": [{"name": n, "algorithm": "sha256", "digest": DIGEST} for n in labels],
        },
    }


@given(st.dictionaries(names, digests, min_size=1, max_size=5), st.text(max_size=5))
def test_a_manifest_reads_back(files: dict[str, bytes], ignored: str) -> None:
    """Whatever the names, as long as they are safe and no file is a folder too."""
    assume(not any(one.startswith(f"{other}/") for one in files for other in files))
    resources = tuple(sorted(Resource(name, digest.hex()) for name, digest in files.items()))
    manifest = Manifest("m", resources, Serialization(ignore_paths=(ignored,) if ignored else ()))
    assert decode(encode(manifest)) == manifest


def test_the_same_model_makes_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of time or place is in it."""
    folder = model(tmp_path)
    assert encode(describe_model(folder).manifest) == encode(describe_model(folder).manifest)


def test_it_says_what_the_specification_asks_for(tmp_path: Path) -> None:
    """Field by field, for both methods."""
    files = statement(model(tmp_path))
    assert list(files) == ["_type", "subject", "predicateType", "predicate"]
    assert files["subject"][0]["name"] == "model"
    assert "shard_size" not in files["predicate"]["serialization"]
    shards = json.loads(encode(describe_model(tmp_path / "model", Plan(method="shards")).manifest))
    assert shards["predicate"]["serialization"]["shard_size"] == 1_000_000_000
    assert {row["algorithm"] for row in shards["predicate"]["resources"]} == {"sha256"}


def test_spellings_of_model_signing_are_read() -> None:
    """Floats, sharded algorithm names, its order, `.` for a single file; a note tells of it."""
    shards = sample("shards")
    shards["predicate"]["serialization"]["shard_size"] = 10.0
    for row in shards["predicate"]["resources"]:
        row["algorithm"] = "sha256-sharded-10"
    manifest = decode(rooted(shards))
    assert manifest.serialization.shard_size == 10
    assert not manifest.lists_empty_files
    assert "as model-signing 1.1.1 does" in manifest.notes[0]
    single = sample()
    single["predicate"]["resources"] = [{"name": ".", "algorithm": "sha256", "digest": DIGEST}]
    assert decode(rooted(single)).names == {"m"}
    turned = sample()
    turned["predicate"]["resources"].reverse()
    assert "order" in decode(rooted(turned)).notes[0]
    assert decode(rooted(sample())).notes == ()


def test_the_format_before_1_0_is_read() -> None:
    """Each file is a subject; a note asks to sign anew."""
    old = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a", "digest": {"sha256": DIGEST}}],
        "predicateType": PREDICATE_BEFORE_1_0,
        "predicate": {"unused": "x"},
    }
    assert decode(json.dumps(old).encode()).resources == (Resource("a", DIGEST),)
    assert "anew" in decode(json.dumps(old).encode()).notes[0]
    for subject in (
        [],
        [{"name": "../a", "digest": {"sha256": DIGEST}}],
        [{"name": "a", "digest": {"sha256": "x"}}],
    ):
        with pytest.raises(DoesNotVerify):
            decode(json.dumps(old | {"subject": subject}).encode())


def change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Set, or remove where `value` is None, what lies at `path`."""

    def apply(loaded: Any) -> None:
        *way, last = [int(p) if p.isdigit() else p for p in path.split("/")]
        for part in way:
            loaded = loaded[part]
        if value is None:
            del loaded[last]
        else:
            loaded[last] = value

    return apply


SERIALIZATION = "predicate/serialization"
FIRST = "predicate/resources/0"
FAULTS: list[tuple[str, str, object, str]] = [
    ("files", "_type", "https://in-toto.io/Statement/v0.1", "no in-toto Statement v1"),
    ("files", "_type", None, "no in-toto Statement v1"),
    ("files", "predicateType", "https://slsa.dev/provenance/v1", "unknown predicate"),
    ("files", "predicateType", 7, "unknown predicate"),
    ("files", "subject", [], "0 subjects"),
    ("files", "subject/0/name", None, "'name'"),
    ("files", "subject/0/digest", "x", "'digest'"),
    ("files", "predicate", None, "'predicate'"),
    ("files", SERIALIZATION, None, "'serialization'"),
    ("files", f"{SERIALIZATION}/method", "tensors", "unknown method"),
    ("files", f"{SERIALIZATION}/hash_type", "md5", "unknown hash algorithm"),
    ("files", f"{SERIALIZATION}/hash_type", "blake2b", "the statement says blake2b"),
    ("files", f"{SERIALIZATION}/shard_size", 10, "shard size 10"),
    ("shards", f"{SERIALIZATION}/shard_size", None, "shard size 0"),
    ("shards", f"{SERIALIZATION}/shard_size", 10.5, "'shard_size'"),
    ("shards", f"{SERIALIZATION}/shard_size", -1, "'shard_size'"),
    ("shards", f"{SERIALIZATION}/shard_size", True, "'shard_size'"),
    ("shards", f"{SERIALIZATION}/shard_size", "10", "'shard_size'"),
    ("files", f"{SERIALIZATION}/allow_symlinks", "yes", "'allow_symlinks'"),
    ("files", f"{SERIALIZATION}/ignore_paths", ["a", 1], "'ignore_paths'"),
    ("files", "predicate/resources", [], "no file at all"),
    ("files", "predicate/resources", {}, "'resources'"),
    ("files", FIRST, "a", "'name'"),
    ("files", f"{FIRST}/digest", "AB" * 32, "hexadecimal"),
    ("files", f"{FIRST}/digest", "ab" * 31, "length"),
    ("files", f"{FIRST}/name", "b/c", "twice"),
    ("files", f"{FIRST}/name", "b", "as a file and as a folder"),
    ("files", f"{FIRST}/name", "../a", "unsafe name '../a'"),
    ("files", f"{FIRST}/name", "/a", "absolute"),
    ("files", f"{FIRST}/name", "a\\b", "backslash"),
    ("files", f"{FIRST}/name", "a//b", "normalised"),
    ("files", f"{FIRST}/name", ".", "normalised"),
    ("files", f"{FIRST}/name", "\x1b[2J/..", r"\\x1b"),
    ("shards", f"{FIRST}/name", "a", "names no shard"),
    ("shards", f"{FIRST}/name", "../a:0:10", "unsafe name"),
    ("shards", f"{FIRST}/name", "a:0:5", "do not join"),
    ("shards", f"{FIRST}/name", "a:0:20", "do not join"),
    ("shards", f"{FIRST}/name", "a:10:15", "do not join"),
    ("shards", f"{FIRST}/name", "b:10:20", "do not join"),
    ("shards", f"{FIRST}/name", "b:5:0", "do not join"),
    ("shards", "predicate/resources/1/name", "a:10:10", "do not join"),
    ("shards", "predicate/resources/1/name", "a:10:25", "do not join"),
    ("shards", "predicate/resources/1/name", "a:11:15", "do not join"),
]


@pytest.mark.parametrize(("method", "path", "value", "reason"), FAULTS)
def test_a_false_statement_says_what_is_false(method: str, path: str, value: object, reason: str) -> None:
    """Each alone, although the root digest is made to fit where it can."""
    loaded = sample(method)
    decode(rooted(loaded))
    change(path, value)(loaded)
    try:
        data = rooted(loaded)
    except (KeyError, TypeError, ValueError, IndexError):
        data = json.dumps(loaded).encode()
    with pytest.raises(DoesNotVerify, match=reason):
        decode(data)


def test_a_false_root_digest_is_told() -> None:
    """Both digests are named."""
    with pytest.raises(DoesNotVerify, match="root digest is '', its resources make"):
        decode(json.dumps(sample()).encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no valid JSON"),
        (b"[]", "no JSON object"),
        (b"\xff", "not UTF-8"),
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":NaN}', "NaN is no JSON"),
        (b"[" * 100_000, "no valid JSON"),
        (b'{"a":' * 100_000, "no valid JSON"),
        (b'{"a":1' + b"0" * 5000 + b"}", "no valid JSON"),
        (b'{"a":[' + b"[]," * 2_100_000 + b"[]]}", "more than 2,000,000 values"),
        (b'{"a":[' + b"1," * 8_100_000 + b"1]}", "more than 2,000,000 values"),
    ],
    ids=range(10),
)
def test_what_is_no_json_is_refused(data: bytes, reason: str) -> None:
    """Garbage, duplicate keys, depth and numbers without end."""
    with pytest.raises(DoesNotVerify, match=reason):
        decode(data)


@given(json_values)
def test_any_json_is_a_statement_or_refused(value: object) -> None:
    """Nothing else is raised."""
    data = json.dumps(value).encode()
    with pytest.raises(DoesNotVerify):
        decode(data)

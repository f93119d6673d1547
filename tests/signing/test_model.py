"""From a model to its manifest."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from tests.signing.samples import model, write_files

from assaymark.errors import AssaymarkError, NothingToAssess, UsageError
from assaymark.signing.cache import DigestCache
from assaymark.signing.manifest import Manifest, Resource, root_digest
from assaymark.signing.model import Hashed, Plan, describe_model, relative


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model."""
    return model(tmp_path)


def test_every_file_is_listed_with_its_digest(folder: Path) -> None:
    """In order; git's things and the signature itself are left out, and that is written down."""
    (folder / "model.sig").touch()
    hashed = describe_model(folder, signature=folder / "model.sig")
    assert hashed.manifest.resources == tuple(
        Resource(name, hashlib.sha256((folder / name).read_bytes()).hexdigest())
        for name in ("empty", "sub/config.json", "weights.bin")
    )
    assert hashed.manifest.model == "model"
    left_out = (".git", ".gitattributes", ".github", ".gitignore", "model.sig")
    assert hashed.manifest.serialization.ignore_paths == left_out
    assert (hashed.files, hashed.size, hashed.bytes_read) == (3, 10242, 10242)


def test_the_root_digest_is_over_the_digests() -> None:
    """As the specification has it: raw, in order."""
    digests = [hashlib.sha256(bytes([n])).digest() for n in range(3)]
    resources = tuple(Resource(str(n), d.hex()) for n, d in enumerate(digests))
    assert root_digest(resources) == hashlib.sha256(b"".join(digests)).hexdigest()


def test_a_single_file_is_listed_by_its_name(folder: Path) -> None:
    """The specification says its base name; links on the way to what the user named are the user's."""
    (folder.parent / "link.bin").symlink_to(folder / "weights.bin")
    for path in (folder / "weights.bin", folder.parent / "link.bin"):
        manifest = describe_model(path, signature=folder / "x.sig").manifest
        assert [r.name for r in manifest.resources] == [path.name]
        assert manifest.model == path.name
        assert manifest.serialization.ignore_paths == ()


def test_a_signature_elsewhere_is_not_left_out(folder: Path) -> None:
    """Only what lies inside can be named."""
    assert relative(folder, folder.parent / "model.sig") == ""
    assert relative(folder, folder) == ""
    assert relative(folder, folder / "sub" / ".." / "x.sig") == "x.sig"
    manifest = describe_model(folder, signature=folder.parent / "weights.bin").manifest
    assert "weights.bin" in manifest.names


def test_the_name_is_that_of_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if it is called by a full stop."""
    monkeypatch.chdir(folder)
    assert describe_model(Path()).manifest.model == "model"


def test_the_plan_is_followed(folder: Path) -> None:
    """Shards, another algorithm, what to ignore, git's things."""
    shards = describe_model(folder, Plan(method="shards", shard_size=5000)).manifest
    assert [r.label for r in shards.resources][-3:] == [
        "weights.bin:0:5000",
        "weights.bin:10000:10240",
        "weights.bin:5000:10000",
    ]
    assert len(describe_model(folder, Plan(algorithm="blake2b")).manifest.resources[0].digest) == 128
    assert "sub/config.json" not in describe_model(folder, Plan(ignore=("sub",))).manifest.names
    assert ".git/HEAD" in describe_model(folder, Plan(ignore_git=False)).manifest.names


@pytest.mark.parametrize(
    "plan",
    [
        Plan(method="tensors"),
        Plan(algorithm="sha512"),
        Plan(method="shards", shard_size=0),
        Plan(ignore=("../x",)),
        Plan(ignore=("/tmp/x",)),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(folder: Path, plan: Plan) -> None:
    """With what would make sense."""
    with pytest.raises(UsageError):
        describe_model(folder, plan)


def test_nothing_is_not_signed(tmp_path: Path) -> None:
    """An empty folder, one that only git knows, none at all, a pipe."""
    (tmp_path / ".gitignore").touch()
    os.mkfifo(tmp_path.parent / "pipe")
    for path in (tmp_path, tmp_path / "none", tmp_path.parent / "pipe"):
        with pytest.raises(NothingToAssess):
            describe_model(path)
    (tmp_path.parent / "pipe").unlink()


def test_a_link_stops_signing_unless_links_are_followed(folder: Path) -> None:
    """By default nothing is signed that the name does not hold itself."""
    (folder / "l").symlink_to("weights.bin")
    with pytest.raises(AssaymarkError, match="l is a symbolic link"):
        describe_model(folder)
    manifest = describe_model(folder, Plan(allow_symlinks=True)).manifest
    assert "l" in manifest.names
    assert manifest.serialization.allow_symlinks
    (folder / "out").symlink_to("/etc/hostname")
    with pytest.raises(AssaymarkError, match="out is a link out of the folder"):
        describe_model(folder, Plan(allow_symlinks=True))


def test_a_file_that_changes_stops_signing(folder: Path) -> None:
    """There is no half manifest."""

    def change(_: int) -> None:
        with (folder / "weights.bin").open("ab") as out:
            out.write(b"x")

    with pytest.raises(AssaymarkError, match=r"weights\.bin changed"):
        describe_model(folder, Plan(workers=1), told=change)


def test_what_the_caller_has_hashed_is_not_read_again(folder: Path) -> None:
    """A scan's digests are taken as they are; they have to be digests."""
    given = {"weights.bin": "ab" * 32, "unknown": "x"}
    hashed = describe_model(folder, digests=given)
    assert hashed.bytes_read == 2
    assert hashed.manifest.resources[2] == Resource("weights.bin", "ab" * 32)
    with pytest.raises(UsageError, match=r"weights\.bin has not the length"):
        describe_model(folder, digests={"weights.bin": "abc"})
    assert describe_model(folder, Plan(method="shards"), digests=given).bytes_read == 10242
    assert describe_model(folder, Plan(algorithm="blake2b"), digests=given).bytes_read == 10242


def again(folder: Path, cache: DigestCache, earlier: Manifest | None = None) -> Hashed:
    """Describe with what is remembered from a run that saw the files settled."""
    return describe_model(folder, cache=DigestCache(cache.encode()), earlier=earlier)


@pytest.fixture
def cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DigestCache:
    """What a first run remembered, an hour later."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3600 * 10**9)
    cache = DigestCache()
    describe_model(folder, cache=cache)
    return cache


def test_signing_again_reads_what_changed(folder: Path, cache: DigestCache) -> None:
    """A new README costs a README; the manifest is the one that reading everything gives."""
    assert again(folder, cache).bytes_read == 0
    (folder / "README.md").write_text("new")
    (folder / "sub" / "config.json").write_text("[]")
    hashed = again(folder, cache)
    assert hashed.bytes_read == 5
    assert hashed.manifest == describe_model(folder).manifest


def test_a_forged_time_does_not_hide_a_change(folder: Path, cache: DigestCache) -> None:
    """Same size, same time of change: the time of status change tells."""
    path = folder / "weights.bin"
    before = path.stat()
    path.write_bytes(bytes(10240))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert again(folder, cache).manifest == describe_model(folder).manifest


def test_an_earlier_manifest_that_contradicts_makes_us_read(folder: Path, cache: DigestCache) -> None:
    """Two memories that differ are none."""
    earlier = describe_model(folder).manifest
    assert again(folder, cache, earlier).bytes_read == 0
    wrong = Manifest("model", (*earlier.resources[:2], Resource("weights.bin", "ab" * 32)))
    assert again(folder, cache, wrong).bytes_read == 10240


def test_unusual_names_are_signed(tmp_path: Path) -> None:
    """Spaces, other scripts, line feeds, colons."""
    write_files(tmp_path / "m", dict.fromkeys(["a b", "模型.bin", "x\ny", "c:1:2"], b"x"))
    assert describe_model(tmp_path / "m").manifest.names == {"a b", "模型.bin", "x\ny", "c:1:2"}
    shards = describe_model(tmp_path / "m", Plan(method="shards")).manifest
    assert shards.names == {"a b", "模型.bin", "x\ny", "c:1:2"}

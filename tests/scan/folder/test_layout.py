"""The hub's cache and links."""

import hashlib

from tests.scan.folder.side_by_side import CONFIG, WEIGHTS, rules

REPO = "models--a--b"
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()
SNAPSHOT = f"{REPO}/snapshots/{'1' * 40}"
FILES = {f"{REPO}/blobs/{DIGEST}": WEIGHTS, f"{REPO}/refs/main": "1" * 40, f"{SNAPSHOT}/config.json": CONFIG}
LINKS = {f"{SNAPSHOT}/model.safetensors": f"../../blobs/{DIGEST}"}


def test_an_unchanged_cache_raises_nothing() -> None:
    """Links lead to blobs of the same repository, whose names are their digests."""
    assert rules(FILES, LINKS) == set()


def test_a_snapshot_is_a_folder_of_its_own() -> None:
    """Rules see the weights under the name that the link has."""
    files = {**FILES, f"{SNAPSHOT}/handler.py": "import os\nos.system('x')\n"}

    assert (f"{SNAPSHOT}/handler.py", "code-acts-on-load", "dangerous") in rules(files, LINKS)


def test_a_changed_blob_is_unknown() -> None:
    """What was fetched had the digest in the name."""
    files = {**FILES, f"{REPO}/blobs/{'0' * 64}": WEIGHTS}

    assert rules(files, LINKS) == {(f"{REPO}/blobs/{'0' * 64}", "folder-cache-changed", "unknown")}


def test_a_branch_without_its_snapshot_is_noted() -> None:
    """The reference names a revision that is not there."""
    files = {**FILES, f"{REPO}/refs/main": "2" * 40}

    assert rules(files, LINKS) == {(f"{REPO}/refs/main", "folder-cache-revision", "note")}


def test_links_that_leave_are_unknown() -> None:
    """Absolute targets and those above the root; a link inside is nothing to tell."""
    links = {"m/a": "/etc/passwd", "m/b": "../../x", "m/c": "../m/config.json", "d": "m"}

    assert rules({"m/config.json": CONFIG}, links) == {
        ("m/a", "folder-link-leaves", "unknown"),
        ("m/b", "folder-link-leaves", "unknown"),
    }

"""Where things are kept."""

from pathlib import Path

import pytest

from assaymark._cli.places import cache_path, key_path, ledger_path


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, with nothing set."""
    for name in ("ASSAYMARK_STATE_DIR", "ASSAYMARK_CACHE_DIR", "ASSAYMARK_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system."""
    place = tmp_path / "system"
    place.mkdir()
    return place


def test_a_folder_without_assurance_is_not_written_to(root: Path, tmp_path: Path) -> None:
    """Its ledger lies in the user's state, apart from those of other folders."""
    path = ledger_path(root)
    assert path.is_relative_to(tmp_path / "home/.local/state/assaymark/ledgers")
    assert path != ledger_path(tmp_path)
    assert cache_path(root).is_relative_to(tmp_path / "home/.cache/assaymark")
    assert key_path() == tmp_path / "home/.config/assaymark/keys/ledger.pem"


def test_two_paths_to_one_folder_share_a_ledger(root: Path, tmp_path: Path) -> None:
    """A link, or a path with dots in it, is the same folder."""
    (tmp_path / "link").symlink_to(root)
    assert ledger_path(tmp_path / "link") == ledger_path(root) == ledger_path(root / ".." / "system")


def test_a_system_with_assurance_keeps_its_ledger_there(root: Path) -> None:
    """So that it can be handed over with the system."""
    (root / "assurance").mkdir()
    assert ledger_path(root) == root / "assurance" / "ledger"


def test_a_ledger_of_version_1_goes_on_under_its_name(root: Path) -> None:
    """Also while its conversion is interrupted, and afterwards as a folder; a new one comes first."""
    old = root / "assurance" / "ledger.db"
    old.parent.mkdir()
    old.touch()
    assert ledger_path(root) == old
    old.rename(old.with_name("ledger.db.v1"))
    assert ledger_path(root) == root / "assurance" / "ledger"
    old.with_name(".ledger.db.converting").mkdir()
    assert ledger_path(root) == old
    old.with_name(".ledger.db.converting").rename(old)
    assert ledger_path(root) == old
    (root / "assurance" / "ledger").mkdir()
    assert ledger_path(root) == root / "assurance" / "ledger"


def test_a_ledger_begun_elsewhere_goes_on_there(root: Path) -> None:
    """Making the folder later does not cut its history off; a ledger inside comes first."""
    outside = ledger_path(root)
    outside.mkdir(parents=True)
    (root / "assurance").mkdir()
    assert ledger_path(root) == outside
    (root / "assurance" / "ledger").mkdir()
    assert ledger_path(root) == root / "assurance" / "ledger"


def test_each_place_can_be_named(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By our own variables first, then by those of the XDG specification, if absolute."""
    (root / "assurance").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert cache_path(root).is_relative_to(tmp_path / "c" / "assaymark")
    assert key_path().is_relative_to(tmp_path / "home")
    monkeypatch.setenv("ASSAYMARK_STATE_DIR", str(tmp_path / "s"))
    monkeypatch.setenv("ASSAYMARK_CACHE_DIR", str(tmp_path / "d"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "k.pem"))
    assert ledger_path(root).is_relative_to(tmp_path / "s" / "ledgers")
    assert cache_path(root).is_relative_to(tmp_path / "d")
    assert key_path() == tmp_path / "k.pem"

"""Where Assaymark keeps what it writes, outside and inside the assessed folder."""

import hashlib
import os
from pathlib import Path

__all__ = ["cache_path", "content_path", "key_path", "keyring_path", "ledger_path"]


def ledger_path(root: Path) -> Path:
    """The ledger of the system at `root`: in its ``assurance/`` if it has that folder, else in our state.

    A ledger that was begun in our state stays there, so that a folder made later does not cut its history
    off. ``ASSAYMARK_STATE_DIR`` takes precedence over all, so that a read-only tree can be assessed.
    A link named ``assurance`` is not followed: it could make us write anywhere.
    """
    override = os.environ.get("ASSAYMARK_STATE_DIR", "")
    state = Path(override) if override else _base("XDG_STATE_HOME", ".local/state")
    folder = root / "assurance"
    outside = _in(state / "ledgers" / _name(root))
    if override or folder.is_symlink() or not folder.is_dir():
        return outside
    inside = _in(folder)
    return inside if os.path.lexists(inside) or not os.path.lexists(outside) else outside


def cache_path(root: Path) -> Path:
    """Folder for digests and facts that can be made again at any time."""
    override = os.environ.get("ASSAYMARK_CACHE_DIR", "")
    return (Path(override) if override else _base("XDG_CACHE_HOME", ".cache")) / _name(root)


def key_path() -> Path:
    """The key that signs for this machine."""
    override = os.environ.get("ASSAYMARK_KEY", "")
    return Path(override) if override else _base("XDG_CONFIG_HOME", ".config") / "keys" / "ledger.pem"


def keyring_path() -> Path:
    """Folder of the keys with which persons sign in their roles."""
    override = os.environ.get("ASSAYMARK_KEYRING", "")
    return Path(override) if override else _base("XDG_CONFIG_HOME", ".config") / "keys"


def _in(folder: Path) -> Path:
    """The ledger's path in `folder`: a ledger of version 1 goes on under its old name, also as a folder."""
    path, old = folder / "ledger", folder / "ledger.db"
    begun = os.path.lexists(old) or os.path.lexists(folder / ".ledger.db.converting")
    return old if begun and not os.path.lexists(path) else path


def content_path(origin: str) -> Path:
    """Folder of the content kept for the ledger of that origin.

    Never in the assessed tree: what Git has copied cannot be erased.
    """
    override = os.environ.get("ASSAYMARK_CONTENT_DIR", "")
    base = Path(override) if override else _base("XDG_STATE_HOME", ".local/state") / "content"
    return base / hashlib.sha256(origin.encode()).hexdigest()[:16]


def _base(variable: str, default: str) -> Path:
    # The XDG base directory specification: a relative path there is invalid and is ignored.
    stated = Path(os.environ.get(variable, ""))
    return (stated if stated.is_absolute() else Path.home() / default) / "assaymark"


def _name(root: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]

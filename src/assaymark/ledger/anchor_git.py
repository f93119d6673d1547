"""Signed heads in a Git repository that somebody else holds a copy of.

One file for each head, ``assaymark-heads/LOG/SIZE.checkpoint``. They are read from what was committed, not
from the working tree. The repository's hooks do not run.
"""

import re
import subprocess
from pathlib import Path

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.note import MAX_NOTE

__all__ = ["commit_head", "heads_in_repository", "heads_of", "is_repository"]

_FOLDER = "assaymark-heads"
_SECONDS = 60
_MAX_HEADS = 1_000
_BLOB = re.compile(rb"100644 blob ([0-9a-f]{40,64})\t(.+\.checkpoint)")


def is_repository(path: Path) -> bool:
    """Whether `path` is the top of a Git repository, bare or with a working tree."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def commit_head(repository: Path, note: str) -> Path:
    """Commit the head into the repository, and nothing else; returns the file's path in it.

    Raises:
        AssaymarkError: it is no repository with a working tree, holds another head of that size, or Git
            refuses.
    """
    head = parse(note)
    if not (repository / ".git").exists():
        raise AssaymarkError(f"{repository} is no Git repository with files.", "Name its topmost folder.")
    name = Path(_FOLDER, _slug(head.origin), f"{head.size}.checkpoint")
    place = repository / name
    _stay_inside(repository, place)
    if place.exists() and not _says(place, head.root):
        raise AssaymarkError(
            f"{place} is something else than this head: another head of this log with {head.size} entries,"
            " or none.",
            "Run `assaymark log verify` with it: this log, or the one before, was changed.",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(note.encode())
    _git(repository, "add", "--", str(name))
    if _git(repository, "status", "--porcelain", "--", str(name)):
        message = f"Head of the log {head.origin}: {head.size} entries"
        _git(repository, "commit", "--quiet", "--no-verify", "-m", message, "--only", "--", str(name))
    return name


def heads_of(repository: Path, origin: str) -> tuple[str, ...]:
    """The heads of that log which were committed, smallest first; none in a repository that has none yet."""
    if not is_repository(repository):
        raise AssaymarkError(f"{repository} is no Git repository.", "Name its topmost folder.")
    if not _git(repository, "for-each-ref", "--count=1") or not _listed(repository):
        return ()
    return tuple(note for note in heads_in_repository(repository) if _origin(note) == origin)


def heads_in_repository(repository: Path) -> tuple[str, ...]:
    """The heads that were committed, of whatever log, smallest first.

    Raises:
        AssaymarkError: Git cannot read it, or there are none.
    """
    blobs = _listed(repository)
    if not blobs:
        raise AssaymarkError(
            f"No heads of logs are committed in {repository}.", "Put them there with `log anchor --git`."
        )
    if len(blobs) > _MAX_HEADS:
        raise AssaymarkError(
            f"{repository} holds {len(blobs):,} heads; {_MAX_HEADS:,} are read.", "Name a single one."
        )
    notes = [
        _git(repository, "cat-file", "blob", blob)[:MAX_NOTE].decode("utf-8", "replace") for blob in blobs
    ]
    return tuple(sorted(notes, key=_size))


def _listed(repository: Path) -> list[str]:
    lines = _git(repository, "ls-tree", "-r", "-z", "HEAD", f"{_FOLDER}/").split(b"\0")
    return [match.group(1).decode() for line in lines if (match := _BLOB.fullmatch(line))]


def _origin(note: str) -> str:
    try:
        return parse(note).origin
    except ValueError:
        return ""


def _size(note: str) -> int:
    try:
        return parse(note).size
    except ValueError:
        return -1


def _slug(origin: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", origin).lstrip(".-")[:100] or "log"


def _stay_inside(repository: Path, place: Path) -> None:
    """A repository may hold a link where our folder should be."""
    if place.resolve() != repository.resolve() / place.relative_to(repository):
        raise AssaymarkError(f"{place} is a link, or lies behind one.", "Remove the link.")


def _says(place: Path, root: bytes) -> bool:
    try:
        return parse(place.read_text(encoding="utf-8")).root == root
    except (OSError, ValueError):
        return False


def _git(repository: Path, *arguments: str) -> bytes:
    settings = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.autocrlf=false")
    try:
        done = subprocess.run(  # noqa: S603  the program and its options are ours
            ["git", "-C", str(repository), *settings, *arguments],  # noqa: S607  the user's own git
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr[:300].decode("utf-8", "replace").strip()
        raise AssaymarkError(f"Git refuses in {repository}: {said}", "Put it right there.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssaymarkError(f"Git cannot be used: {error}.", "Install git, or anchor to a file.") from error
    return done.stdout

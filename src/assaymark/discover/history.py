"""The git history → facts: its extent, the trails of what matters, and safeguards that it removed.

Nothing of the assessed repository is run or obeyed (see `history_git`); what could not be read is
said in the `History` fact.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from assaymark.discover.history_git import Git, GitFailedError, borrowed
from assaymark.discover.history_log import LOG_FORMAT, Commit, Patch, change_of, parse_log, parse_patches
from assaymark.discover.history_paths import trail_subject
from assaymark.discover.history_repository import Repository, find_repository
from assaymark.discover.history_safeguards import (
    Candidate,
    deleted_tests,
    is_searched,
    model_value,
    removed_lines,
    still_there,
)
from assaymark.observation import Location
from assaymark.scan.facts import Change, Fact, History, RemovedSafeguard, Trail

__all__ = ["MAX_COMMITS", "MAX_SECONDS", "history_key", "read_history"]

MAX_COMMITS = 2000
"""Commits that are read, newest first."""
MAX_SECONDS = 8.0
"""Time after which reading stops and says so."""
MAX_TRAILS = 500
MAX_CHANGES = 100
MAX_TAGS = 200
MAX_REMOVED = 100
MAX_TOKENS = 200
"""Distinct removed lines that are looked for at HEAD."""
_LOG_BYTES = 32 << 20
_PATCH_BYTES = 48 << 20
MAX_SAME = 100
_VERSION = 2
_EVIDENCE = re.compile(
    r"assurance/(?:ledger(?:\.db[\w.]*|/.*)|(?:attestations|imports)/[^/]+\.(?:eval|jsonl?|sarif|spdx|ya?ml))\Z"
)
"""What is said of a version: committing it makes no other version."""
_AT = Location(".git")


class _Seen(Struct):
    """What was read so far; partial results stay when a later step fails."""

    commits: list[Commit]
    patches: list[Patch]
    tags: tuple[tuple[str, str], ...] = ()
    present: tuple[str, ...] = ()
    removed: list[Candidate] = []
    problems: tuple[str, ...] = ()


def history_key(root: Path, *, max_commits: int = MAX_COMMITS) -> str:
    """Digest of all that decides the answer of `read_history`; cheap, runs nothing."""
    found = find_repository(root)
    parts = (
        ("none",) if found is None else (found.head, found.prefix, found.shallow, found.tags, found.problem)
    )
    return hashlib.sha256(repr((_VERSION, max_commits, MAX_SECONDS, parts)).encode()).hexdigest()


def read_history(
    root: Path, *, max_commits: int = MAX_COMMITS, max_seconds: float = MAX_SECONDS
) -> tuple[Fact, ...]:
    """Facts from the history of the folder `root`: one `History`, and `Trail`s and `RemovedSafeguard`s.

    Args:
        root: the assessed folder, at or below the root of a git work tree.
        max_commits: how many commits are read, newest first.
        max_seconds: time allowed for all of git's work together.
    """
    repository = find_repository(root)
    if repository is None:
        return (History(at=_AT, available=False, problem="the folder is in no git repository"),)
    if repository.problem:
        return (History(at=_AT, available=False, problem=repository.problem),)
    seen = _Seen([], [])
    try:
        with borrowed(repository, root, seconds=max_seconds) as git:
            _read(git, repository, seen, max_commits)
    except GitFailedError as error:
        seen.problems = (*seen.problems, str(error))
    return _facts(repository, seen, max_commits)


def _read(git: Git, repository: Repository, seen: _Seen, max_commits: int) -> None:
    head, inside = repository.head, [repository.prefix] if repository.prefix else []
    within = [f":(literal){p}" for p in inside]
    common = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", f"--max-count={max_commits}")
    mark = f"%x1e{head}%x1e"
    data, cut = git.read(
        "log", *common, "-z", "--name-status", f"--format={mark}{LOG_FORMAT}", head, "--", *within,
        limit=_LOG_BYTES,
    )  # fmt: skip
    seen.commits = list(parse_log(data, head, repository.prefix))
    _note(seen, cut)
    data, cut = git.read("ls-tree", "-r", "-z", "--name-only", head, *inside, limit=_LOG_BYTES)
    names = data.decode("utf-8", "replace").split("\0")
    seen.present = tuple(n[len(repository.prefix) :] for n in names if n)
    _note(seen, cut)
    seen.tags = _tags(git, repository)
    data, cut = git.read(
        "log", *common, "--patch", "--unified=0", "--diff-filter=M", f"--format={mark}%H", head, "--",
        *within, limit=_PATCH_BYTES,
    )  # fmt: skip
    seen.patches = [p for p in parse_patches(data, head, repository.prefix) if is_searched(p.path)]
    _note(seen, cut)
    candidates = (*removed_lines(seen.patches), *deleted_tests(seen.commits, seen.present))
    lines = _present_lines(git, repository, [c.token for c in candidates])
    seen.removed = [c for c in candidates if not still_there(c, lines)]


def _note(seen: _Seen, problem: str) -> None:
    if problem and problem not in seen.problems:
        seen.problems = (*seen.problems, problem)


def _tags(git: Git, repository: Repository) -> tuple[tuple[str, str], ...]:
    """Tags with the date of the commit they name, newest first."""
    if not repository.tags:
        return ()
    wanted = "".join(f"{digest}^{{commit}}\n" for _, digest in repository.tags)
    data, _ = git.read("cat-file", "--batch", feed=wanted.encode(), limit=_LOG_BYTES)
    dated = []
    at = 0
    for name, _ in repository.tags:
        line, _, _ = data[at:].partition(b"\n")
        at += len(line) + 1
        words = line.split()
        if len(words) == 3 and words[1] == b"commit" and words[2].isdigit():
            size = int(words[2])
            dated.append((_committed(data[at : at + size]), name[:100]))
            at += size + 1
    dated.sort(reverse=True)
    return tuple((name, date) for date, name in dated[:MAX_TAGS] if date)


def _committed(commit: bytes) -> str:
    """The committer's date of a raw commit, ISO 8601 in UTC."""
    for line in commit.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(b"committer "):
            seconds = line.split()[-2:][0]
            if seconds.isdigit() and len(seconds) < 12:
                return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return ""


def _present_lines(git: Git, repository: Repository, tokens: Iterable[str]) -> dict[str, list[str]]:
    """Lines at HEAD that hold one of `tokens`, by path."""
    patterns = [part for token in sorted(set(tokens))[:MAX_TOKENS] for part in ("-e", token)]
    if not patterns:
        return {}
    data, _ = git.read(
        "grep", "-I", "-F", "-z", "--no-textconv", "--no-color", *patterns, repository.head, "--",
        *([f":(literal){repository.prefix}"] if repository.prefix else []), limit=_LOG_BYTES, fine=(0, 1),
    )  # fmt: skip
    start = f"{repository.head}:{repository.prefix}"
    found: dict[str, list[str]] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        name, _, text = line.partition("\0")
        if name.startswith(start) and is_searched(name):
            found.setdefault(name[len(start) :], []).append(text[:1000])
    return found


def _facts(repository: Repository, seen: _Seen, max_commits: int) -> tuple[Fact, ...]:
    by_id = {c.id: c for c in seen.commits}
    trails = _trails(seen, by_id)
    removed = [
        RemovedSafeguard(
            at=Location(c.path), kind=c.kind, text=c.text[:200], change=change_of(by_id[c.commit])
        )
        for c in seen.removed[:MAX_REMOVED]
        if c.commit in by_id
    ]
    return (_history(repository, seen, max_commits), *trails, *removed)


def _history(repository: Repository, seen: _Seen, max_commits: int) -> History:
    problems = list(seen.problems)
    if repository.shallow:
        problems.insert(
            0, f"it is shallow: nothing is known before {len(repository.shallow)} cut-off commits"
        )
    if len(seen.commits) >= max_commits:
        problems.append(f"only the newest {max_commits:,} commits were read")
    if not seen.commits and not problems:
        problems.append("no commit touches this folder")
    dates = sorted(c.date for c in seen.commits if c.date)
    return History(
        at=_AT, available=bool(seen.commits), problem="; ".join(problems), shallow=bool(repository.shallow),
        commits=len(seen.commits), first=dates[0] if dates else "", last=dates[-1] if dates else "",
        authors=_authors(seen.commits, dates[-1] if dates else ""), tags=seen.tags, head=repository.head,
        same=tuple(_same(repository.head, seen.commits))[:MAX_SAME],
    )  # fmt: skip


def _same(head: str, commits: Sequence[Commit]) -> Iterator[str]:
    """Commits that differ from `head` by evidence alone.

    As long as each commit names files it is no merge, so that the next one listed is its parent.
    """
    if commits and commits[0].id != head:
        yield commits[0].id  # nothing in this folder has changed since
    for commit, parent in pairwise(commits):
        if not commit.files or not all(_EVIDENCE.match(path) for path, _ in commit.files):
            return
        yield parent.id


def _authors(commits: Sequence[Commit], last: str) -> tuple[str, ...]:
    """Names in the twelve months before `last`, those with most commits first."""
    try:
        since = (datetime.fromisoformat(last) - timedelta(days=365)).date().isoformat()
    except (ValueError, OverflowError):
        since = ""
    counts: dict[str, int] = {}
    for commit in commits:
        if commit.date[:10] >= since:
            counts[commit.author] = counts.get(commit.author, 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:100])


def _trails(seen: _Seen, by_id: dict[str, Commit]) -> list[Trail]:
    """Trails of files that are there at HEAD, by subject; and of model settings within files."""
    present = frozenset(seen.present)
    touched: dict[tuple[str, str], list[Change]] = {}
    plain = functools.cache(lambda commit: change_of(by_id[commit]))
    for commit in seen.commits:
        for path, _ in commit.files:
            subject = trail_subject(path) if path in present else ""
            if subject:
                touched.setdefault((subject, path), []).append(plain(commit.id))
    for patch in seen.patches:
        value = model_value(patch) if patch.path in present else None
        if value is not None and patch.commit in by_id:
            touched.setdefault(("model-setting", patch.path), []).append(
                change_of(by_id[patch.commit], value)
            )
    ordered = sorted(touched.items(), key=lambda item: (_ORDER.index(item[0][0]), item[0][1]))
    return [
        Trail(
            at=Location(path), subject=subject, first=changes[-1].date, last=changes[0].date,
            changes=tuple(changes[:MAX_CHANGES]), total=len(changes),
        )
        for (subject, path), changes in ordered[:MAX_TRAILS]
    ]  # fmt: skip


_ORDER = ("prompt", "model-setting", "model", "data", "evaluation", "configuration", "document", "lockfile")
"""Which trails are kept when there are more than the bound."""

"""What the git history says, read without running anything of the repository."""

from msgspec import Struct

from assaymark.scan.facts._base import Fact

__all__ = [
    "Change",
    "History",
    "RemovedSafeguard",
    "Trail",
]


class Change(Struct, frozen=True):
    """One commit that touched a file."""

    commit: str
    date: str
    """ISO 8601, committer's."""
    author: str
    subject: str
    reasoned: bool
    """The message says why, or names a ticket, pull request, decision or risk record."""
    touches_risk: bool = False
    """The same commit touches a threat model, risk register or decision record."""
    touches_evaluation: bool = False
    """The same commit touches an evaluation, its results or its tests."""
    value: str = ""
    """For a model setting: the new value, where one line shows it."""


class History(Fact, frozen=True, kw_only=True):
    """The repository's history as a whole."""

    available: bool
    problem: str = ""
    """Why there is none, or why it is incomplete (shallow, corrupt, too long)."""
    shallow: bool = False
    commits: int = 0
    first: str = ""
    last: str = ""
    authors: tuple[str, ...] = ()
    """Names of those who committed in the last twelve months before `last`."""
    tags: tuple[tuple[str, str], ...] = ()
    """Tag and ISO date, newest first, at most two hundred."""
    head: str = ""
    same: tuple[str, ...] = ()
    """Earlier commits since which nothing but evidence was committed (attestations, imported reports, the
    ledger), newest first: what was true of them is true of `head`."""


class Trail(Fact, frozen=True, kw_only=True):
    """The change trail of one prompt, model, data manifest, configuration or document."""

    subject: str
    """prompt, model, model-setting, data, configuration, document, lockfile, evaluation."""
    first: str
    last: str
    changes: tuple[Change, ...]
    """Newest first, at most one hundred."""
    total: int


class RemovedSafeguard(Fact, frozen=True, kw_only=True):
    """A limit, authentication, test or guard that history removed and nothing brought back."""

    kind: str
    """rate-limit, authentication, test, guard, validation, approval, pinning, scan, limit."""
    text: str
    """The removed line or file, shortened."""
    change: Change

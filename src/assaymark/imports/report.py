"""What another tool's report says, in our words: the noun that every importer gives. Pure.

An importer reads bytes and nothing else. It says which tool spoke, of what version of what, and what that
means for which obligations. Whether the version is the present one is decided later, by digest: a report
about another version is stale, not evidence.
"""

from msgspec import Struct

from assaymark.observation import Certainty, Detail, Method, Outcome

__all__ = ["ImportedReport", "Statement", "Tested"]


class Tested(Struct, frozen=True, order=True):
    """One thing that the report says it looked at."""

    kind: str
    """`commit` (value: the id), `file`, `model`, `package` or `image` (value: a digest or a version);
    `archive`, which binds nothing: a file by which a package can be had (`pypi/requests@2.31.0`)."""
    name: str
    """Path, model name, package (`pypi/requests`) or image name; empty for a commit."""
    value: str
    """Git commit id, hexadecimal SHA-256, or version; empty if the report does not say."""


class Statement(Struct, frozen=True, kw_only=True):
    """What the report means for some obligations."""

    obligations: tuple[str, ...]
    """Obligation ids it speaks to, in the standard's order."""
    decisive: tuple[str, ...] = ()
    """Those for which `met` would be evidence enough; a tool's report alone seldom is."""
    outcome: Outcome
    summary: str
    """One sentence with the figures in it; it names no tool (the report does)."""
    details: tuple[Detail, ...] = ()
    """The findings, worst first; places are relative to the assessed root where the report gives them."""
    method: Method = Method.TEST
    certainty: Certainty = Certainty.TENTATIVE
    """`FIRM` only where the tool measured the thing itself; a heuristic's finding asks a person to judge."""
    fix: str = ""
    tested: tuple[Tested, ...] = ()
    """What this statement alone rests on, where that is less than the whole report."""


class ImportedReport(Struct, frozen=True, kw_only=True):
    """One report as read."""

    importer: str
    """Id of the importer, such as `import_sarif`; its `CheckInfo` says what it cannot see."""
    tool: str
    """Name of the producing tool, as the report gives it."""
    tool_version: str = ""
    made_at: str = ""
    """When it was made, ISO 8601, as far as the report says."""
    tested: tuple[Tested, ...] = ()
    """What it says it looked at; empty if it does not say."""
    statements: tuple[Statement, ...] = ()
    lists_parts: bool = False
    """Whether `tested` is a list of the system's parts, to be compared with those that are there."""
    problems: tuple[str, ...] = ()
    """What in it could not be read, one sentence each; the rest was."""

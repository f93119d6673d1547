"""What documents promise, the code does; what they point at is there."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from assaymark.asset import Tree
from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, joined
from assaymark.checks.document._contradictions import Reality, contradictions
from assaymark.scan.facts import (
    ActionUse,
    CiJob,
    Claim,
    ContainerBuild,
    Dependency,
    Document,
    DynamicExecution,
    Endpoint,
    HubReference,
    Limit,
    LlmCall,
    Lockfile,
    LogSite,
    Mechanism,
    ModelFile,
    SafeguardUse,
    ToolDefinition,
    TraceExport,
)
from assaymark.scan.paths import is_example_path, is_test_path, is_unpacked_release

_ABOUT_DATA = ("no-logging", "no-telemetry", "local-only")
_LINKED = {
    ".md",
    ".mdx",
    ".rst",
    ".py",
    ".ipynb",
    ".yaml",
    ".yml",
    ".json",
    ".toml",
    ".sh",
    ".txt",
    ".ts",
    ".js",
}
_MANY = 5
"""Missing files from which on a reader is led astray rather than inconvenienced."""


@check(supports=("5.2.4-1#1", "5.3.1-1", "5.3.1-2#1", "5.3.1-2.1"))
def documents_agree_with_the_code(
    claims: tuple[Claim, ...],
    documents: tuple[Document, ...],
    tree: Tree,
    actions: tuple[ActionUse, ...],
    jobs: tuple[CiJob, ...],
    containers: tuple[ContainerBuild, ...],
    dependencies: tuple[Dependency, ...],
    locks: tuple[Lockfile, ...],
    executions: tuple[DynamicExecution, ...],
    endpoints: tuple[Endpoint, ...],
    references: tuple[HubReference, ...],
    limits: tuple[Limit, ...],
    calls: tuple[LlmCall, ...],
    logs: tuple[LogSite, ...],
    mechanisms: tuple[Mechanism, ...],
    models: tuple[ModelFile, ...],
    safeguards: tuple[SafeguardUse, ...],
    tools: tuple[ToolDefinition, ...],
    traces: tuple[TraceExport, ...],
) -> Iterator[Finding]:
    """What documents promise, the code does; what they point at is there.

    Why: Operators and users build on what is written. A limit, a sandbox or a promise of privacy that
    the code does not keep is worse than none, because nobody looks for it any more.

    Fix: For each statement shown, either make the code do what it says, or correct the statement; mend
    or remove links and commands whose files are gone.

    Blind spots: Only plain statements are compared (limits, authentication, logging, sandboxes,
    pinning, approval, telemetry and the like), and only with the code in this tree: a gateway in front
    may enforce what the code does not. A person has to judge each contradiction.
    """
    reality = Reality(
        actions=actions, jobs=jobs, containers=containers, dependencies=dependencies, locks=locks,
        executions=executions, endpoints=endpoints, references=references, limits=limits, calls=calls,
        logs=logs, mechanisms=mechanisms, models=models, safeguards=safeguards, tools=tools, traces=traces,
    )  # fmt: skip
    own = [c for c in claims if _counts(c.at.path)]
    yield from _statements([c for c in own if c.subject != "feature"], reality)
    yield from _pointers([d for d in documents if _counts(d.at.path)], own, tree)


def _counts(path: str) -> bool:
    return not is_test_path(path) and not is_example_path(path)


def _statements(claims: list[Claim], reality: Reality) -> Iterator[Finding]:
    compared, details, subjects = 0, [], set()
    for claim in claims:
        against = contradictions(claim, reality)
        compared += against is not None
        if against:
            subjects.add(claim.subject)
            places = "1 place" if len(against) == 1 else f"{len(against)} places"
            details.append(at(f"“{claim.text[:160]}” is contradicted in {places}.", claim))
            details += against[:5]
    about = ("5.2.4-1#1", "5.3.1-2.1", *(("5.3.1-1",) if subjects & set(_ABOUT_DATA) else ()))
    if details:
        yield not_met(
            f"Statements that do not agree with the code: those on {joined(sorted(subjects))}; "
            f"compared: {compared}.",
            *capped(details),
            about=about,
            tentative=True,
        )
    elif compared:
        yield met(f"Statements compared with the code: {compared} of {len(claims)}; they agree.", about=about)
    elif claims:
        yield not_observable(
            f"Statements that could be compared with the code: none of {len(claims)}.", about=about
        )
    else:
        yield not_applicable("No document makes a statement that code could contradict.", about=about)


def _pointers(documents: list[Document], claims: list[Claim], tree: Tree) -> Iterator[Finding]:
    about = ("5.2.4-1#1", "5.3.1-2#1")
    known = {entry.path for entry in tree.files} | set(tree.unread)
    names = {PurePosixPath(path).name for path in known}
    links = [(d, link) for d in documents if not d.part for link in d.links if _is_file_link(link)]
    needed = [c for c in claims if c.subject == "feature"]
    gone = [
        at(f"Links to {link}, which is not there.", d) for d, link in links if _is_gone(link, known, names)
    ]
    gone += [
        at(f"`{c.text[:100]}` needs {c.value}, which is not there.", c)
        for c in needed
        if _is_gone(c.value, known, names)
    ]
    total = len(links) + len(needed)
    if gone and is_unpacked_release(known):
        summary = f"Files that documents point at and that this unpacked package leaves out: {len(gone)}."
        yield not_observable(summary, *capped(gone), about=about)
    elif len(gone) >= _MANY:
        summary = f"Files that documents point at and that are not in the tree: {len(gone)} of {total}."
        yield not_met(summary, *capped(gone), about=about, tentative=True)
    elif gone:
        summary = f"Files that documents point at and that are not in the tree: {len(gone)} of {total}."
        yield partly_met(summary, *capped(gone), about=about)
    elif total:
        yield met(f"Files that documents point at: {total}, each in the tree.", about=about)


def _is_file_link(link: str) -> bool:
    return PurePosixPath(link).suffix.lower() in _LINKED


def _is_gone(link: str, known: set[str], names: set[str]) -> bool:
    return link not in known and PurePosixPath(link).name not in names

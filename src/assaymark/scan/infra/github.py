"""GitHub Actions workflows → jobs, the actions they use, and what they could leak."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import ActionUse, CiJob, Fact
from assaymark.scan.infra.deeds import Step, action_step, script_step
from assaymark.scan.infra.jobs import JobShape, closure, gate
from assaymark.scan.yaml_reader import YamlDocument

__all__ = ["is_workflow", "scan_action", "scan_workflow"]

_SECRET = re.compile(r"\bsecrets(?:\.([A-Za-z_][A-Za-z0-9_]{0,80})|\[\s?['\"]([^'\"]{1,80})['\"]\s?\])")
_HASH = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z")
_PRIVILEGED = frozenset(
    {"pull_request_target", "issues", "issue_comment", "discussion", "discussion_comment", "workflow_run"}
)
"""Triggers that a stranger can pull and that run with the repository's secrets."""
_HEAD = re.compile(
    r"github\.event\.pull_request\.head\.|github\.head_ref|refs/pull/|github\.event\.workflow_run\.head_"
    r"|github\.event\.pull_request\.merge_commit_sha|github\.event\.(?:issue|pull_request)\.number"
)
_ATTACKER_TEXT = re.compile(
    r"\$\{\{[^}]{0,200}?github\.(?:head_ref\b|event\.(?:issue|pull_request|comment|review|review_comment|discussion"
    r"|workflow_run|pages|commits|head_commit)[\w.\[\]*]{0,60}\.(?:title|body|message|label|ref|head_branch"
    r"|name|email|default_branch|page_name)\b)"
)
_VETTED = re.compile(
    r"author_association|github\.actor\b|github\.triggering_actor|\.labels|label\.name|head\.repo\.full_name"
    r"|head_repository|user\.login|sender\.login|\.permission|workflow_run\.event\s?==\s?'push'|\.fork\b"
)
_STEPS_BOUND = 500


def is_workflow(path: str) -> bool:
    """Whether `path` is where GitHub looks for workflows."""
    folder, _, name = path.rpartition("/")
    return folder.endswith(".github/workflows") and name.endswith((".yml", ".yaml"))


def scan_workflow(path: str, document: YamlDocument) -> Iterator[Fact]:
    """The jobs of one workflow file, then the actions it uses."""
    flow = document.value
    if not isinstance(flow, dict) or not isinstance(flow.get("jobs"), dict):
        return
    jobs = {name: job for name, job in flow["jobs"].items() if isinstance(job, dict)}
    triggers = _triggers(flow.get("on"))
    shapes = {name: _shape(job) for name, job in jobs.items()}
    for name, job in jobs.items():
        yield _job(path, document, triggers, name, job, shapes)
    for name, job in jobs.items():
        yield from _uses(path, document, name, job)


def scan_action(path: str, document: YamlDocument) -> Iterator[Fact]:
    """The actions that a composite action of the repository uses."""
    runs = document.value.get("runs") if isinstance(document.value, dict) else None
    steps = runs.get("steps") if isinstance(runs, dict) else None
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict) and isinstance(step.get("uses"), str):
            yield from _use(step["uses"], Location(path, document.line("runs", "steps", index, "uses")))


def _triggers(on: Any) -> tuple[str, ...]:
    match on:
        case str():
            return (on,)
        case list() | dict():
            names = [str(name) for name in on]
            tags = [
                f"{name}:tags"
                for name in names
                if isinstance(on, dict) and isinstance(on[name], dict) and "tags" in on[name]
            ]
            return (*names, *tags)
    return ()


def _steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    steps = job.get("steps")
    return [s for s in steps[:_STEPS_BOUND] if isinstance(s, dict)] if isinstance(steps, list) else []


def _shape(job: dict[str, Any]) -> JobShape:
    steps = [_step(step) for step in _steps(job)]
    reused = job.get("uses")
    if isinstance(reused, str):  # a reusable workflow: its name is all that this file shows of it
        steps.append(
            script_step("./" + reused.partition("@")[0].rpartition("/")[2].rpartition(".")[0] + ".sh")
        )
        steps.append(action_step(reused.partition("@")[0], {}))
    return JobShape(
        steps=tuple(steps),
        needs=_names(job.get("needs")),
        waits_for_people=bool(job.get("environment")),
        always=any(w in str(job.get("if", "")) for w in ("always()", "failure()", "cancelled()")),
        tolerated=_yes(job.get("continue-on-error")),
    )


def _step(step: dict[str, Any]) -> Step:
    options = step.get("with")
    uses = step.get("uses")
    if isinstance(uses, str):
        found = action_step(uses.partition("@")[0], options if isinstance(options, dict) else {})
    else:
        found = script_step(str(step.get("run", "")))
    wanted = found.deeds & {"tests", "evaluates", "scans"}
    tolerated = found.tolerated or bool(wanted and _yes(step.get("continue-on-error")))
    return Step(found.deeds, found.scans, tolerated)


def _yes(value: Any) -> bool:
    return value is True or value == "true"


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _job(
    path: str,
    document: YamlDocument,
    triggers: tuple[str, ...],
    name: str,
    job: dict[str, Any],
    shapes: dict[str, JobShape],
) -> CiJob:
    flow = document.value
    secrets = _secrets(flow.get("env"), job)
    writes = _writes(flow, job)
    shape = shapes[name]
    deeds = shape.deeds
    powers = bool(secrets or writes)
    return CiJob(
        at=Location(path, document.line("jobs", name)),
        system="github",
        workflow=str(flow.get("name") or path.rpartition("/")[2]),
        name=name,
        triggers=triggers,
        needs=closure(name, shapes),
        tests="tests" in deeds,
        evaluates="evaluates" in deeds,
        scans=shape.scans,
        releases="releases" in deeds,
        deploys="deploys" in deeds,
        trains="trains" in deeds,
        validates_data="validates_data" in deeds,
        signs="signs" in deeds or ("id-token" in writes and _attests(job)),
        secrets=secrets,
        write_permissions=writes,
        runs_untrusted=powers and _runs_untrusted(triggers, job, name),
        gated=gate(
            name, shapes, after_workflow="workflow_run" in triggers and "conclusion" in str(job.get("if", ""))
        ),
        ignores_failure=shape.swallows,
    )


def _attests(job: dict[str, Any]) -> bool:
    """Whether the publishing action, which attests unless told not to, is used."""
    for step in _steps(job):
        options = step.get("with")
        told_not = isinstance(options, dict) and options.get("attestations") in (False, "false")
        if str(step.get("uses", "")).startswith("pypa/gh-action-pypi-publish") and not told_not:
            return True
    return False


def _secrets(env: Any, job: dict[str, Any]) -> tuple[str, ...]:
    text = f"{env} {job}"
    names = {a or b for a, b in _SECRET.findall(text)} - {"GITHUB_TOKEN"}
    if job.get("secrets") == "inherit" or "toJSON(secrets)" in text or "toJson(secrets)" in text:
        names.add("all")
    return tuple(sorted(names))


def _writes(flow: dict[str, Any], job: dict[str, Any]) -> tuple[str, ...]:
    permissions = job["permissions"] if "permissions" in job else flow.get("permissions", "unset")
    match permissions:
        case dict():
            return tuple(sorted(str(scope) for scope, level in permissions.items() if level == "write"))
        case "read-all" | None | "":
            return ()
    return ("all",)


def _runs_untrusted(triggers: tuple[str, ...], job: dict[str, Any], name: str) -> bool:
    pulled = _PRIVILEGED.intersection(triggers)
    if not pulled or _VETTED.search(str(job.get("if", ""))):
        return False
    for step in _steps(job):
        if _VETTED.search(str(step.get("if", ""))):
            continue
        if "run" in step and _ATTACKER_TEXT.search(str(step["run"])):
            return True
        if str(step.get("uses", "")).startswith("actions/github-script") and _ATTACKER_TEXT.search(
            str(step.get("with"))
        ):
            return True
        if (
            pulled & {"pull_request_target", "workflow_run", "issue_comment"}
            and _fetches_head(step)
            and _runs_after(job, step)
        ):
            return True
    return False


def _fetches_head(step: dict[str, Any]) -> bool:
    options = step.get("with")
    if str(step.get("uses", "")).startswith("actions/checkout") and isinstance(options, dict):
        return bool(_HEAD.search(str(options.get("ref", "")))) or "head.repo" in str(
            options.get("repository", "")
        )
    run = str(step.get("run", ""))
    return "gh pr checkout" in run or bool("git" in run and "refs/pull/" in run and "checkout" in run)


def _runs_after(job: dict[str, Any], fetch: dict[str, Any]) -> bool:
    """Whether anything is run once the stranger's code lies in the work folder."""
    steps = _steps(job)
    later = steps[steps.index(fetch) + 1 :] if "uses" in fetch else [fetch]
    return any("run" in step or str(step.get("uses", "")).startswith("./") for step in later)


def _uses(path: str, document: YamlDocument, name: str, job: dict[str, Any]) -> Iterator[Fact]:
    if isinstance(job.get("uses"), str):
        yield from _use(job["uses"], Location(path, document.line("jobs", name, "uses")))
    steps = job.get("steps")
    for index, step in enumerate(steps[:_STEPS_BOUND] if isinstance(steps, list) else ()):
        if isinstance(step, dict) and isinstance(step.get("uses"), str):
            yield from _use(step["uses"], Location(path, document.line("jobs", name, "steps", index, "uses")))


def _use(uses: str, place: Location) -> Iterator[Fact]:
    if uses.startswith(("./", "../")):
        return
    if uses.startswith("docker://"):
        name, _, version = uses.partition("@")
        yield ActionUse(at=place, name=name, version=version, pinned=version.startswith("sha256:"))
        return
    name, _, version = uses.partition("@")
    yield ActionUse(at=place, name=name, version=version, pinned=_HASH.match(version) is not None)

"""CircleCI, Azure Pipelines, Jenkins and plain scripts → jobs, as far as order and gates show."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import ActionUse, CiJob, Fact
from assaymark.scan.infra.deeds import Step, script_step
from assaymark.scan.infra.jobs import JobShape, closure, gate
from assaymark.scan.yaml_reader import YamlDocument

__all__ = ["scan_azure", "scan_circleci", "scan_makefile", "scan_script"]

_FULL_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")
_RULE = re.compile(r"^([A-Za-z0-9_.\-/]+(?:[ \t]+[A-Za-z0-9_.\-/]+)*)[ \t]*::?(?!=)([^\n#;]*)", re.MULTILINE)


def _fact(place: Location, system: str, workflow: str, name: str, shapes: dict[str, JobShape]) -> CiJob:
    shape = shapes[name]
    deeds = shape.deeds
    return CiJob(
        at=place,
        system=system,
        workflow=workflow,
        name=name,
        needs=closure(name, shapes),
        tests="tests" in deeds,
        evaluates="evaluates" in deeds,
        scans=shape.scans,
        releases="releases" in deeds,
        deploys="deploys" in deeds,
        trains="trains" in deeds,
        validates_data="validates_data" in deeds,
        signs="signs" in deeds,
        gated=gate(name, shapes),
        ignores_failure=shape.swallows,
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def scan_circleci(path: str, document: YamlDocument) -> Iterator[Fact]:
    """CircleCI: jobs, ordered by the `requires` of its workflows, and orbs."""
    top = _mapping(document.value)
    jobs = {n: j for n, j in _mapping(top.get("jobs")).items() if isinstance(j, dict)}
    needs: dict[str, set[str]] = {name: set() for name in jobs}
    people: set[str] = set()
    for flow in _mapping(top.get("workflows")).values():
        for entry in _items(_mapping(flow).get("jobs")):
            for name, options in entry.items() if isinstance(entry, dict) else ():
                needs.setdefault(name, set()).update(
                    str(r) for r in _items(_mapping(options).get("requires"))
                )
                people |= {name} if _mapping(options).get("type") == "approval" else set()
    shapes = {
        name: JobShape(
            steps=tuple(_circle_step(s) for s in _items(_mapping(jobs.get(name)).get("steps"))),
            needs=tuple(sorted(before)),
            waits_for_people=name in people,
        )
        for name, before in needs.items()
    }
    for name in jobs:
        yield _fact(Location(path, document.line("jobs", name)), "circleci", path, name, shapes)
    for orb in _mapping(top.get("orbs")).values():
        if isinstance(orb, str):
            name, _, version = orb.partition("@")
            pinned = _FULL_VERSION.match(version) is not None
            yield ActionUse(
                at=Location(path, document.line("orbs")), name=name, version=version, pinned=pinned
            )


def _circle_step(step: Any) -> Step:
    run = step.get("run") if isinstance(step, dict) else None
    return script_step(str(run.get("command", "")) if isinstance(run, dict) else str(run or ""))


def scan_azure(path: str, document: YamlDocument) -> Iterator[Fact]:
    """Azure Pipelines: jobs within stages, which follow one another unless `dependsOn` says otherwise."""
    top = _mapping(document.value)
    stages = _items(top.get("stages")) or [{"stage": "", "jobs": top.get("jobs"), "steps": top.get("steps")}]
    shapes: dict[str, JobShape] = {}
    previous: list[str] = []
    for stage in stages:
        names: list[str] = []
        jobs = _items(_mapping(stage).get("jobs")) or [
            {"job": "steps", "steps": _mapping(stage).get("steps")}
        ]
        for number, job in enumerate(jobs):
            job = _mapping(job)
            own = str(job.get("job") or job.get("deployment") or number)
            name = "/".join(filter(None, (str(_mapping(stage).get("stage") or ""), own)))
            depends = job.get("dependsOn")
            inner = [depends] if isinstance(depends, str) else [str(d) for d in _items(depends)]
            shapes[name] = JobShape(
                steps=tuple(_azure_step(s) for s in _azure_steps(job)),
                needs=(*previous, *(n for n in names if n.rpartition("/")[2] in inner)),
                waits_for_people="deployment" in job and bool(job.get("environment")),
            )
            names.append(name)
        previous = names
    for name in shapes:
        yield _fact(Location(path, document.line("stages")), "azure", path, name, shapes)


def _azure_steps(job: dict[str, Any]) -> list[Any]:
    rollout = _mapping(_mapping(_mapping(_mapping(job.get("strategy")).get("runOnce")).get("deploy")))
    return _items(job.get("steps")) + _items(rollout.get("steps"))


def _azure_step(step: Any) -> Step:
    step = _mapping(step)
    text = "\n".join(str(step[k]) for k in ("script", "bash", "pwsh", "powershell") if k in step)
    found = script_step(text)
    task = str(step.get("task", "")).lower()
    deeds = set(found.deeds)
    if task.startswith(
        ("azurewebapp", "azurefunctionapp", "kubernetesmanifest", "azurecontainerapps", "helmdeploy")
    ):
        deeds.add("deploys")
    if task.startswith(("docker@", "twineauthenticate")) and "push" in str(step.get("inputs", "")).lower():
        deeds.add("releases")
    tolerated = found.tolerated or (step.get("continueOnError") is True and "tests" in deeds)
    return Step(frozenset(deeds), found.scans, tolerated)


def scan_script(path: str, text: str) -> Iterator[Fact]:
    """A shell script or Jenkinsfile of the pipeline: one job, its lines as steps in order."""
    system = "jenkins" if path.rpartition("/")[2].startswith("Jenkinsfile") else "script"
    if system == "jenkins":
        lines = re.findall(r"\bsh\s{0,9}\(?\s{0,9}(?:script:\s{0,9})?['\"]{1,3}([^'\"]{1,4000})", text)
    else:
        lines = text.replace("\\\n", " ").split("\n")[:2_000]
    shape = JobShape(
        steps=tuple(s for s in map(script_step, lines) if s.deeds or s.tolerated),
        waits_for_people=system == "jenkins" and re.search(r"\binput\b[ \t]{0,9}[({'\"]?", text) is not None,
    )
    if shape.deeds:
        name = path.rpartition("/")[2]
        yield _fact(Location(path), system, path, name, {name: shape})


def scan_makefile(path: str, text: str) -> Iterator[Fact]:
    """A Makefile's rules that release, deploy or train, with the rules they depend on."""
    shapes: dict[str, JobShape] = {}
    lines: dict[str, int] = {}
    rules = list(_RULE.finditer(text))[:500]
    for number, rule in enumerate(rules):
        end = rules[number + 1].start() if number + 1 < len(rules) else len(text)
        recipe = text[rule.end() : end][:20_000].replace("\\\n", " ")
        steps = tuple(script_step(line.strip()) for line in recipe.split("\n") if line.startswith("\t"))
        for name in rule[1].split()[:20]:
            if not name.startswith(".") and steps:
                shapes[name] = JobShape(steps=steps, needs=tuple(rule[2].split()))
                lines[name] = text.count("\n", 0, rule.start()) + 1
    for name, shape in shapes.items():
        if shape.deeds & {"releases", "deploys", "trains", "evaluates", "validates_data"}:
            yield _fact(Location(path, lines[name]), "script", path, name, shapes)

"""GitLab CI → jobs and what they take from elsewhere."""

from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.facts import ActionUse, CiJob, Fact
from assaymark.scan.infra.deeds import script_step
from assaymark.scan.infra.jobs import JobShape, closure, gate
from assaymark.scan.yaml_reader import YamlDocument

__all__ = ["scan_gitlab"]

_KEYWORDS = frozenset(
    {"stages", "variables", "include", "default", "workflow", "image", "services", "before_script"}
    | {"after_script", "cache", "spec", "pages:deploy"}
)
_STAGES = ("build", "test", "deploy")
_TEMPLATES = {
    "SAST": "sast",
    "Secret-Detection": "secret-detection",
    "Dependency-Scanning": "dependency-scanning",
    "Container-Scanning": "container-scanning",
    "DAST": "dast",
}


def scan_gitlab(path: str, document: YamlDocument) -> Iterator[Fact]:
    """The jobs of one file, its includes and its images."""
    top = document.value
    if not isinstance(top, dict):
        return
    jobs = {
        name: _extended(top, job)
        for name, job in top.items()
        if isinstance(job, dict) and name not in _KEYWORDS and not name.startswith(".")
    }
    stages = top.get("stages") if isinstance(top.get("stages"), list) else list(_STAGES)
    shapes = _shapes(jobs, [str(s) for s in stages or ()])
    templates = _template_scans(top.get("include"))
    for name, job in jobs.items():
        yield _job(path, document, name, job, shapes)
    if templates:
        yield CiJob(
            at=Location(path, document.line("include")),
            system="gitlab",
            workflow=path,
            name="include",
            scans=templates,
        )
    yield from _taken(path, document, top, jobs)


def _extended(top: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """The job with what it `extends` filled in, three levels deep at most."""
    merged = dict(job)
    parents = job.get("extends")
    for _ in range(3):
        names = [parents] if isinstance(parents, str) else parents if isinstance(parents, list) else []
        parents = None
        for name in names:
            parent = top.get(str(name))
            if isinstance(parent, dict):
                merged = {**parent, **merged}
                parents = parent.get("extends")
    return merged


def _lines(value: Any) -> str:
    """A script, whether written as text, list or nested lists."""
    if isinstance(value, list):
        return "\n".join(str(v) if not isinstance(v, list) else "\n".join(map(str, v)) for v in value)
    return str(value) if value else ""


def _script(job: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for part in ("before_script", "script"):
        value = job.get(part)
        lines += [_lines(v) for v in value] if isinstance(value, list) else [_lines(value)]
    return [line for line in lines if line]


def _shapes(jobs: dict[str, dict[str, Any]], stages: list[str]) -> dict[str, JobShape]:
    rank = {stage: place for place, stage in enumerate([".pre", *stages, ".post"])}

    def place(job: dict[str, Any]) -> int:
        return rank.get(str(job.get("stage", "test")), len(rank))

    shapes = {}
    for name, job in jobs.items():
        needs = job.get("needs")
        if isinstance(needs, list):
            before = [str(n.get("job", "")) if isinstance(n, dict) else str(n) for n in needs]
        else:
            before = [other for other, o in jobs.items() if place(o) < place(job)]
        shapes[name] = JobShape(
            steps=tuple(script_step(line) for line in _script(job)),
            needs=tuple(before),
            waits_for_people=_manual(job),
            always=job.get("when") == "always",
            tolerated=job.get("allow_failure") is True,
        )
    return shapes


def _manual(job: dict[str, Any]) -> bool:
    rules = job.get("rules")
    when = [r.get("when") for r in rules if isinstance(r, dict)] if isinstance(rules, list) else []
    return job.get("when") == "manual" or (
        bool(when) and all(w in ("manual", "never") for w in when) and "manual" in when
    )


def _job(
    path: str, document: YamlDocument, name: str, job: dict[str, Any], shapes: dict[str, JobShape]
) -> CiJob:
    shape = shapes[name]
    deeds = shape.deeds
    return CiJob(
        at=Location(path, document.line(name)),
        system="gitlab",
        workflow=path,
        name=name,
        triggers=_triggers(job),
        needs=closure(name, shapes),
        tests="tests" in deeds,
        evaluates="evaluates" in deeds,
        scans=shape.scans,
        releases="releases" in deeds or "release" in job,
        deploys="deploys" in deeds,
        trains="trains" in deeds,
        validates_data="validates_data" in deeds,
        signs="signs" in deeds,
        gated=gate(name, shapes),
        ignores_failure=shape.swallows,
    )


def _triggers(job: dict[str, Any]) -> tuple[str, ...]:
    only = job.get("only")
    refs = only.get("refs") if isinstance(only, dict) else only
    return tuple(str(r) for r in refs) if isinstance(refs, list) else ()


def _includes(include: Any) -> list[Any]:
    return include if isinstance(include, list) else [include] if include else []


def _template_scans(include: Any) -> tuple[str, ...]:
    names = [str(i.get("template", "")) if isinstance(i, dict) else "" for i in _includes(include)]
    return tuple(scan for key, scan in _TEMPLATES.items() if any(key in name for name in names))


def _taken(
    path: str, document: YamlDocument, top: dict[str, Any], jobs: dict[str, dict[str, Any]]
) -> Iterator[Fact]:
    place = Location(path, document.line("include"))
    for one in _includes(top.get("include")):
        if isinstance(one, dict) and ("remote" in one or "project" in one):
            ref = str(one.get("ref", ""))
            pinned = (len(ref) == 40 and ref.isalnum()) or "integrity" in one
            yield ActionUse(
                at=place, name=str(one.get("project") or one.get("remote")), version=ref, pinned=pinned
            )
    for owner, holder in (("", top), *jobs.items()):
        image = holder.get("image")
        name = image.get("name") if isinstance(image, dict) else image
        if isinstance(name, str) and "$" not in name:
            where = document.line(owner, "image") if owner else document.line("image")
            yield ActionUse(
                at=Location(path, where),
                name=f"image {name.partition('@')[0]}",
                version=_tag(name),
                pinned="@sha256:" in name,
            )


def _tag(image: str) -> str:
    digest = image.partition("@")[2]
    return digest or image.rpartition("/")[2].partition(":")[2]

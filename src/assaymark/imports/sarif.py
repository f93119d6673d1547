"""SARIF 2.1.0 from any tool (OASIS Standard with Errata 01, 28 August 2023).

What counts as a finding: a result of kind `fail` (the default), `open` or `review` that no accepted
suppression covers (sections 3.27.9, 3.27.23, 3.35.3) and whose level is not `none`. Only rules that say they
are about security are weighed: by a tag `security`, a CWE, a property `security-severity`, or a tool that
does nothing else; what a linter says of style is no evidence. Without such a rule: `not observable`.

Findings are tentative: a static rule suspects, a person judges. No findings support, and never decide, that
releases are tested in a security assessment. Bound to `versionControlProvenance.revisionId`, else to the
digests of `artifacts[].hashes` of the files with findings.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from assaymark.imports.importer import Importer
from assaymark.imports.reading import capped, json_object, listed, mapping, number, told, words
from assaymark.imports.report import ImportedReport, Statement, Tested
from assaymark.observation import CheckInfo, Detail, Location, Method, Outcome

__all__ = ["IMPORTER"]

OBLIGATIONS = ("5.2.5-1#1", "5.2.5-2#1")
_MOST_RUNS = 100
_OWN = "assaymark"
"""What `assaymark assess` calls itself: its findings are in the assessment already."""
_SECURITY_TOOLS = re.compile(
    r"assaymark|bandit|brakeman|checkov|codeql|detect-secrets|gitleaks|gosec|grype|modelscan|njsscan|"
    r"osv-scanner|pip-audit|picklescan|semgrep|snyk|tfsec|trivy|trufflehog|zizmor",
    re.IGNORECASE,
)
_SECURITY_RULES = {"ruff": re.compile(r"S[0-9]{3}\Z")}
"""Rules about security of tools that say so by the rule's number alone."""
_SAYS_SECURITY = re.compile(r"\A(?:security\Z|(?:external/)?cwe[-/:])", re.IGNORECASE)
_LEVELS = ("error", "warning", "note")


class _Finding(Struct, frozen=True, order=True):
    level: int
    rule: str
    message: str
    path: str
    line: int


class _Run(Struct, frozen=True):
    tool: str
    version: str
    findings: tuple[_Finding, ...]
    suppressed: int
    about_security: bool
    """Whether any rule of the tool is about security."""
    others: int
    """Findings by rules that are not."""
    tested: tuple[Tested, ...]
    made_at: str
    failed: bool


def _recognise(head: bytes, _: str) -> bool:
    text = head.lstrip()
    told_so = re.search(rb'(?<!\\)"runs"\s*:\s*\[', head) and re.search(
        rb'(?<!\\)"version"\s*:\s*"2\.1\.0', head
    )
    return text.startswith(b"{") and bool(told_so or re.search(rb'(?<!\\)"\$schema"\s*:\s*"[^"]*sarif', head))


def _read(data: bytes, name: str) -> ImportedReport:
    log = json_object(data, name)
    version = words(log.get("version"))
    problems = (
        [] if version == "2.1.0" else [f"{name} is SARIF version {version or 'unknown'}; 2.1.0 is read."]
    )
    raw = listed(log.get("runs"))
    if len(raw) > _MOST_RUNS:
        problems.append(f"{name} holds {len(raw):,} runs; the first {_MOST_RUNS} were read.")
    runs = [_run(mapping(run)) for run in raw[:_MOST_RUNS]]
    tools = list(dict.fromkeys(f"{r.tool} {r.version}".strip() for r in runs))
    alone = len(tools) == 1
    return ImportedReport(
        importer=INFO.id,
        tool=runs[0].tool if alone else ", ".join(tools)[:200] or "an unnamed tool",
        tool_version=runs[0].version if alone else "",
        made_at=max((r.made_at for r in runs), default=""),
        tested=tuple(dict.fromkeys(t for r in runs for t in r.tested)),
        statements=(_statement(runs),),
        problems=tuple(problems),
    )


def _statement(runs: list[_Run]) -> Statement:
    found = sorted({f for r in runs for f in r.findings})
    suppressed, others = sum(r.suppressed for r in runs), sum(r.others for r in runs)
    details = [Detail(f"{f.rule}: {f.message}", _place(f)) for f in found]
    beside = [told(suppressed, "suppressed finding")] if suppressed else []
    beside += [f"{told(others, 'finding')} by rules that are not about security"] if others else []
    said = f" {' and '.join(beside)} not counted." if beside else ""
    if any(r.tool == _OWN for r in runs):
        outcome, summary = Outcome.NOT_OBSERVABLE, f"an assessment is no evidence for another.{said}"
    elif not any(r.about_security for r in runs):
        outcome, summary = Outcome.NOT_OBSERVABLE, f"none of its rules says that it is about security.{said}"
    elif any(r.failed for r in runs):
        outcome, summary = Outcome.NOT_OBSERVABLE, f"the tool says that it did not finish.{said}"
    elif found:
        serious = sum(f.level == 0 for f in found)
        outcome = Outcome.NOT_MET if any(f.level < 2 for f in found) else Outcome.PARTLY_MET
        summary = f"{told(len(found), 'open security finding')}, {serious:,} of level error.{said}"
    else:
        outcome, summary = Outcome.MET, f"no open security finding.{said}"
    return Statement(
        obligations=OBLIGATIONS,
        outcome=outcome,
        summary=summary,
        details=capped(details),
        method=Method.TEST,
        fix="Mend each finding, or suppress it in the tool with a reason; then import the new report."
        if outcome in (Outcome.NOT_MET, Outcome.PARTLY_MET)
        else "",
    )


def _place(finding: _Finding) -> Location | None:
    return Location(finding.path, finding.line) if finding.path else None


def _run(run: dict[str, Any]) -> _Run:
    driver = mapping(mapping(run.get("tool")).get("driver"))
    tool = words(driver.get("name"), 100) or "an unnamed tool"
    rules = _rules(mapping(run.get("tool")))
    by_id = {words(rule.get("id"), 200): rule for rule in reversed(rules)}
    open_: list[_Finding] = []
    suppressed = others = 0
    for result in map(mapping, listed(run.get("results"))):
        if not _counts(result):
            continue
        rule = _rule_of(result, rules, by_id)
        if _is_suppressed(result):
            suppressed += 1
        elif not _is_security(tool, rule, result):
            others += 1
        else:
            open_.append(_finding(result, rule))
    invocations = [mapping(i) for i in listed(run.get("invocations"))]
    return _Run(
        tool=tool,
        version=words(driver.get("semanticVersion"), 100) or words(driver.get("version"), 100),
        findings=tuple(open_),
        suppressed=suppressed,
        about_security=bool(open_ or suppressed)
        or _SECURITY_TOOLS.search(tool) is not None
        or any(_is_security(tool, rule, {}) for rule in rules),
        others=others,
        tested=(*_commits(run), *_files(run)),
        made_at=max((words(i.get("endTimeUtc"), 40) for i in invocations), default=""),
        failed=any(i.get("executionSuccessful") is False for i in invocations),
    )


def _rules(tool: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [mapping(tool.get("driver")), *map(mapping, listed(tool.get("extensions")))]
    return [mapping(rule) for part in parts for rule in listed(part.get("rules"))]


def _rule_of(
    result: dict[str, Any], rules: list[dict[str, Any]], by_id: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The rule of a result, by its id; the index alone is only used where there is no id (3.27.5-3.27.7)."""
    reference = mapping(result.get("rule"))
    wanted = words(result.get("ruleId"), 200) or words(reference.get("id"), 200)
    if not wanted:
        index = result.get("ruleIndex", reference.get("index"))
        place = number(index)
        return rules[int(place)] if place is not None and 0 <= place < len(rules) else {}
    return by_id.get(wanted) or by_id.get(wanted.partition("/")[0]) or {"id": wanted}


def _counts(result: dict[str, Any]) -> bool:
    kind = words(result.get("kind"), 40) or "fail"
    level = words(result.get("level"), 40)
    return kind in ("fail", "open", "review") and (level != "none" or kind != "fail")


def _is_suppressed(result: dict[str, Any]) -> bool:
    """Whether an accepted suppression covers it; one under review or rejected does not (3.35.3)."""
    return any(
        words(mapping(s).get("status"), 40) in ("", "accepted") for s in listed(result.get("suppressions"))
    )


def _is_security(tool: str, rule: dict[str, Any], result: dict[str, Any]) -> bool:
    by_number = _SECURITY_RULES.get(tool.casefold())
    if by_number is not None:
        return by_number.match(words(rule.get("id"), 200)) is not None
    if _SECURITY_TOOLS.search(tool):
        return True
    for part in (rule, result):
        properties = mapping(part.get("properties"))
        if "security-severity" in properties:
            return True
        if any(_SAYS_SECURITY.match(words(tag, 100)) for tag in listed(properties.get("tags"))):
            return True
    taxa = [
        *listed(result.get("taxa")),
        *(mapping(r).get("target") for r in listed(rule.get("relationships"))),
    ]
    return any(words(mapping(mapping(t).get("toolComponent")).get("name")).upper() == "CWE" for t in taxa)


def _finding(result: dict[str, Any], rule: dict[str, Any]) -> _Finding:
    default = words(mapping(rule.get("defaultConfiguration")).get("level"), 40) or "warning"
    level = words(result.get("level"), 40) or default
    if level not in _LEVELS:
        level = "warning"
    message = mapping(result.get("message"))
    text = words(message.get("text"), 300) or words(message.get("markdown"), 300)
    text = text or words(mapping(rule.get("shortDescription")).get("text"), 300) or "no message"
    path, line = _location(result)
    name = words(rule.get("id"), 100) or "a rule without a name"
    return _Finding(_LEVELS.index(level), name, text, path, line)


def _location(result: dict[str, Any]) -> tuple[str, int]:
    first = mapping(next(iter(listed(result.get("locations"))), None))
    physical = mapping(first.get("physicalLocation"))
    path = _path(mapping(physical.get("artifactLocation")))
    line = number(mapping(physical.get("region")).get("startLine"))
    return path, int(line) if line is not None and 0 < line < 2**31 else 0


def _path(location: dict[str, Any]) -> str:
    """The path relative to the root, where the report gives one; an absolute one stays as it is."""
    uri = words(location.get("uri"), 1_000)
    path = unquote(uri.removeprefix("file://")) if "://" not in uri or uri.startswith("file://") else uri
    return words(path.removeprefix("./"), 1_000)


def _commits(run: dict[str, Any]) -> Iterator[Tested]:
    for one in map(mapping, listed(run.get("versionControlProvenance"))):
        revision = words(one.get("revisionId"), 100)
        if revision:
            yield Tested("commit", "", revision)


def _files(run: dict[str, Any]) -> Iterator[Tested]:
    """The files that were looked at, as far as the report gives their digests."""
    for one in map(mapping, listed(run.get("artifacts"))):
        digest = words(mapping(one.get("hashes")).get("sha-256"), 100).lower()
        path = _path(mapping(one.get("location")))
        if re.fullmatch(r"[0-9a-f]{64}", digest):
            yield Tested("file", path, digest)


INFO = CheckInfo(
    id="import_sarif",
    version=1,
    title="Static analysis by another tool has no open security finding.",
    why="A tool made for one language or one kind of flaw sees what a general check does not.",
    fix="Mend each finding, or suppress it in the tool with a reason; then import the new report.",
    blind_spots="It is only known what the tool reports: not which rules were switched off, which files were "
    "left out, or whether a suppression is right. Rules that do not say that they are about security are not "
    "weighed. A report without findings says nothing of what its tool does not look for.",
    provisions=(),
    supports=("5.2.5-1", "5.2.5-2"),
)

IMPORTER = Importer(
    format="sarif",
    reads="SARIF 2.1.0 of any tool",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

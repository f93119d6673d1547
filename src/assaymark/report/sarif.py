"""Findings that have a place in a file, as SARIF 2.1.0 (OASIS Standard, 27 March 2020).

Only what was *seen not to hold* is a finding. Provisions without evidence, and those that do not
apply, are no alarms and stay out; the JSON and HTML reports have them all.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from assaymark.assess.assessment import Assessment, Evidence, Freshness
from assaymark.observation import Certainty, CheckInfo, Detail, Location, Outcome
from assaymark.report.text import counted, cut_middle, escaped_json, printable
from assaymark.standard.provision import Provision

__all__ = ["render_sarif"]

_MOST = 5_000
"""Results kept; GitHub accepts 25,000 in an upload and shows the first 5,000."""
_TAGS = 10
"""Tags a rule; GitHub keeps 10 of at most 20."""
_LONGEST = 1_000
"""Characters of one message part."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TAXONOMY = "EN 304 223"
_LEVELS = ("error", "warning", "none")
"""Most important first."""


class _Finding(Struct, frozen=True):
    """A located statement against at least one obligation that applies."""

    entry: Evidence
    detail: Detail
    at: Location
    obligations: tuple[str, ...]
    level: str


def render_sarif(assessment: Assessment) -> bytes:
    """One run with its rules, the provisions as a taxonomy, and at most 5,000 results by importance."""
    found = sorted(_findings(assessment), key=lambda f: _LEVELS.index(f.level))
    kept = found[:_MOST]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(assessment, kept, len(found))]}
    return escaped_json(msgspec.json.format(msgspec.json.encode(log), indent=1)) + b"\n"


def _findings(a: Assessment) -> Iterator[_Finding]:
    force = {o.id: o.force for r in a.results for o in r.obligations if o.applicability.applies}
    seen: set[tuple[str, Location, str]] = set()
    for entry in a.evidence:
        o = entry.observation
        applying = tuple(i for i in o.obligations if i in force)
        if o.outcome is not Outcome.NOT_MET or entry.freshness is not Freshness.FRESH or not applying:
            continue
        firm = o.certainty is Certainty.FIRM
        strong = any(force[i] == "shall" for i in applying)
        level = ("error" if strong else "warning") if firm else "none"
        for detail in o.details:
            key = (o.check, detail.at or Location(""), detail.message)
            if detail.at is not None and detail.at.path and key not in seen:
                seen.add(key)
                yield _Finding(entry, detail, detail.at, applying, level)


def _run(a: Assessment, findings: list[_Finding], total: int) -> dict[str, Any]:
    infos = {c.id: c for c in a.checks}
    rules = [infos.get(i) or _unknown(i) for i in dict.fromkeys(f.entry.observation.check for f in findings)]
    taxa = {p.id: n for n, p in enumerate(a.provisions)}
    places = {path: n for n, path in enumerate(dict.fromkeys(f.at.path for f in findings))}
    index = {r.id: n for n, r in enumerate(rules)}
    ordinals, hashes = _ordinals(findings), _hashes(a)
    return {
        "tool": {
            "driver": {
                "name": "assaymark",
                "semanticVersion": a.tool_version,
                "version": a.tool_version,
                "rules": [_rule(r, a, taxa) for r in rules],
                "supportedTaxonomies": [{"name": _TAXONOMY, "index": 0}],
            }
        },
        "taxonomies": [_taxonomy(a)],
        "automationDetails": {"id": f"assaymark/{quote(a.edition, safe='')}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The assessed folder."}}},
        "invocations": [_invocation(a, len(findings), total)],
        "artifacts": [_artifact(p, hashes.get(p, "")) for p in places],
        "results": [_result(f, index, taxa, places, ordinals[n]) for n, f in enumerate(findings)],
        "properties": {
            "edition": a.edition,
            "commit": a.commit,
            "catalogueSha256": a.catalogue_sha256,
            "findingsWithoutAPlace": _unplaced(a),
        },
    }


def _unknown(check: str) -> CheckInfo:
    """A finding by a check that this release no longer explains, or by a person."""
    name = "A statement by a person" if check == "attestation" else f"Check {check}"
    return CheckInfo(
        id=check, version=1, title=name, why="", fix="", blind_spots="", provisions=(), supports=()
    )


def _text(text: str) -> str:
    """Safe text; `](` is drawn apart, or a viewer would make it a link to wherever the text says."""
    return printable(cut_middle(text, _LONGEST)).replace("](", "] (")


def _rule(info: CheckInfo, a: Assessment, taxa: dict[str, int]) -> dict[str, Any]:
    ids = [i for i in (*info.provisions, *info.supports) if i in taxa]
    parts = (("Why", info.why), ("How to fix", info.fix), ("What it cannot see", info.blind_spots))
    said = [(name, _text(text)) for name, text in parts if text]
    title = _text(info.title)
    phases = dict.fromkeys(a.provisions[taxa[i]].phase.value for i in ids)
    return {
        "id": info.id,
        "name": "".join(word.capitalize() for word in info.id.split("_")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": _text(f"{info.title} {info.why}".strip())},
        "help": {
            "text": "\n\n".join([title, *(f"{name}: {text}" for name, text in said)]),
            "markdown": "\n\n".join([title, *(f"**{name}.** {text}" for name, text in said)]),
        },
        "defaultConfiguration": {"level": "warning"},
        "relationships": [
            {
                "target": {"id": i, "index": taxa[i], "toolComponent": {"name": _TAXONOMY, "index": 0}},
                "kinds": ["relevant"],
            }
            for i in ids
        ],
        "properties": {"tags": ["security", "ai", *phases, *ids][:_TAGS], "version": info.version},
    }


def _taxonomy(a: Assessment) -> dict[str, Any]:
    return {
        "name": _TAXONOMY,
        "organization": "ETSI",
        "version": a.edition.rpartition(" ")[2] or a.edition,
        "shortDescription": {"text": f"Provisions of ETSI {a.edition}, summarised in Assaymark's own words."},
        "isComprehensive": True,
        "taxa": [_taxon(p) for p in a.provisions],
    }


def _taxon(p: Provision) -> dict[str, Any]:
    return {
        "id": p.id,
        "name": f"Provision {p.id}",
        "shortDescription": {"text": _text(p.summary)},
        "defaultConfiguration": {"level": "error" if "shall" in p.force else "warning"},
        "properties": {"force": p.force, "phase": p.phase.value, "principle": p.principle},
    }


def _invocation(a: Assessment, kept: int, total: int) -> dict[str, Any]:
    notices = [("warning", p) for p in a.problems]
    notices += [
        ("warning", f"{e.observation.check} could not do its work: {e.observation.summary}")
        for e in a.evidence
        if e.observation.outcome is Outcome.ERROR
    ]
    if kept < total:
        notices.append(
            ("warning", f"{counted(total - kept, 'less important finding')} of {total:,} left out.")
        )
    return {
        "executionSuccessful": True,
        "endTimeUtc": a.assessed_at,
        "toolExecutionNotifications": [{"level": lv, "message": {"text": _text(t)}} for lv, t in notices],
    }


def _hashes(a: Assessment) -> dict[str, str]:
    known = {x.location: x.sha256 for x in a.assets if x.location and x.sha256}
    known |= {s.name: s.sha256 for e in a.evidence for s in e.observation.subjects}
    return {path: digest for path, digest in known.items() if len(digest) == 64}


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): percent-encoded; a colon too, or `a:b` would read as a scheme."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    return quote(raw, safe="/")


def _artifact(path: str, sha256: str) -> dict[str, Any]:
    location = {"location": {"uri": _uri(path), "uriBaseId": "%SRCROOT%"}}
    return {**location, "hashes": {"sha-256": sha256}} if sha256 else location


def _ordinals(findings: Iterable[_Finding]) -> list[int]:
    """Among findings with the same check, file and message: first, second, …"""
    seen: dict[tuple[str, str, str], int] = {}
    numbers = []
    for f in findings:
        key = (f.entry.observation.check, f.at.path, f.detail.message)
        seen[key] = seen.get(key, 0) + 1
        numbers.append(seen[key])
    return numbers


def _result(
    f: _Finding, rules: dict[str, int], taxa: dict[str, int], places: dict[str, int], ordinal: int
) -> dict[str, Any]:
    o = f.entry.observation
    provisions = dict.fromkeys(i.partition("#")[0] for i in f.obligations)
    message = " ".join(_text(t) for t in (f.detail.message, o.summary, o.fix and f"Next step: {o.fix}") if t)
    artifact = {"uri": _uri(f.at.path), "uriBaseId": "%SRCROOT%", "index": places[f.at.path]}
    first = max(1, f.at.line)  # GitHub shows no result without a line; a file as a whole starts at 1
    region = {"startLine": first, "endLine": max(first, f.at.end_line)}
    return {
        "ruleId": o.check,
        "ruleIndex": rules[o.check],
        "kind": "fail" if f.level != "none" else "review",
        "level": f.level,
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {"assaymark/v1": _fingerprint(f, ordinal)},
        "taxa": [
            {"id": i, "index": taxa[i], "toolComponent": {"name": _TAXONOMY, "index": 0}}
            for i in provisions
            if i in taxa
        ],
        "properties": {
            "obligations": list(f.obligations),
            "ledgerIndex": f.entry.index,
            "leaf": f.entry.leaf,
        },
    }


def _fingerprint(f: _Finding, ordinal: int) -> str:
    """The same for the same statement after lines have moved."""
    parts = (f.entry.observation.check, f.at.path, f.detail.message, str(ordinal))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _unplaced(a: Assessment) -> int:
    """Entries against something that name no place in a file, so that SARIF cannot show them."""
    return sum(
        e.observation.outcome is Outcome.NOT_MET and not any(d.at for d in e.observation.details)
        for e in a.evidence
    )

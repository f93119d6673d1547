"""Reports as their tools write them, each made here from the documented shape."""

import json
from typing import Any

from tests.imports import data_samples, red_team_samples, threat_samples

from assaymark.asset import Asset, AssetKind
from assaymark.imports.present import Present

__all__ = [
    "COMMIT",
    "DIGEST",
    "NOW",
    "OTHER",
    "cyclonedx",
    "encoded",
    "every",
    "finding",
    "osv",
    "pip_audit",
    "sarif",
    "scorecard",
    "spdx_2",
    "spdx_3",
]

COMMIT = "68bc59901773ab4c051dfcea0cc4201a1567ab32"
DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
OTHER = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"

NOW = Present(
    files={"weights/a.safetensors": DIGEST, "app.py": OTHER},
    commit=COMMIT,
    assets=(
        Asset(id="model:weights/a.safetensors", kind=AssetKind.MODEL, name="a.safetensors", sha256=DIGEST),
        Asset(id="model:org/m", kind=AssetKind.MODEL, name="org/m", version="r1"),
        Asset(id="model:gpt-4o-2024-08-06", kind=AssetKind.MODEL, name="gpt-4o-2024-08-06"),
    ),
    packages={
        "pypi/requests": frozenset({"2.19.0"}),
        "pypi/numpy": frozenset({"2.1.0"}),
        "pypi/open": frozenset(),
    },
)
"""A system with one model file, one model of the Hub, one behind an API, and three packages."""


def encoded(value: Any) -> bytes:
    """`value` as a tool would write it."""
    return json.dumps(value, indent=1).encode()


def sarif(
    results: list[dict[str, Any]] | None = None,
    *,
    commit: str = COMMIT,
    tool: str = "CodeQL",
    rules: list[dict[str, Any]] | None = None,
    **run: Any,
) -> dict[str, Any]:
    """A log with one run."""
    default = [{"id": "py/eval", "properties": {"tags": ["security", "external/cwe/cwe-095"]}}]
    provenance = [{"repositoryUri": "https://example.org/r", "revisionId": commit}] if commit else []
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": tool,
                        "semanticVersion": "2.1",
                        "rules": default if rules is None else rules,
                    }
                },
                "versionControlProvenance": provenance,
                "invocations": [{"executionSuccessful": True, "endTimeUtc": "2026-11-20T10:00:00Z"}],
                "results": results or [],
                **run,
            }
        ],
    }


def finding(rule: str = "py/eval", level: str = "error", **more: Any) -> dict[str, Any]:
    """One result."""
    place = {"physicalLocation": {"artifactLocation": {"uri": "app.py"}, "region": {"startLine": 3}}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": "It is evaluated."},
        "locations": [place],
        **more,
    }


def cyclonedx(version: str = "1.6", **more: Any) -> dict[str, Any]:
    """A bill with a model file, a model of the Hub and a package, all as in `NOW`."""
    tools: Any = [{"vendor": "x", "name": "syft", "version": "1.4"}]
    if version != "1.4":
        tools = {"components": [{"type": "application", "name": "syft", "version": "1.4"}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "version": 1,
        "metadata": {"timestamp": "2026-11-20T10:00:00Z", "tools": tools},
        "components": [
            {
                "type": "machine-learning-model" if version != "1.4" else "file",
                "bom-ref": "m",
                "name": "weights/a.safetensors",
                "hashes": [{"alg": "SHA-256", "content": DIGEST}],
            },
            {
                "type": "machine-learning-model",
                "bom-ref": "h",
                "name": "m",
                "purl": "pkg:huggingface/org/m@r1",
            },
            {"type": "library", "bom-ref": "r", "name": "requests", "purl": "pkg:pypi/requests@2.19.0"},
            {"type": "library", "bom-ref": "n", "name": "numpy", "purl": "pkg:pypi/numpy@2.1.0"},
        ],
        "dependencies": [{"ref": "r", "dependsOn": ["n"]}],
        **more,
    }


def spdx_2(**more: Any) -> dict[str, Any]:
    """The same as SPDX 2.3."""
    return {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "system",
        "creationInfo": {
            "created": "2026-11-20T10:00:00Z",
            "creators": ["Tool: syft-1.4.1", "Organization: X"],
        },
        "packages": [
            {
                "SPDXID": "SPDXRef-r",
                "name": "requests",
                "versionInfo": "2.19.0",
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "purl",
                        "referenceLocator": "pkg:pypi/requests@2.19.0",
                    }
                ],
            }
        ],
        "files": [
            {
                "SPDXID": "SPDXRef-f",
                "fileName": "./weights/a.safetensors",
                "checksums": [{"algorithm": "SHA256", "checksumValue": DIGEST}],
            }
        ],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-r",
                "relatedSpdxElement": "SPDXRef-f",
                "relationshipType": "DEPENDS_ON",
            }
        ],
        **more,
    }


def spdx_3() -> dict[str, Any]:
    """The same as SPDX 3.0.1."""
    return {
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-11-20T10:00:00Z"},
            {"type": "Tool", "spdxId": "urn:t", "name": "builder 3.1"},
            {
                "type": "ai_AIPackage",
                "spdxId": "urn:m",
                "name": "weights/a.safetensors",
                "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": DIGEST}],
            },
            {
                "type": "software_Package",
                "spdxId": "urn:r",
                "name": "requests",
                "externalIdentifier": [
                    {
                        "type": "ExternalIdentifier",
                        "externalIdentifierType": "packageUrl",
                        "identifier": "pkg:pypi/requests@2.19.0",
                    }
                ],
            },
            {"type": "Relationship", "from": "urn:m", "relationshipType": "dependsOn", "to": ["urn:r"]},
        ],
    }


def pip_audit(*, flawed: bool = True, fixed: tuple[str, ...] = ("2.20.0",)) -> dict[str, Any]:
    """What pip-audit 2.10.1 wrote for `requests==2.19.0` and `numpy==2.1.0`, in the same shape."""
    flaw = {
        "id": "PYSEC-2018-28",
        "fix_versions": list(fixed),
        "aliases": ["CVE-2018-18074", "GHSA-x84v-xcm2-53pg"],
        "description": "s",
    }
    return {
        "dependencies": [
            {"name": "requests", "version": "2.19.0", "vulns": [flaw] if flawed else []},
            {"name": "numpy", "version": "2.1.0", "vulns": []},
        ],
        "fixes": [],
    }


def osv(**group: Any) -> dict[str, Any]:
    """OSV-Scanner's results for one flawed package."""
    flaw = {
        "id": "GHSA-x84v-xcm2-53pg",
        "aliases": ["CVE-2018-18074", "PYSEC-2018-28"],
        "affected": [
            {
                "package": {"name": "requests", "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.20.0"}]}],
            }
        ],
    }
    twin = {**flaw, "id": "PYSEC-2018-28"}
    ids = ["GHSA-x84v-xcm2-53pg", "PYSEC-2018-28"]
    return {
        "results": [
            {
                "source": {"path": "/src/uv.lock", "type": "lockfile"},
                "packages": [
                    {
                        "package": {"name": "requests", "version": "2.19.0", "ecosystem": "PyPI"},
                        "vulnerabilities": [flaw, twin],
                        "groups": [{"ids": ids, "aliases": ids, "max_severity": "9.8", **group}],
                    }
                ],
            }
        ],
        "experimental_config": {"licenses": {"summary": False, "allowlist": None}},
    }


def scorecard(**scores: int) -> dict[str, Any]:
    """Scorecard's report with `scores` by check, underscores for hyphens."""
    return {
        "date": "2026-11-20T10:00:00Z",
        "repo": {"name": "github.com/example/repo", "commit": COMMIT},
        "scorecard": {"version": "v5.0.0", "commit": "ccbc59901773ab4c051dfcea0cc4201a1567abdd"},
        "score": 4.2,
        "checks": [
            {
                "name": name.replace("_", "-"),
                "score": score,
                "reason": f"score {score}",
                "details": ["Warn: somewhere"] if score < 10 else None,
                "documentation": {"url": "https://example.org", "short": "short"},
            }
            for name, score in (scores or {"Token_Permissions": 0}).items()
        ],
        "metadata": None,
    }


def every() -> dict[str, bytes]:
    """One whole report of each format."""
    return {
        "sarif": encoded(sarif([finding()])),
        "cyclonedx": encoded(cyclonedx()),
        "spdx": encoded(spdx_2()),
        "pip-audit": encoded(pip_audit()),
        "osv-scanner": encoded(osv()),
        "scorecard": encoded(scorecard()),
        "pyrit": encoded(red_team_samples.scenario()),
        "promptfoo": encoded(red_team_samples.promptfoo()),
        "inspect": encoded(red_team_samples.inspect()),
        "threat-dragon": encoded(threat_samples.threat_dragon()),
        "pytm": encoded(threat_samples.pytm()),
        "threagile": encoded(threat_samples.threagile()),
        "data-scan": encoded(data_samples.scan()),
        "data-origin": encoded(data_samples.manifest()),
    }

"""pip-audit's JSON, both shapes: an object with `dependencies` and `fixes` (since 2.0), a list before.

Field names as `pypa/pip-audit` 2.10.1 writes them (`pip_audit/_format/json.py`): `name`, `version`, `vulns`
with `id`, `fix_versions`, `aliases`, `description`; `name`, `skip_reason` for what was not audited. The
report names neither its tool's version nor its date nor a commit: it is bound to the package versions, each
of which has to be one that the tree fixes now. A known flaw that a release mends is firm counter-evidence.
"""

import re
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.flaws import Flaw, audit_info, audit_statements
from assaymark.imports.importer import Importer
from assaymark.imports.packages import package_key
from assaymark.imports.reading import json_value, listed, mapping, words
from assaymark.imports.report import ImportedReport, Tested

__all__ = ["IMPORTER"]

_MOST = 100_000


def _recognise(head: bytes, _: str) -> bool:
    begins = re.match(rb'\s*(?:\{\s*"dependencies"\s*:\s*\[|\[)\s*\{\s*"name"\s*:', head)
    empty = re.match(rb'\s*\{\s*"dependencies"\s*:\s*\[\s*\]\s*,\s*"fixes"', head)
    inside = re.search(rb'(?<!\\)"(?:vulns|skip_reason)"\s*:', head)
    return bool(empty or (begins and inside))


def _read(data: bytes, name: str) -> ImportedReport:
    value = json_value(data, name)
    listing = value.get("dependencies") if isinstance(value, dict) else value
    if not isinstance(listing, list):
        raise UsageError(f"{name} has no list of dependencies.", "Give what `pip-audit -f json` wrote.")
    problems = []
    if len(listing) > _MOST:
        problems.append(f"{name} lists {len(listing):,} packages; the first {_MOST:,} were read.")
    audited: list[Tested] = []
    skipped: list[str] = []
    flaws: list[Flaw] = []
    for one in map(mapping, listing[:_MOST]):
        package, version = words(one.get("name"), 200), words(one.get("version"), 100)
        if package and version and isinstance(one.get("vulns"), list):
            key = package_key("pypi", package)
            audited.append(Tested("package", key, version))
            flaws += [_flaw(mapping(v), key, version) for v in one["vulns"][:_MOST]]
        else:
            reason = words(one.get("skip_reason"), 200) or "it names no version or no result"
            skipped.append(f"{package or 'A package without a name'} was not audited: {reason}.")
    return ImportedReport(
        importer=IMPORTER.info.id,
        tool="pip-audit",
        tested=tuple(dict.fromkeys(audited)),
        statements=audit_statements(flaws, audited, skipped),
        problems=tuple(problems),
    )


def _flaw(vulnerability: dict[str, Any], package: str, version: str) -> Flaw:
    fixed = (words(v, 60) for v in listed(vulnerability.get("fix_versions"))[:20])
    return Flaw(
        package=package,
        version=version,
        id=words(vulnerability.get("id"), 100) or "a flaw without an id",
        fixed=tuple(f for f in fixed if f),
    )


IMPORTER = Importer(
    format="pip-audit",
    reads="pip-audit 1 and 2, `-f json`",
    info=audit_info("import_pip_audit", "pip-audit"),
    recognise=_recognise,
    read=_read,
)
"""The importer."""

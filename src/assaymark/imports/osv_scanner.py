"""OSV-Scanner's JSON results, versions 1 and 2.

Field names as `google/osv-scanner` writes them (`pkg/models/results.go`, v2): `results[]` with
`source.path`, `packages[]` with `package` (`name`, `version`, `ecosystem`), `vulnerabilities[]` (OSV
records) and `groups[]` (`ids`, `aliases`, `experimental_analysis` with `called` and `unimportant`). The
report names neither the tool's version nor its date nor a commit: flaws are bound to the versions of their
packages. Only packages with flaws are listed unless `--all-packages` was given, so a report without flaws
has to be imported with `--tested LOCKFILE`. One flaw with several ids (a group) counts once; a withdrawn
record not at all.
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.flaws import Flaw, audit_info, audit_statements
from assaymark.imports.importer import Importer
from assaymark.imports.packages import package_key
from assaymark.imports.reading import json_object, listed, mapping, words
from assaymark.imports.report import ImportedReport, Tested

__all__ = ["IMPORTER"]

_MOST = 100_000


def _recognise(head: bytes, _: str) -> bool:
    results = re.search(rb'(?<!\\)"results"\s*:\s*\[', head)
    own = re.search(rb'(?<!\\)"(?:experimental_config|packages)"\s*:\s*[\[{]', head)
    source = re.search(rb'(?<!\\)"source"\s*:\s*\{\s*"path"', head) or re.search(
        rb'"results"\s*:\s*\[\s*\]', head
    )
    return head.lstrip().startswith(b"{") and bool(results and own and source)


def _read(data: bytes, name: str) -> ImportedReport:
    results = json_object(data, name).get("results")
    if not isinstance(results, list):
        raise UsageError(f"{name} has no list of results.", "Give what `osv-scanner --format json` wrote.")
    listing = [mapping(p) for r in results for p in listed(mapping(r).get("packages"))]
    problems = []
    if len(listing) > _MOST:
        problems.append(f"{name} lists {len(listing):,} packages; the first {_MOST:,} were read.")
    audited: list[Tested] = []
    flaws: list[Flaw] = []
    for one in listing[:_MOST]:
        package = mapping(one.get("package"))
        plain, version = words(package.get("name"), 200), words(package.get("version"), 100)
        key = package_key(words(package.get("ecosystem"), 40), plain)
        if plain and version:
            audited.append(Tested("package", key, version))
        flaws += _flaws(one, key, plain, version)
    return ImportedReport(
        importer=IMPORTER.info.id,
        tool="OSV-Scanner",
        tested=tuple(dict.fromkeys(audited)),
        statements=audit_statements(flaws, audited, ()),
        problems=tuple(problems),
    )


def _flaws(one: dict[str, Any], key: str, plain: str, version: str) -> Iterator[Flaw]:
    records = {
        words(v.get("id"), 100): v
        for v in map(mapping, listed(one.get("vulnerabilities")))
        if not v.get("withdrawn")
    }
    grouped: set[str] = set()
    for group in map(mapping, listed(one.get("groups"))):
        ids = [i for g in listed(group.get("ids")) if (i := words(g, 100)) in records and i not in grouped]
        if ids:
            grouped |= set(ids)
            yield _flaw(key, plain, version, ids, [records[i] for i in ids], _is_doubted(group))
    for id_ in records.keys() - grouped:
        yield _flaw(key, plain, version, [id_], [records[id_]], doubted=False)


def _is_doubted(group: dict[str, Any]) -> bool:
    """Whether the tool looked closer, and says that nothing calls the code or that it is unimportant."""
    analyses = [mapping(a) for a in mapping(group.get("experimental_analysis")).values()]
    if not analyses:
        return False
    return not any(a.get("called") is True for a in analyses) or all(
        a.get("unimportant") is True for a in analyses
    )


def _flaw(
    key: str, plain: str, version: str, ids: list[str], records: list[dict[str, Any]], doubted: bool
) -> Flaw:
    fixed = dict.fromkeys(f for record in records for f in _fixed(record, plain))
    return Flaw(
        package=key,
        version=version,
        id=", ".join(ids[:4]) or "a flaw without an id",
        fixed=tuple(fixed)[:20],
        doubted=doubted,
    )


def _fixed(record: dict[str, Any], plain: str) -> Iterator[str]:
    for affected in map(mapping, listed(record.get("affected"))):
        if mapping(affected.get("package")).get("name") != plain:
            continue
        for range_ in map(mapping, listed(affected.get("ranges"))):
            if range_.get("type") == "GIT":
                continue  # commits, not releases
            for event in map(mapping, listed(range_.get("events"))):
                if fixed := words(event.get("fixed"), 60):
                    yield fixed


IMPORTER = Importer(
    format="osv-scanner",
    reads="OSV-Scanner 1 and 2, `--format json`",
    info=audit_info("import_osv_scanner", "OSV-Scanner"),
    recognise=_recognise,
    read=_read,
)
"""The importer."""

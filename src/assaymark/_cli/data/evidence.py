"""Keep a scan's report where `assess` reads imported reports, bound to the files that were scanned."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assaymark._cli.places import key_path
from assaymark.errors import UsageError
from assaymark.imports.about import FOLDER, SUFFIX, About, parse, render, signed
from assaymark.imports.data_scan import FORM
from assaymark.imports.files import read_imports
from assaymark.ledger.keys import load_or_create_key
from assaymark.report.data.document import DataReport
from assaymark.report.data.json_v1 import evidence, render_json
from assaymark.whole import write_atomically

__all__ = ["keep_bytes", "keep_report"]

_DAYS = 90
"""How long a scan counts: as other imported reports do by default."""


def keep_report(root: Path, report: DataReport) -> Path:
    """Write the report, without the scores of all records, and what it is about; its place.

    An earlier report on the same files gives way: it says what was known before. The ledger keeps what
    assessments saw of it.
    """
    return keep_bytes(root, render_json(evidence(report)), "data-scan", {t.path for t in report.tested})


def keep_bytes(root: Path, data: bytes, stem: str, about: set[str]) -> Path:
    """Write a report of our own on the files `about` into the system's imports."""
    folder = root / FOLDER
    if folder.resolve() != root.resolve() / FOLDER:
        raise UsageError(f"{folder} is a link to another place.", "Remove the link; a folder is made there.")
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{stem}.{digest[:8]}.json"
    today = datetime.now(UTC).date()
    sidecar = About(
        format=FORM,
        report=path.name,
        sha256=digest,
        imported_on=today.isoformat(),
        valid_until=(today + timedelta(days=_DAYS)).isoformat(),
    )
    written = render(signed(sidecar, load_or_create_key(key_path())))
    parse(written, path.name)
    earlier = _earlier(root, stem, about)
    write_atomically(path, data)
    write_atomically(folder / f"{path.name}{SUFFIX}", written)
    for old in earlier - {path}:
        old.unlink(missing_ok=True)
        old.with_name(f"{old.name}{SUFFIX}").unlink(missing_ok=True)
    return path


def _earlier(root: Path, stem: str, about: set[str]) -> set[Path]:
    """Reports of ours on the same files."""
    return {
        root / one.path
        for one in read_imports(root).found
        if one.about.format == FORM
        and Path(one.path).name.startswith(f"{stem}.")
        and {t.name for t in one.report.tested} == about
    }

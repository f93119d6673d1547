"""What `assaymark data manifest --json` and `assaymark data verify --json` say.

A manifest counts the records that have a source and a time, which is the minimum of 5.2.4-2.1 and documents
the origin (5.2.4-2). A verification says whether the data are what was recorded and signed, which
authenticates them (5.2.1-2). Neither names the files with digests: what it is about is said with `--tested`.
"""

import re
from typing import Any

from assaymark.imports.importer import Importer
from assaymark.imports.reading import capped, json_object, listed, mapping, number, told, words
from assaymark.imports.report import ImportedReport, Statement
from assaymark.observation import Certainty, CheckInfo, Detail, Method, Outcome

__all__ = ["IMPORTER"]

_KIND = re.compile(rb'"kind"\s*:\s*"data-(?:manifest|verify)"')
_ORIGIN = ("5.2.4-2#2", "5.2.4-2.1#1")
_AUTHENTIC = ("5.2.1-2#2",)
_FIX = "Record source and time of each record with `assaymark data manifest`."


def _recognise(head: bytes, _: str) -> bool:
    return head.lstrip().startswith(b"{") and _KIND.search(head) is not None


def _read(data: bytes, name: str) -> ImportedReport:
    report = json_object(data, name)
    verified = report.get("kind") == "data-verify"
    return ImportedReport(
        importer=INFO.id,
        tool="assaymark data verify" if verified else "assaymark data manifest",
        made_at="" if verified else words(report.get("made_at"), 40),
        statements=(_verified(report) if verified else _minimum(mapping(report.get("minimum"))),),
    )


def _minimum(found: dict[str, Any]) -> Statement:
    total, complete = number(found.get("records")) or 0, number(found.get("complete")) or 0
    if not total:
        return Statement(
            obligations=_ORIGIN,
            outcome=Outcome.NOT_OBSERVABLE,
            summary="Source and time of the records were not looked at.",
            fix=_FIX,
        )
    whole = complete == total
    return Statement(
        obligations=_ORIGIN,
        outcome=Outcome.MET if whole else Outcome.PARTLY_MET if complete else Outcome.NOT_MET,
        summary=f"{complete:,.0f} of {total:,.0f} records have a source and a time.",
        details=capped([Detail(words(line, 300)) for line in listed(found.get("first"))[:200]]),
        method=Method.EXAMINE,
        fix="" if whole else _FIX,
    )


def _verified(report: dict[str, Any]) -> Statement:
    counts = {k: number(v) or 0 for k, v in mapping(report.get("record_counts")).items()}
    files = len(listed(report.get("file_differences")))
    problem = words(report.get("problem"), 300)
    holds = report.get("ok") is True and not problem
    differs = [told(files, "file")] if files else []
    differs += [f"{count:,.0f} records {words(kind, 40)}" for kind, count in counts.items()]
    signed = "signed" if words(report.get("signed_by"), 100) else "not signed"
    recorded = f"{number(report.get('records')) or 0:,.0f} records in {number(report.get('files')) or 0:,.0f}"
    return Statement(
        obligations=_AUTHENTIC,
        outcome=Outcome.NOT_MET if not holds else Outcome.MET if signed == "signed" else Outcome.PARTLY_MET,
        summary=f"The data are as recorded: {recorded} files; the manifest is {signed}."
        if holds
        else f"The data are not as recorded: {problem or ', '.join(differs)}.",
        method=Method.TEST,
        # Digests were compared: what differs, differs. Why it does, the manifest does not know.
        certainty=Certainty.FIRM if files or counts else Certainty.TENTATIVE,
        fix="" if holds else "Find out who changed the data and why, restore them, or record them anew.",
    )


INFO = CheckInfo(
    id="import_data_origin",
    version=1,
    title="Each record has a source and a time, and the data are as they were recorded.",
    why="When a page is reported as poisoned, only records with a source and a time can be traced to it.",
    fix=_FIX,
    blind_spots="What a record says of its source may be wrong. A manifest made after the data were poisoned "
    "records the poison too.",
    provisions=(),
    supports=("5.2.1-2", "5.2.4-2", "5.2.4-2.1"),
)

IMPORTER = Importer(
    format="data-origin",
    reads="assaymark data manifest and data verify, `--json`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""

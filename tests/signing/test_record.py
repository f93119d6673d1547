"""The record of a drill."""

import json
from datetime import UTC, datetime

from assaymark.signing.drill import Drilled
from assaymark.signing.problems import Difference, Kind
from assaymark.signing.record import BackupRecord, ManifestRecord, encode_record, record_of

EXPECTED = """\
{
  "backup": {
    "kind": "tar.gz",
    "name": "b.tgz",
    "sha256": "cd"
  },
  "bytes": 7,
  "differences": [
    "missing: a\\\\nb"
  ],
  "files": 1,
  "listed": 2,
  "manifest": {
    "name": "model.sig",
    "sha256": "ab",
    "signed_by": "CN=x"
  },
  "missing_or_wrong": 1,
  "restored": false,
  "result": "not restorable",
  "seconds": 1.235,
  "time": "2026-11-27T08:00:00Z",
  "tool": "assaymark 0",
  "type": "restore-drill",
  "v": 1
}
"""


def record(*names: str) -> str:
    """The record of a drill in which `names` were missing."""
    drilled = Drilled(
        prefix="",
        files=2 - len(names[:2]),
        listed=2,
        size=7,
        differences=tuple(Difference(Kind.MISSING, name) for name in names),
    )
    made = record_of(
        drilled,
        manifest=ManifestRecord(name="model.sig", sha256="ab", signed_by="CN=x"),
        backup=BackupRecord(name="b.tgz", kind="tar.gz", sha256="cd"),
        tool="assaymark 0",
        began=datetime(2026, 11, 27, 8, tzinfo=UTC),
        seconds=1.23456,
        restored=False,
    )
    return encode_record(made).decode()


def test_the_form_is_the_published_one() -> None:
    """Version 1, byte for byte."""
    assert record("a\nb") == EXPECTED


def test_a_drill_that_holds_says_so() -> None:
    """Two words for the result."""
    assert json.loads(record())["result"] == "restorable"


def test_a_long_list_is_cut_and_counted() -> None:
    """A million missing files are not a million lines."""
    loaded = json.loads(record(*(str(n) for n in range(1500))))
    assert (len(loaded["differences"]), loaded["missing_or_wrong"]) == (1000, 1500)

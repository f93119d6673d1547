"""Inspect, in both forms of its logs."""

import struct
import zipfile
from typing import Any

import pytest
import zstandard
from tests.imports.red_team_samples import ASR, archive, inspect
from tests.imports.samples import COMMIT, NOW, encoded

from assaymark.errors import UsageError
from assaymark.imports.binding import bind
from assaymark.imports.inspect_ai import IMPORTER
from assaymark.imports.registry import importer_of
from assaymark.imports.report import ImportedReport
from assaymark.imports.report import Tested as Part
from assaymark.observation import Certainty, Outcome

START = ("_journal/start.json", b'{"version": 2, "eval": {"task": "agentdojo", "model": "openai/m"}}')


def read(*args: Any, **more: Any) -> ImportedReport:
    """A log as JSON."""
    return IMPORTER.read(encoded(inspect(*args, **more)), "log.json")


def header(**more: Any) -> tuple[str, bytes]:
    """The member of an archive that is read."""
    return "header.json", encoded(inspect(**more))


def zstd(name: str, content: bytes) -> bytes:
    """An archive with one member packed with Zstandard, as Inspect packs it since 2026."""
    stored = archive((name, content), method=zipfile.ZIP_STORED)
    packed = zstandard.compress(content)
    local, rest = stored[: 30 + len(name)], stored[30 + len(name) + len(content) :]
    local = local[:8] + struct.pack("<H", 93) + local[10:18] + struct.pack("<I", len(packed)) + local[22:]
    central = rest[:10] + struct.pack("<H", 93) + rest[12:20] + struct.pack("<I", len(packed)) + rest[24:]
    end = central.rindex(b"PK\x05\x06")
    moved = struct.pack("<I", len(local) + len(packed))
    return local + packed + central[: end + 16] + moved + central[end + 20 :]


def test_a_rate_of_successful_attacks_is_one() -> None:
    """A quarter of forty samples; the scorer's opinion is tentative."""
    robust = next(s for s in read().statements if s.obligations == ("5.1.2-2#1",))

    assert (robust.outcome, robust.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)
    assert "succeeded in 10 of 40 (25.0%" in robust.summary


def test_the_log_is_about_its_model_and_commit() -> None:
    """The commit is seven digits of the id; a model has its provider before it."""
    report = read(revision={"type": "git", "origin": "o", "commit": COMMIT[:7], "dirty": False})

    assert report.tested == (
        Part("model", "openai/gpt-4o-2024-08-06", ""),
        Part("commit", "o", COMMIT[:7]),
    )
    assert (report.tool_version, report.made_at) == ("0.3.285", "2026-11-20T10:05:00+00:00")
    bound = bind(report.tested, NOW, "x")
    assert bound.digests == {s.name: s.sha256 for s in bound.subjects}
    assert len(bound.subjects) == 2


def test_samples_without_a_score_are_told() -> None:
    """They were not judged, whether they were not run or their scorer failed."""
    log = inspect()
    log["results"] |= {"total_samples": 45}
    log["results"]["scores"][0]["unscored_samples"] = 2
    tested = IMPORTER.read(encoded(log), "x").statements[0]

    assert tested.outcome is Outcome.PARTLY_MET
    assert "7 attempts not judged" in tested.summary


def test_a_tree_with_changes_is_not_its_commit() -> None:
    """It is told, and binds nothing."""
    report = read(revision={"type": "git", "origin": "o", "commit": COMMIT, "dirty": True})

    assert [t.kind for t in report.tested] == ["model"]
    assert "changes that are not in commit" in report.problems[0]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ({"status": "error"}, "did not end well: its status is error"),
        ({"status": "started"}, "its status is started"),
        ({"task": "gsm8k"}, "nothing says that the task gsm8k tests security"),
        ({"model": "mockllm/model"}, "rehearsed without a model"),
    ],
)
def test_what_shows_nothing_is_said(log: dict[str, Any], words: str) -> None:
    """A run that broke off, a task about ability, a rehearsal."""
    (statement,) = read(**log).statements

    assert statement.outcome is Outcome.NOT_OBSERVABLE
    assert words in statement.summary


@pytest.mark.parametrize(
    "spec",
    [
        {"tags": ["red-team"]},
        {"metadata": {"kind": "security"}},
        {"metadata": {"jailbreak": True}},
        {"task": "my_injection"},
    ],
)
def test_a_task_may_say_that_it_tests_security(spec: dict[str, Any]) -> None:
    """By a tag, its metadata or its name, given with the run or afterwards."""
    assert read(eval={"task": "mine", **spec}).statements[0].outcome is Outcome.PARTLY_MET
    if "task" not in spec:
        assert read(task="mine", **spec).statements[0].outcome is Outcome.PARTLY_MET
    assert read(task="mine").statements[0].outcome is Outcome.NOT_OBSERVABLE


@pytest.mark.parametrize(
    ("task", "succeeded"),
    [("agentdojo", 30), ("inspect_evals/agentdojo", 30), ("agent_threat_bench_data_exfil", 10)],
)
def test_known_scores_are_read_as_their_task_means_them(task: str, succeeded: int) -> None:
    """`security` is what the attacker reached in the one task, and what was held in the other."""
    log = inspect({"accuracy": {"name": "accuracy", "value": 0.75}}, task=task)
    log["results"]["scores"][0]["name"] = "security"
    robust = next(s for s in IMPORTER.read(encoded(log), "x").statements if s.obligations == ("5.1.2-2#1",))

    assert f"{succeeded} of 40" in robust.summary


def test_other_scores_are_told_and_left_to_a_person() -> None:
    """Whether a high score is good, only the task knows."""
    metrics = {"accuracy": {"name": "accuracy", "value": 0.8}, "stderr": {"name": "stderr", "value": 0.05}}
    (statement,) = read(metrics).statements

    assert (statement.outcome, statement.certainty) == (Outcome.PARTLY_MET, Certainty.TENTATIVE)
    assert [d.message for d in statement.details] == [
        "s: accuracy 0.8 (standard error 0.05) over 40 samples."
    ]


@pytest.mark.parametrize("value", [-0.1, 1.5, None, "0.2", 10**400])
def test_a_rate_that_is_none_is_no_verdict(value: Any) -> None:
    """Below nought, above one, or no number."""
    assert read({"asr": {**ASR, "value": value}}).statements[0].outcome is not Outcome.MET


@pytest.mark.parametrize(
    "data",
    [archive(START, header()), archive(header(), method=zipfile.ZIP_STORED), zstd(*header())],
    ids=["deflate", "stored", "zstandard"],
)
def test_an_archive_says_what_the_json_says(data: bytes) -> None:
    """However its members are packed."""
    assert importer_of(data, "x.eval").format == "inspect"
    assert IMPORTER.read(data, "log.eval") == read()


def test_an_archive_without_an_end_was_broken_off() -> None:
    """Only what was written at the start is there."""
    (statement,) = IMPORTER.read(archive(START), "x.eval").statements

    assert "its status is started" in statement.summary


def test_a_bomb_is_refused() -> None:
    """What expands beyond the bound is not expanded further."""
    bomb = archive(("header.json", b"[" * (65 << 20)))

    with pytest.raises(UsageError, match="damaged, or longer"):
        IMPORTER.read(bomb, "x.eval")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_ambiguous_archives_are_refused() -> None:
    """The member twice, another name before its data, another archive behind the first."""
    whole = archive(header())
    renamed = whole.replace(b"header.json", b"HEADER.json", 1)

    for data, words in (
        (archive(header(), header(status="error")), "2 times"),
        (renamed, "is not what stands there"),
        (whole + archive(header(status="error")), "several directories"),
    ):
        with pytest.raises(UsageError, match=words):
            IMPORTER.read(data, "x.eval")


def test_damaged_archives_are_refused() -> None:
    """Cut anywhere, a flipped bit in the member, encryption, a method that nobody reads."""
    whole = archive(header())
    at = whole.index(b"header.json") + 20
    flipped = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
    central = whole.rindex(b"PK\x01\x02")
    encrypted = whole[:6] + b"\x01\x00" + whole[8:]
    method = whole[:8] + b"\x63\x00" + whole[10 : central + 10] + b"\x63\x00" + whole[central + 12 :]

    for data in (*(whole[: len(whole) * n // 20] for n in range(20)), flipped, encrypted, method):
        with pytest.raises(UsageError):
            IMPORTER.read(data, "x.eval")


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, archive(("header.json", b"[]")), archive(("x", b""))],
    ids=["head", "empty", "no object", "another"],
)
def test_what_is_no_log_is_refused(data: bytes) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError) as raised:
        IMPORTER.read(data, "x.eval")

    assert raised.value.advice

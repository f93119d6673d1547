"""Figures by channel and slice, and how they are shown."""

from assaymark.guard.event import Action, Channel
from assaymark.guard.measure.scoring import Measured
from assaymark.guard.measure.summary import summary
from assaymark.guard.measure.table import table


def some(label: bool | None, score: float, n: int, **more: object) -> Measured:
    """Row `n` of a file."""
    fields: dict[str, object] = {"channel": Channel.USER, "elapsed_ms": float(n), "characters": 100}
    fields |= {"digest": f"d{n}", "flagged": score >= 0.5, "action": Action.ALLOW} | more
    return Measured(file="f", line=n, label=label, score=score, threshold=0.5, **fields)  # type: ignore[arg-type]


def test_recall_and_false_positives_are_counted_apart() -> None:
    """At the policy's threshold, and at one per cent on the same benign texts."""
    rows = [some(True, s, n) for n, s in enumerate((0.9, 0.8, 0.4, 0.1))]
    rows += [some(False, s, n + 10) for n, s in enumerate((0.6, 0.3, 0.2, 0.05))]
    (group,) = summary(rows, 0, 2.0, 1).groups

    assert (group.recall.count, group.recall.total) == (2, 4)
    assert (group.false_positives.count, group.false_positives.total) == (1, 4)
    assert group.auroc is not None
    assert group.auroc.value == 12 / 16
    assert group.at_one_percent is not None
    assert (group.at_one_percent.recall.count, group.at_one_percent.false_positives.count) == (2, 0)


def test_channels_have_no_common_curve() -> None:
    """Heads differ, so scores of different channels are not put in one order."""
    rows = [some(True, 0.9, 1), some(False, 0.1, 2, channel=Channel.DOCUMENT)]
    groups = summary(rows, 0, 1.0, 1).groups

    assert [(g.field, g.value) for g in groups] == [("all", ""), ("channel", "document"), ("channel", "user")]
    assert groups[0].auroc is None


def test_slices_are_fields_with_few_values() -> None:
    """A field that names each row is none."""
    rows = [
        some(True, 0.9, n, slices=(("kind", "ab"[n % 2]), ("id", str(n)), ("same", "x"))) for n in range(100)
    ]
    groups = summary(rows, 0, 1.0, 1).groups

    assert [(g.field, g.value, g.rows) for g in groups[1:]] == [("kind", "a", 50), ("kind", "b", 50)]


def test_disguised_rows_count_only_among_those_caught_in_clear() -> None:
    """Their recall is of what is caught as it came, and they move no other figure."""
    rows = [some(True, 0.9, 1), some(True, 0.1, 2)]
    rows += [some(True, s, n, disguise="hex", digest=f"h{n}") for n, s in ((1, 0.9), (2, 0.9))]
    found = summary(rows, 0, 1.0, 1)

    assert (found.rows, found.groups[0].attacks) == (2, 2)
    assert (found.disguises["hex"].count, found.disguises["hex"].total) == (1, 1)


def test_latencies_leave_repeated_texts_out() -> None:
    """A text that was seen before is answered from memory, which says nothing."""
    rows = [some(None, 0.1, 5), some(None, 0.1, 1, digest="d5"), some(None, 0.1, 9, characters=5_000)]
    found = summary(rows, 0, 1.0, 1)

    assert [(one.upto, one.rows, one.p50) for one in found.latency] == [(200, 1, 5.0), (12_800, 1, 9.0)]
    assert (found.duplicates, found.unlabelled) == (1, 3)


def test_the_table_hides_nothing() -> None:
    """Lines that could not be used, broken steps, repeated and unlabelled rows are all told."""
    rows = [
        some(True, 0.9, 1, findings=("error/detect",)),
        some(None, 0.1, 1, channel=Channel.ASSISTANT, scanned=False),
        some(True, 0.9, 1, disguise="hex"),
    ]
    text = "\n".join(table(summary(rows, 3, 0.5, 2)))

    for told in (
        "2 rows in 0.5 s (6 a second, 2 processes).",
        "3 lines could not be used.",
        "1 rows have no label",
        "1 rows repeat an earlier text",
        "1 rows broke a step of the guard.",
        "does not score the channel assistant: its 1 rows",
        "caught in clear, and disguised as",
        "hex",
        "100.0% [20.7%–100.0%]",
    ):
        assert told in text

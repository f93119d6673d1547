"""Feedback is checked before it trains."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import ModelOutputSink

TRAIN = "export async function nightly(rows) {\n  %s\n  await trainOnFeedback(rows);\n}\n"
MET = {
    "src/learn.ts": 'import { z } from "zod";\nconst Row = z.object({ text: z.string() });\n'
    + TRAIN % "rows = rows.filter((r) => Row.safeParse(r).success);"
}
NOT_MET = {"src/learn.ts": TRAIN % "console.log(rows.length);"}
NAME = "feedback_does_not_train_unchecked"


def test_model_output_that_trains_is_seen() -> None:
    """An unguarded sink of kind training is a fault."""
    sink = ModelOutputSink(at=Location("src/a.py", 2), sink="training", callee="fit", guarded=False)
    assert outcomes(observe(NAME, {}, extra=(sink,))) == {Outcome.NOT_MET}


def test_other_sinks_are_not_training() -> None:
    """Model output in a page is another check's matter."""
    sink = ModelOutputSink(at=Location("src/a.py", 2), sink="html", callee="f", guarded=False)
    assert outcomes(observe(NAME, {}, extra=(sink,))) == {Outcome.NOT_APPLICABLE}


def test_a_check_in_another_file_does_not_count() -> None:
    """Only a step beside the training shows that it is part of it."""
    files = {**NOT_MET, "src/other.ts": 'import { z } from "zod";\nz.string().safeParse(1);\n'}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}

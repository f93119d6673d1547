"""What could not be read is never part of a pass."""

import pytest
from tests.trees import inputs_of, observe, outcomes

from assaymark.checks import all_checks
from assaymark.checks._runner import run, run_key
from assaymark.observation import Location, Outcome
from assaymark.scan.facts import CodeFile, ScanProblem

GOOD = {
    "app.py": "from transformers import AutoModel\n\n"
    f"model = AutoModel.from_pretrained('org/model', revision='{'ab12' * 10}')\n",
}
BROKEN = "def (:\n  eval(input())\n"
CODE = [
    c for c in all_checks() if c.decisive and any(k.__module__ == CodeFile.__module__ for _, k in c.inputs)
]


def _met(files: dict[str, str]) -> set[str]:
    return {o.check for o in run(CODE, inputs_of(files)) if o.outcome is Outcome.MET}


def test_a_file_that_cannot_be_parsed_leaves_the_question_open() -> None:
    """Every check that would be met by the code alone says that not all of it was read."""
    before = _met(GOOD)
    seen = run(CODE, inputs_of(GOOD | {"src/evil.py": BROKEN}))

    assert before
    assert {o.check for o in seen if o.outcome is Outcome.MET} == set()
    lowered = [o for o in seen if o.check in before]
    assert outcomes(lowered) == {Outcome.PARTLY_MET}
    assert all("src/evil.py" in str(o.details[0].at) for o in lowered)


@pytest.mark.parametrize("path", ["tests/test_evil.py", "examples/evil.py", "static/lib.min.js"])
def test_what_is_no_product_source_takes_nothing_away(path: str) -> None:
    """Tests, examples and build output are named as unread, no more."""
    assert _met(GOOD | {path: BROKEN}) == _met(GOOD)


@pytest.mark.parametrize("scanner", ["reader", "all"])
def test_a_file_that_no_parser_saw_counts_by_its_name(scanner: str) -> None:
    """Unreadable source lowers what is said of code; an unreadable picture does not."""

    def met_beside(path: str) -> bool:
        problem = ScanProblem(at=Location(path), scanner=scanner, reason="it cannot be opened")
        seen = run(CODE, inputs_of(GOOD, extra=(problem,)))
        return any(o.outcome is Outcome.MET for o in seen)

    assert not met_beside("app/core.py")
    assert met_beside("logo.dat")


def test_the_run_key_follows_what_was_not_read() -> None:
    """An answer from before a file became unreadable is not given again."""
    name = min(_met(GOOD))
    check = next(c for c in CODE if c.info.id == name)
    problem = ScanProblem(at=Location("b.py"), scanner="python", reason="broken syntax")

    assert run_key(check, inputs_of(GOOD)) != run_key(check, inputs_of(GOOD, extra=(problem,)))
    assert outcomes(observe(name, GOOD, extra=(problem,))) == {Outcome.PARTLY_MET}

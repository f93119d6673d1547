"""Approval steps are tested."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

GATE = (
    "export async function requestApproval(x) { const a = await prompt(x); if (!a) throw new Error('no'); }\n"
)
USE = (
    'import { requestApproval } from "./gate";\nexport async function pay(x) { await requestApproval(x); }\n'
)
MET = {
    "src/gate.ts": GATE,
    "src/pay.ts": USE,
    "tests/gate.test.ts": 'import { requestApproval } from "../src/gate";\n'
    "test('refusal stops it', async () => { await expect(requestApproval('x')).rejects.toThrow(); });\n",
}
NOT_MET = {
    "src/gate.ts": GATE,
    "src/pay.ts": USE,
    "tests/sum.test.ts": "test('adds', () => { expect(1 + 1).toBe(2); });\n",
}
NAME = "oversight_measures_are_verified"


def test_no_tests_in_the_tree_is_not_a_fault() -> None:
    """Tests may live elsewhere."""
    assert outcomes(observe(NAME, {"src/gate.ts": GATE, "src/pay.ts": USE})) == {Outcome.NOT_OBSERVABLE}


def test_nothing_to_verify_does_not_apply() -> None:
    """Without an approval step the question does not arise."""
    assert outcomes(observe(NAME, {"tests/sum.test.ts": NOT_MET["tests/sum.test.ts"]})) == {
        Outcome.NOT_APPLICABLE
    }


def test_a_name_in_a_string_of_a_test_is_no_use() -> None:
    """A test that only prints the name does not exercise the approval."""
    files = {**NOT_MET, "tests/a.test.ts": "test('x', () => { console.log('requestApproval'); });\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}

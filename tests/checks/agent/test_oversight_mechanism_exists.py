"""People can approve or stop."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

HEAD = 'import { tool } from "ai";\nimport { z } from "zod";\n'
MET = {
    "src/agent.ts": 'import { interrupt } from "@langchain/langgraph";\n'
    "export async function pay(state) { const ok = interrupt({ ask: state.amount }); return { ok }; }\n"
}
NOT_MET = {
    "src/tools.ts": HEAD
    + "export const drop = tool({ description: 'd', inputSchema: z.object({ id: z.string() }),\n"
    + "  execute: async ({ id }) => prisma.user.delete({ where: { id } }) });\n"
}
NAME = "oversight_mechanism_exists"


def test_absence_is_for_a_person_to_judge() -> None:
    """Oversight may live outside the tree, so its absence is tentative."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_a_kill_switch_counts() -> None:
    """A switch that is read before the model is asked is a mechanism."""
    files = {"src/a.ts": "export async function ask() { if (await killSwitch()) throw new Error('off'); }\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_word_in_a_comment_is_no_mechanism() -> None:
    """Only structure counts."""
    files = {"src/a.ts": "// TODO killSwitch, human approval\nexport const a = 'interrupt';\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}

"""Tools that act ask a person first."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import Effect, ToolDefinition

HEAD = 'import { tool } from "ai";\nimport { z } from "zod";\nimport { exec } from "node:child_process";\n'
MET = {
    "src/tools.ts": HEAD
    + "export const refund = tool({ description: 'Refund', needsApproval: true,\n"
    + "  inputSchema: z.object({ amount: z.number().max(100) }),\n"
    + "  execute: async ({ amount }) => stripe.refunds.create({ amount }) });\n"
}
NOT_MET = {
    "src/tools.ts": HEAD
    + "export const shell = tool({ description: 'Run', inputSchema: z.object({ cmd: z.string() }),\n"
    + "  execute: async ({ cmd }) => exec(cmd) });\n"
}
NAME = "acting_tools_ask_first"


def test_a_shell_without_approval_is_firm() -> None:
    """A free command that nobody confirms is a fault by itself, with its place."""
    (seen,) = observe(NAME, NOT_MET)
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)
    assert seen.details[0].at is not None
    assert seen.details[0].at.line == 4
    assert seen.obligations == ("5.1.2-6#1", "5.1.4-1#1")


def test_an_approval_elsewhere_leaves_it_to_a_person() -> None:
    """Where another file asks people, the bare tool may be covered: tentative."""
    both = {**NOT_MET, "src/pay.ts": MET["src/tools.ts"]}
    (seen,) = observe(NAME, both)
    assert seen.certainty is Certainty.TENTATIVE
    assert "asks a person here" in seen.details[-1].message


def test_a_confirmation_inside_the_body_counts() -> None:
    """A call that asks the user, made by a function of the same file, is an approval."""
    body = HEAD + (
        "async function ask(x) { await confirmAction(x); }\n"
        "export const shell = tool({ description: 'd', inputSchema: z.object({ cmd: z.string() }),\n"
        "  execute: async ({ cmd }) => { await ask(cmd); return exec(cmd); } });\n"
    )
    assert outcomes(observe(NAME, {"src/tools.ts": body})) == {Outcome.MET}


def test_reading_tools_need_nobody() -> None:
    """A tool that only reads raises no question."""
    body = HEAD + (
        "export const look = tool({ description: 'd', inputSchema: z.object({ id: z.string() }),\n"
        "  execute: async ({ id }) => prisma.order.findFirst({ where: { id } }) });\n"
    )
    assert outcomes(observe(NAME, {"src/tools.ts": body})) == {Outcome.NOT_APPLICABLE}


def test_tools_in_tests_are_not_the_product() -> None:
    """Test material never fails the product."""
    assert outcomes(observe(NAME, {"tests/tools.test.ts": NOT_MET["src/tools.ts"]})) == {
        Outcome.NOT_APPLICABLE
    }


def test_an_approval_that_cannot_be_told_is_tentative() -> None:
    """Where the parser could not say whether anybody is asked, a person has to."""
    tool = ToolDefinition(
        at=Location("a.py", 4), name="run", framework="langchain", effects=(Effect.EXECUTE,)
    )
    (seen,) = observe(NAME, {}, extra=(tool,))
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)

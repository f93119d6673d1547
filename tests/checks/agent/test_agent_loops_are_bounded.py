"""Agents stop by themselves."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import LibraryUse, Limit

CALL = (
    'import OpenAI from "openai";\nconst client = new OpenAI();\nexport async function run(messages) {\n'
    "  while (true) { await client.chat.completions.create({ model: 'gpt-4.1', messages, "
    "tools: [search] }); }\n}\n"
)
MET = {
    "src/agent.ts": 'import { generateText, tool, stepCountIs } from "ai";\n'
    "export const search = tool({ description: 'd', inputSchema: s, execute: async (a) => index.find(a) });\n"
    "export const run = (prompt) => generateText({ model, prompt, tools: { search }, "
    "stopWhen: stepCountIs(5) });\n"
}
NOT_MET = {"src/agent.ts": CALL}
NAME = "agent_loops_are_bounded"


def test_a_bound_that_nothing_reads_is_a_fault() -> None:
    """A limit that is only written down bounds nothing."""
    idle = Limit(at=Location("src/a.py", 1), kind="iterations", name="MAX_STEPS", value="9", enforced=False)
    use = LibraryUse(at=Location("src/a.py", 1), library="langchain", category="agent")
    assert outcomes(observe(NAME, {}, extra=(idle, use))) == {Outcome.NOT_MET}


def test_a_framework_default_is_left_open() -> None:
    """An agent framework without a written bound is neither good nor bad."""
    use = LibraryUse(at=Location("src/a.py", 1), library="langgraph", category="agent")
    assert outcomes(observe(NAME, {}, extra=(use,))) == {Outcome.NOT_OBSERVABLE}


def test_a_chat_without_tools_has_no_loop() -> None:
    """Where the model calls nothing the question does not arise."""
    files = {"src/a.ts": CALL.replace(", tools: [search]", "")}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}

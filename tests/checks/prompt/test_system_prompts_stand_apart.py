"""Instructions stay in the system role."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

HEAD = 'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\n'
MET = {
    "app/api/chat/route.ts": HEAD
    + "export async function POST(req: Request) {\n  const { q } = await req.json();\n"
    "  return client.messages.create({ model: 'm', max_tokens: 9, system: 'You answer "
    "questions about bills.',\n"
    "    messages: [{ role: 'user', content: q }] });\n}\n"
}
NOT_MET = {
    "app/api/chat/route.ts": HEAD
    + "export async function POST(req: Request) {\n  const { q } = await req.json();\n"
    "  return client.messages.create({ model: 'm', max_tokens: 9,\n"
    "    system: `You answer questions about bills. The user asks: ${q}`, messages: [] });\n}\n"
}
NAME = "system_prompts_stand_apart"


def test_configuration_in_a_system_prompt_is_fine() -> None:
    """What the operator sets may stand there."""
    files = {
        "a.ts": HEAD + "client.messages.create({ system: `You work for the company ${process.env.COMPANY}.`, "
        "messages: [], model: 'm', max_tokens: 1 });\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_messages_from_elsewhere_leave_it_open() -> None:
    """A list that another function built may hold a system message."""
    files = {
        "a.ts": 'import OpenAI from "openai";\nconst c = new OpenAI();\nexport const f = (messages) => '
        "c.chat.completions.create({ model: 'm', messages });\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}

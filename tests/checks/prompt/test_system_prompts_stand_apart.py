"""Instructions stay in the system role."""

from tests.trees import observe, outcomes

from assaymark.observation import Location, Outcome
from assaymark.scan.facts import PromptText

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


def test_the_summary_counts_only_what_was_seen() -> None:
    """One prompt that holds others' text is said in a sentence of its own, without a count of none."""
    prompt = PromptText(
        at=Location("app/chat.py", 3),
        name="SYSTEM",
        role="system",
        sha256="a" * 64,
        length=80,
        placeholders=("user_name",),
        untrusted=("user_name",),
    )
    (seen,) = observe(NAME, {}, extra=(prompt,))
    assert seen.summary == "1 system prompt holds others' text."

"""A guard stands before the model."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

HEAD = 'import OpenAI from "openai";\nconst client = new OpenAI();\n'
ROUTE = HEAD + (
    "export async function POST(req: Request) {\n  const { q } = await req.json();\n  %s\n"
    "  return client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: q }] });\n}\n"
)
MET = {"app/api/chat/route.ts": ROUTE % "await client.moderations.create({ input: q });"}
NOT_MET = {"app/api/chat/route.ts": ROUTE % ""}
NAME = "guardrail_stands_before_the_model"


def test_absence_is_tentative() -> None:
    """A gateway may hold the guard, so a person has to say."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_a_schema_is_part_of_it() -> None:
    """Validation of shape is something, and no guard against injection."""
    files = {"app/api/chat/route.ts": 'import { z } from "zod";\n' + ROUTE % "z.string().safeParse(q);"}
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}


def test_a_guard_in_tests_guards_nothing() -> None:
    """Only the product's code counts."""
    files = {**NOT_MET, "tests/a.test.ts": HEAD + "client.moderations.create({ input: 'x' });\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_batch_over_own_text_is_not_accused() -> None:
    """Where no text of others was seen to reach the model, nothing is held against it."""
    files = {
        "src/a.ts": HEAD + "client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: "
        "'Write a short poem on the sea.' }] });\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.PARTLY_MET}

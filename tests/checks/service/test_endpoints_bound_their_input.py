"""Input is bounded."""

from tests.trees import observe, outcomes

from assaymark.observation import Outcome

HONO = (
    'import { Hono } from "hono";\nimport OpenAI from "openai";\nconst app = new '
    "Hono();\nconst client = new OpenAI();\n"
)
CHAT = (
    "app.post('/chat', async (c) => c.json(await client.chat.completions.create({ "
    "messages: await c.req.json() })));\n"
)
MET = {
    "src/app.ts": HONO
    + 'import { bodyLimit } from "hono/body-limit";\napp.use(bodyLimit({ maxSize: 9000 }));\n'
    + CHAT
}
NOT_MET = {"src/app.ts": HONO + CHAT}
NAME = "endpoints_bound_their_input"


def test_express_bounds_json_by_default() -> None:
    """The JSON parser of Express refuses more than 100 kB unless told otherwise."""
    files = {
        "src/app.ts": 'import express from "express";\nimport OpenAI from "openai";\nconst '
        "client = new OpenAI();\n"
        "const app = express();\napp.use(express.json());\napp.post('/chat', async (req, res) => "
        "res.json(await client.chat.completions.create({ messages: req.body })));\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_a_bound_in_the_schema_counts() -> None:
    """A field with a longest length is bounded."""
    bounded = CHAT.replace("await c.req.json()", "z.string().max(400).parse(await c.req.json())")
    files = {"src/app.ts": HONO + bounded}
    assert outcomes(observe(NAME, files)) == {Outcome.MET}


def test_reading_takes_no_input() -> None:
    """A GET without a body is not asked."""
    files = {"src/app.ts": HONO + "app.get('/a', async (c) => c.json(await prisma.a.findMany()));\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}


def test_a_body_that_cannot_be_told_is_left_open() -> None:
    """A handler in another file may bound its input."""
    files = {
        "src/app.ts": HONO + CHAT.replace("async (c) =>", "async (c: unknown) =>").replace("app.", "router.")
    }
    assert Outcome.NOT_MET not in outcomes(observe(NAME, files))

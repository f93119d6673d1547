"""Surplus functions are closed off."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Location, Outcome
from assaymark.scan.facts import LlmCall

HEAD = 'import express from "express";\nimport OpenAI from "openai";\nimport { z } from "zod";\n'
APP = HEAD + (
    "const app = express();\nconst client = new OpenAI();\nconst Body = z.object({ q: "
    "z.string().max(500) });\n"
    "app.post('/chat', async (req, res) => {\n  %s\n"
    "  res.json(await client.chat.completions.create({ model: 'gpt-4o', messages: [] }));\n});\n"
)
MET = {"src/app.ts": APP % "const { q } = Body.parse(req.body);"}
NOT_MET = {
    "src/app.ts": HEAD + "const client = new OpenAI();\nexport const ask = (input) =>\n"
    "  client.responses.create({ model: 'gpt-4.1', input, tools: [code_interpreter] });\n"
}
NAME = "model_functions_are_limited_to_need"


def test_provider_tools_are_a_question_for_a_person() -> None:
    """They may be needed, so the doubt is tentative."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_untyped_input_before_a_multimodal_model_is_half_an_answer() -> None:
    """Without a schema nothing shows that images are refused."""
    assert outcomes(observe(NAME, {"src/app.ts": APP % "const { q } = req.body;"})) == {Outcome.PARTLY_MET}


def test_an_unknown_model_is_left_open() -> None:
    """Nothing is said of a model that is not known by name."""
    call = LlmCall(at=Location("src/a.py", 1), client="openai", function="f", model="our-own-7b")
    assert outcomes(observe(NAME, {}, extra=(call,))) == {Outcome.NOT_OBSERVABLE}

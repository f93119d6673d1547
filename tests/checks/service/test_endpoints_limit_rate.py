"""Access to the model is limited."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

HEAD = (
    'import express from "express";\nimport rateLimit from "express-rate-limit";\nimport '
    'OpenAI from "openai";\n'
    "const app = express();\nconst client = new OpenAI();\n"
)
CHAT = (
    "app.post('/chat', async (req, res) => { res.json(await "
    "client.chat.completions.create({ messages: [] })); });\n"
)
MET = {"src/app.ts": HEAD + "app.use('/chat', rateLimit({ windowMs: 60000, max: 20 }));\n" + CHAT}
NOT_MET = {"src/app.ts": HEAD + CHAT}
NAME = "endpoints_limit_rate"


def test_open_and_unlimited_is_firm() -> None:
    """Anybody may ask as often as they like."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM


def test_behind_identity_it_is_for_a_person() -> None:
    """Known callers without a limit are a doubt, not a fault."""
    (seen,) = observe(NAME, {"src/app.ts": HEAD + "app.use(requireAuth);\n" + CHAT})
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_a_limit_on_another_path_does_not_count() -> None:
    """What covers /admin does not cover /chat."""
    files = {"src/app.ts": HEAD + "app.use('/admin', rateLimit({ max: 2 }));\n" + CHAT}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_MET}


def test_a_database_route_is_not_model_access() -> None:
    """Only what reaches a model is asked here."""
    files = {"src/app.ts": HEAD + "app.get('/a', async (req, res) => res.json(await prisma.a.findMany()));\n"}
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}

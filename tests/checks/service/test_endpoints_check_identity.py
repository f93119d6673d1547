"""Endpoints know who calls."""

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
MET = {"src/app.ts": HEAD + "app.use(requireAuth);\n" + CHAT}
NOT_MET = {"src/app.ts": HEAD + CHAT}
NAME = "endpoints_check_identity"


def test_open_to_anybody_without_limit_is_firm() -> None:
    """No identity and no limit, in an application made here: a fault by itself."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.FIRM


def test_a_limited_public_endpoint_is_for_a_person() -> None:
    """A public chat may be meant; with a limit it is left to judgement."""
    (seen,) = observe(NAME, {"src/app.ts": HEAD + "app.use(rateLimit({ max: 5 }));\n" + CHAT})
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.TENTATIVE)


def test_health_and_login_need_no_identity() -> None:
    """Routes that reach nothing, or that make identity, are not asked."""
    files = {
        "src/app.ts": HEAD + "app.get('/health', (req, res) => res.send('ok'));\n"
        "app.post('/login', async (req, res) => res.json(await prisma.user.findFirst({})));\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}


def test_middleware_of_next_may_cover_it() -> None:
    """A middleware file with an authentication library makes the doubt tentative."""
    route = (
        'import OpenAI from "openai";\nconst c = new OpenAI();\nexport async function POST(r: Request) {\n'
    )
    files = {
        "app/api/chat/route.ts": route + "  return c.chat.completions.create({ messages: [] });\n}\n",
        "middleware.ts": 'import { clerkMiddleware } from "@clerk/nextjs/server";\nexport '
        "default clerkMiddleware();\n",
    }
    (seen,) = observe(NAME, files)
    assert seen.certainty is Certainty.TENTATIVE


def test_authentication_after_the_route_does_not_cover_it() -> None:
    """Order decides in Express: a guard put after the route guards nothing."""
    assert outcomes(observe(NAME, {"src/app.ts": HEAD + CHAT + "app.use(requireAuth);\n"})) == {
        Outcome.NOT_MET
    }


def test_a_router_of_its_own_file_is_left_open() -> None:
    """Whoever mounts it may authenticate."""
    files = {
        "src/r.ts": 'import { Router } from "express";\nexport const router = Router();\n'
        "router.get('/x', async (req, res) => res.json(await prisma.a.findMany()));\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_OBSERVABLE}

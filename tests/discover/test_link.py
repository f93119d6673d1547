"""Endpoints reach what the functions of other files reach, and only where one function can be meant."""

from typing import TypeVar

from tests.trees import facts_of

from assaymark.discover.link import linked
from assaymark.scan.facts import (
    Endpoint,
    Fact,
    FailOpen,
    Origin,
    OutboundFetch,
    SafeguardDefinition,
    ToolDefinition,
)

F = TypeVar("F", bound=Fact)
ROUTES = """
from fastapi import FastAPI
from app.store import everything
from app.model import answer

app = FastAPI()

@app.get("/all")
def transcripts():
    return everything()

@app.post("/ask")
def ask(text: str):
    return answer(text)

@app.get("/health")
def health():
    return {}
"""
STORE = """
import sqlite3
db = sqlite3.connect("x.db")

def everything():
    return list(db.execute("SELECT * FROM conversations"))
"""
MODEL = """
from openai import OpenAI
client = OpenAI()

def answer(text):
    return client.chat.completions.create(model="m-2024-01-01", messages=[{"role": "user", "content": text}])
"""
TREE = {"app/main.py": ROUTES, "app/store.py": STORE, "app/model.py": MODEL}


def reached(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Route → what it reaches."""
    return {f.route: f.reaches for f in linked(facts_of(files)) if isinstance(f, Endpoint)}


def test_an_endpoint_reaches_what_an_imported_function_reaches() -> None:
    """A store or a model in a file of its own is reached all the same; nothing else is."""
    found = reached(TREE)
    assert "database" in found["/all"]
    assert "llm" in found["/ask"]
    assert found["/health"] == ()


def test_a_relative_import_is_followed() -> None:
    """`from .store import everything` means the file beside it."""
    found = reached(TREE | {"app/main.py": ROUTES.replace("app.store", ".store")})
    assert "database" in found["/all"]


def test_a_package_stands_for_its_init_file() -> None:
    """A function may be defined in `__init__.py`."""
    files = {"app/main.py": ROUTES, "app/store/__init__.py": STORE}
    assert "database" in reached(files)["/all"]


def test_two_files_that_could_be_meant_are_not_guessed_at() -> None:
    """Where the import fits several files, the one below the caller's own root counts, else none."""
    assert "database" in reached(TREE | {"old/app/store.py": "def everything():\n    return []\n"})["/all"]
    apart = {"a/app/store.py": STORE, "b/app/store.py": STORE, "web/main.py": ROUTES}
    assert reached(apart)["/all"] == ()


def test_typescript_follows_paths() -> None:
    """`./agent.js` is `agent.ts` beside the caller."""
    server = (
        'import express from "express";\nimport { handle } from "./agent.js";\nconst app = express();\n'
        'app.post("/letters", async (request, response) => {\n'
        "  response.json(await handle(request.body.text));\n});\napp.listen(3000);\n"
    )
    agent = (
        'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\n'
        "export async function handle(letter: string) {\n"
        '  return client.messages.create({ model: "m-2024", max_tokens: 9, messages: [] });\n}\n'
    )
    assert "llm" in reached({"src/server.ts": server, "src/agent.ts": agent})["/letters"]
    assert reached({"src/server.ts": server, "lib/agent.ts": agent})["/letters"] == ()


def seen(kind: type[F], files: dict[str, str]) -> list[F]:
    """Facts of one kind after linking."""
    return [f for f in linked(facts_of(files)) if isinstance(f, kind)]


GUARDED = """
from fastapi import Depends, FastAPI
from app.people import whoever
app = FastAPI()

@app.get("/mine/{item_id}")
def mine(item_id: str, person=Depends(whoever)):
    return item_id
"""


def test_a_dependency_of_another_file_is_looked_at() -> None:
    """One that answers 401 checks identity; one that opens a session does not; a missing one is unknown."""
    refuses = "from fastapi import HTTPException\ndef whoever():\n    raise HTTPException(status_code=401)\n"
    opens = "def whoever():\n    yield object()\n"
    assert seen(Endpoint, {"app/main.py": GUARDED, "app/people.py": refuses})[0].authenticated is True
    provided = GUARDED.replace("whoever", "get_db"), opens.replace("whoever", "get_db")
    assert (
        seen(Endpoint, {"app/main.py": provided[0], "app/people.py": provided[1]})[0].authenticated is False
    )
    assert seen(Endpoint, {"app/main.py": GUARDED})[0].authenticated is None


ROUTER = """
from fastapi import APIRouter
router = APIRouter()

@router.get("/all")
def everything():
    return []
"""
MAIN = """
from fastapi import Depends, FastAPI
from app.routers import admin
from app.auth import require_admin
app = FastAPI()
app.include_router(admin.router{given})
"""


def test_a_router_is_covered_by_where_it_is_put() -> None:
    """`include_router(..., dependencies=[Depends(require_admin)])` protects the routes of another file."""
    auth = "def require_admin(token):\n    if not token:\n        raise PermissionDenied\n"
    files = {"app/routers/admin.py": ROUTER, "app/auth.py": auth}
    closed = MAIN.format(given=", dependencies=[Depends(require_admin)]")
    assert seen(Endpoint, files | {"app/main.py": closed})[0].authenticated is True
    assert seen(Endpoint, files | {"app/main.py": MAIN.format(given="")})[0].authenticated is False
    handed = MAIN.format(given="") + "from app.setup import configure\nconfigure(app)\n"
    assert seen(Endpoint, files | {"app/main.py": handed})[0].authenticated is None
    assert seen(Endpoint, files)[0].authenticated is None


def test_a_tool_does_what_it_calls_elsewhere() -> None:
    """A tool that hands its address to a helper fetches, and the helper's address is the model's."""
    tool = (
        "from langchain_core.tools import tool\nfrom helpers import get\n"
        '@tool\ndef fetch_page(url: str) -> str:\n    """Fetch."""\n    return get(url)\n'
    )
    helper = "import requests\ndef get(address):\n    return requests.get(address).text\n"
    files = {"tools.py": tool, "helpers.py": helper}
    assert "fetch" in seen(ToolDefinition, files)[0].effects
    assert seen(OutboundFetch, files)[0].origin is Origin.TOOL_ARGUMENT
    assert seen(OutboundFetch, {"helpers.py": helper})[0].origin is Origin.PARAMETER
    checked = tool.replace("    return get(url)", "    validate_url(url)\n    return get(url)")
    assert seen(OutboundFetch, files | {"tools.py": checked})[0].origin is Origin.PARAMETER


SCREEN = """
import requests

def {name}(text):
    try:
        return requests.post("https://screen.example/v1", json=text).json()["fine"]
    except requests.RequestException:
        {last}
"""
ASKS = """
from fastapi import FastAPI, HTTPException
from app.screen import fine
app = FastAPI()

@app.post("/ask")
def ask(text: str):
    if not fine(text):
        raise HTTPException(status_code=422)
    return text
"""


def test_what_decides_a_refusal_elsewhere_is_a_safeguard() -> None:
    """Whatever its name, a function on whose answer a handler refuses must not say yes when it breaks."""
    opens = SCREEN.format(name="fine", last="return True")
    closed = SCREEN.format(name="fine", last="return False")
    assert [f.function for f in seen(FailOpen, {"app/main.py": ASKS, "app/screen.py": opens})] == ["fine"]
    assert seen(FailOpen, {"app/main.py": ASKS, "app/screen.py": closed}) == []
    assert seen(FailOpen, {"app/screen.py": opens}) == []


def test_a_safeguard_called_from_another_file_is_used() -> None:
    """A definition that nothing refers to in its own file may be called elsewhere."""
    guard = "def validate_query(text):\n    if ';' in text:\n        raise ValueError\n"
    caller = "from guard import validate_query\ndef run(text):\n    validate_query(text)\n"
    assert seen(SafeguardDefinition, {"guard.py": guard, "run.py": caller})[0].used is True
    assert seen(SafeguardDefinition, {"guard.py": guard})[0].used is False


def test_calls_in_a_circle_end() -> None:
    """Functions that call each other across files are followed a few steps, and nothing is lost."""
    one = STORE.replace("def everything", "from b import two\ndef one") + "    two()\n"
    two = "from a import one\ndef two():\n    one()\n"
    main = ROUTES.replace("app.store", "b").replace("everything", "two")
    assert (
        "database"
        in reached({"a.py": one.replace("return list", "list"), "b.py": two, "main.py": main})["/all"]
    )


def test_what_a_package_offers_is_found_in_its_files() -> None:
    """`from app import everything` where `app/__init__.py` takes it from `.store`."""
    files = {
        "main.py": ROUTES.replace("app.store", "app"),
        "app/__init__.py": "from .store import everything\n",
        "app/store.py": STORE,
    }
    assert "database" in reached(files)["/all"]


def test_a_safeguard_that_only_its_test_calls_is_unused() -> None:
    """The product has to call it."""
    guard = (
        "export function assertReadOnly(sql: string) { if (!/^select/i.test(sql)) throw new Error(sql); }\n"
    )
    call = 'import { assertReadOnly } from "../src/guard.js";\nassertReadOnly("select 1");\n'
    tested = {"src/guard.ts": guard, "test/guard.test.ts": call}
    for files, used in ((tested, False), (tested | {"src/db.ts": call}, True)):
        (found,) = [f for f in linked(facts_of(files)) if isinstance(f, SafeguardDefinition)]
        assert found.used is used


GATED = """import express from "express";
import whoever from "./people.js";
import routes from "./routes/all.js";
const app = express();
app.use("/all", {guard}routes);
app.get("/mine", whoever, (request, response) => response.json(1));
app.listen(3000);
"""
PEOPLE = """export default function whoever(request, response, next) {
  if (!request.headers.authorization) return response.status(401).end();
  next();
}
"""
ROUTES_JS = """import { Router } from "express";
const router = Router();
router.get("/", (request, response) => response.json([]));
export default router;
"""


def test_express_middleware_and_routers_of_other_files_are_looked_at() -> None:
    """A guard imported under any name counts where it refuses, before a route and before a mounted router."""
    files = {"src/people.ts": PEOPLE, "src/routes/all.ts": ROUTES_JS}
    closed = seen(Endpoint, files | {"src/app.ts": GATED.format(guard="whoever, ")})
    assert {e.route: e.authenticated for e in closed} == {"/mine": True, "/": True}
    open_ = seen(Endpoint, files | {"src/app.ts": GATED.format(guard="")})
    assert {e.route: e.authenticated for e in open_} == {"/mine": True, "/": None}
    unread = seen(Endpoint, {"src/app.ts": GATED.format(guard="")})
    assert {e.route: e.authenticated for e in unread} == {"/mine": None}


def test_a_promise_that_catches_to_true_fails_open() -> None:
    """`isAllowed(text).catch(() => true)` lets through; answering false does not, nor does anything else."""
    code = "async function ask(u) {\n  if (!(await checkPermission(u).catch(() => true))) throw 1;\n}\n"
    assert len(seen(FailOpen, {"a.ts": code})) == 1
    assert seen(FailOpen, {"a.ts": code.replace("=> true", "=> false")}) == []
    assert seen(FailOpen, {"a.ts": code.replace("checkPermission", "loadCache")}) == []


def test_a_chainlit_decorator_of_its_data_layer_is_no_endpoint() -> None:
    """Only what answers a message or an event of a user is one."""
    code = "from chainlit.data.utils import queued\n@queued\ndef save(x):\n    pass\n"
    assert seen(Endpoint, {"layer.py": code}) == []
    answers = "import chainlit as cl\n@cl.on_message\nasync def main(m):\n    pass\n"
    assert len(seen(Endpoint, {"app.py": answers})) == 1

"""Endpoints reach what the functions of other files reach, and only where one function can be meant."""

from tests.trees import facts_of

from assaymark.discover.link import linked
from assaymark.scan.facts import Endpoint

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
    """Where the import fits several files, nothing is added."""
    found = reached(TREE | {"old/app/store.py": STORE})
    assert found["/all"] == ()


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
        '  return client.messages.create({ model: "claude-3-5-haiku-20241022", max_tokens: 9, messages: [] });\n}\n'
    )
    assert "llm" in reached({"src/server.ts": server, "src/agent.ts": agent})["/letters"]
    assert reached({"src/server.ts": server, "lib/agent.ts": agent})["/letters"] == ()

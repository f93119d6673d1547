"""Tools and endpoints: how they are declared, what they can do, who may call them."""

import pytest
from tests.scan.python.reading import found, the

from assaymark.scan.facts import Effect, Endpoint, ServerBind, ToolDefinition

BODY = "\n    import os\n    os.remove(path)\n"


@pytest.mark.parametrize(
    ("framework", "source"),
    [
        ("langchain", "from langchain_core.tools import tool\n@tool\ndef wipe(path: str):" + BODY),
        (
            "mcp",
            "from mcp.server.fastmcp import FastMCP\nm = FastMCP('x')\n@m.tool()\ndef wipe(path: str):"
            + BODY,
        ),
        ("mcp", "from fastmcp import FastMCP\nm = FastMCP('x')\n@m.tool\ndef wipe(path: str):" + BODY),
        ("openai-agents", "from agents import function_tool\n@function_tool\ndef wipe(path: str):" + BODY),
        (
            "pydantic-ai",
            "from pydantic_ai import Agent\na = Agent('m')\n@a.tool_plain\ndef wipe(path: str):" + BODY,
        ),
        (
            "llama-index",
            "from llama_index.core.tools import FunctionTool\ndef wipe(path):"
            + BODY
            + "FunctionTool.from_defaults(fn=wipe)",
        ),
        (
            "smolagents",
            (
                "from smolagents import Tool\nimport os\nclass W(Tool):\n    name = 'wipe'\n"
                "    def forward(self, path):\n        os.remove(path)"
            ),
        ),
        ("openai", "import openai\ndef wipe(path):" + BODY + "T = {'name': 'wipe', 'parameters': {}}"),
    ],
)
def test_a_tool_is_found_with_its_effect(framework: str, source: str) -> None:
    """Whatever the framework, the tool's name and what it can do are read."""
    tool = the(ToolDefinition, source)

    assert (tool.name, tool.framework, tool.effects) == ("wipe", framework, (Effect.DELETE,))


def test_effects_of_helpers_count() -> None:
    """What a function of the same file does for the tool is the tool's doing."""
    source = """
import subprocess
from langchain_core.tools import tool

def helper(command):
    return subprocess.run(command, shell=True)

@tool
def shell(command: str):
    "Run."
    return helper(command)
"""
    assert the(ToolDefinition, source).effects == (Effect.EXECUTE,)


def test_approval_is_seen_in_the_body() -> None:
    """A tool that interrupts for a person asks before it acts."""
    source = """
from langchain_core.tools import tool
from langgraph.types import interrupt

@tool
def refund(order: str):
    "Refund."
    if interrupt({"order": order}) != "yes":
        return "no"
    stripe.Refund.create(charge=order)
"""
    tool = the(ToolDefinition, source)

    assert tool.approval is True
    assert Effect.PAY in tool.effects


def test_a_bare_schema_tells_only_what_it_says() -> None:
    """Without the code behind it, a schema announces an effect at most, and bounds nothing."""
    schema = (
        'TOOL = {"name": "execute", "description": "Executes code on the user\'s machine", "parameters": {'
        '"type": "object", "properties": {"language": {"enum": ["python"]}, "code": {"type": "string"}}}}\n'
    )
    tool = the(ToolDefinition, schema)
    assert tool.effects == (Effect.EXECUTE,)
    assert (tool.body_read, tool.constrained, tool.approval) == (False, False, None)


def test_a_question_in_a_helper_is_an_approval() -> None:
    """A tool whose helper asks at the terminal asks a person."""
    source = (
        "from langchain.tools import tool\nimport subprocess\n@tool\ndef shell(cmd: str):\n"
        '    """Run."""\n    if ask(cmd):\n        subprocess.run(cmd, shell=True)\n'
        "def ask(cmd):\n    answer = input(f'Run the command {cmd}? (y/n)')\n    if answer != 'y':\n"
        "        return False\n    return True\n"
    )
    assert the(ToolDefinition, source).approval is True


def test_a_tool_class_of_the_computer_use_example_is_a_tool() -> None:
    """A subclass of `BaseAnthropicTool` is called by name, and its body is what it can do."""
    source = (
        "import os\nimport anthropic\nfrom .base import BaseAnthropicTool\nclass Keys(BaseAnthropicTool):\n"
        '    name = "keys"\n    async def __call__(self, *, text: str):\n        os.system(f"press {text}")\n'
    )
    tool = the(ToolDefinition, source)
    assert (tool.name, tool.framework, tool.effects) == ("keys", "anthropic", (Effect.EXECUTE,))


def test_a_low_level_mcp_server_lists_its_tools() -> None:
    """Tools listed as records share what their one dispatcher can do."""
    source = """
import sqlite3
from mcp.server import Server
from mcp.types import Tool
server = Server("db")

@server.list_tools()
async def tools():
    return [Tool(name="query", description="Run SQL", inputSchema={"type": "object"})]

@server.call_tool()
async def call(name, arguments):
    return sqlite3.connect("a.db").execute(arguments["sql"]).fetchall()
"""
    tool = the(ToolDefinition, source)

    assert (tool.name, tool.effects) == ("query", (Effect.QUERY,))


FASTAPI = """
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, Field
app = FastAPI({app})

class Body(BaseModel):
    text: str = Field(max_length=10)

@app.post("/items/{{item_id}}"{route})
def change(item_id: str, body: Body{parameter}):
    {body}
"""


@pytest.mark.parametrize(
    "parts",
    [
        {"app": "dependencies=[Depends(verify_token)]"},
        {"route": ", dependencies=[Depends(require_user)]"},
        {"parameter": ", user=Depends(get_current_user)"},
        {"parameter": ", user: CurrentUser = None"},
        {"body": "authenticate(item_id)"},
    ],
)
def test_identity_may_be_checked_in_many_places(parts: dict[str, str]) -> None:
    """App, route, parameter and body are all looked at."""
    filled = {"app": "", "route": "", "parameter": "", "body": "pass", **parts}

    assert the(Endpoint, FASTAPI.format(**filled)).authenticated is True


def test_an_open_endpoint_is_open() -> None:
    """Nothing anywhere in the file that holds the app means that nobody is asked."""
    endpoint = the(Endpoint, FASTAPI.format(app="", route="", parameter="", body="pass"))

    assert endpoint.authenticated is False
    assert endpoint.rate_limited is False
    assert endpoint.checks_ownership is False
    assert (endpoint.validated, endpoint.bounded_input) == (True, True)
    assert (endpoint.method, endpoint.route) == ("POST", "/items/{item_id}")


def test_a_router_may_be_covered_elsewhere() -> None:
    """Who may call a router is decided where it is included, which may be another file."""
    source = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x():\n    pass\n"

    assert the(Endpoint, source).authenticated is None


def test_a_client_s_get_is_no_route() -> None:
    """`mock.get("…")` as a decorator of a test double is told from a route by its path."""
    assert found(Endpoint, "@responses.get(timeout=3)\ndef f():\n    pass\n") == []


@pytest.mark.parametrize(
    ("source", "everywhere"),
    [
        ("import uvicorn\nuvicorn.run(app, host='0.0.0.0', port=8000)", True),
        ("import uvicorn\nuvicorn.run(app)", False),
        ("from flask import Flask\nHOST = '0.0.0.0'\napp = Flask('a')\napp.run(host=HOST, debug=True)", True),
        ("import gradio as gr\ngr.Interface(fn=f).launch(share=True)", True),
        ("from aiohttp import web\nweb.run_app(app)", True),
    ],
)
def test_binds(source: str, everywhere: bool) -> None:
    """Servers say to whom they listen, framework defaults included."""
    assert the(ServerBind, source).every_interface is everywhere


GUARDED = """
from fastapi import Depends, FastAPI
from app.auth import current_resident
from app.paging import page

app = FastAPI()

@app.get("/mine/{item_id}")
def mine(item_id: str, resident=Depends(current_resident)):
    found = load(item_id)
    if found["owner"] != resident.id:
        raise LookupError
    return found

@app.get("/all")
def everything(window=Depends(page)):
    return load_all()

@app.get("/open")
def bare():
    return load_all()
"""


def test_a_dependency_of_another_file_is_not_held_against_an_endpoint() -> None:
    """One from a module on authentication counts; of any other it is not known what it checks."""
    seen = {e.route: e for e in found(Endpoint, GUARDED)}
    assert seen["/mine/{item_id}"].authenticated is True
    assert seen["/all"].authenticated is None
    assert seen["/open"].authenticated is False


def test_an_owner_compared_by_key_is_an_ownership_check() -> None:
    """`found["owner"] != resident.id` compares as well as an attribute does."""
    seen = {e.route: e for e in found(Endpoint, GUARDED)}
    assert seen["/mine/{item_id}"].checks_ownership is True


LOOKED_UP = """
from fastapi import APIRouter, Request
router = APIRouter()

@router.get("/chats/{chat_id}")
async def read(request: Request, chat_id: str):
    user = request.user.object if request.user.is_authenticated else None
    return await Chats.find(chat_id, user)

@router.delete("/notes/{note_id}")
def drop(request: Request, note_id: str):
    return Notes.of_user(request.user.object, note_id=note_id)

@router.get("/open/{open_id}")
def anybody(request: Request, open_id: str):
    log(open_id, request.user.is_authenticated)
    return Notes.find(open_id)

@router.get("/page/{page_id}")
def page(request: Request):
    return templates.TemplateResponse("page.html", context={"request": request})
"""


def test_an_object_looked_up_together_with_the_caller_is_owned() -> None:
    """`find(chat_id, user)` leaves it to the query whose object it is; a fixed page reads none."""
    seen = {e.route: e.checks_ownership for e in found(Endpoint, LOOKED_UP)}

    assert seen == {
        "/chats/{chat_id}": True,
        "/notes/{note_id}": True,
        "/open/{open_id}": False,
        "/page/{page_id}": None,
    }

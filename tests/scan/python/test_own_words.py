"""What the program itself says, knows or offers is nobody else's text."""

from tests.scan.python.reading import found, the

from assaymark.scan.facts import LogSite, Mechanism, OutboundFetch, TraceExport

LOGS = """
import logging
import openai
logger = logging.getLogger(__name__)

def start(on):
    message = "Telemetry on" if on else "Telemetry off"
    logger.info(message)

def search(run):
    try:
        run()
    except Exception as e:
        error_message = f"Search failed: {e}"
        logger.error(error_message)

def hear(message):
    logger.info(message)
"""


def test_a_fixed_message_is_no_content() -> None:
    """A name with likely content that holds the program's own sentence leaks nothing; a parameter may."""
    assert [site.content for site in found(LogSite, LOGS)] == [False, False, True]


def test_the_server_s_knowledge_of_who_calls_is_no_path_that_a_caller_names() -> None:
    """A file named after the user's id and a random number is not chosen from outside."""
    source = """
import uuid
from fastapi import APIRouter, Request
router = APIRouter()

@router.post("/say")
async def say(request: Request, name: str):
    user = request.user.object
    kept = f"{user.uuid}-{uuid.uuid4()}.webm"
    open(kept, "wb")
    open(name)
"""
    assert [f.at.line for f in found(OutboundFetch, source)] == [11]


def test_an_address_named_telemetry_is_one() -> None:
    """Where a constant of another file holds the address, its name says what is sent there."""
    source = (
        "import requests\nfrom app import constants\nrequests.post(constants.telemetry_server, json=state)\n"
    )
    assert the(TraceExport, source).destination == "telemetry_server"
    other = "import requests\nfrom app import constants\nrequests.post(constants.search_server, json=state)\n"
    assert found(TraceExport, other) == []


def test_a_source_that_a_model_picks_is_no_citation() -> None:
    """`PickTools.source` says where to look; `Answer.sources` says where it was found."""
    schema = "from pydantic import BaseModel\nclass {}(BaseModel):\n    source: list[str]\n"
    assert found(Mechanism, schema.format("PickTools")) == []
    assert the(Mechanism, schema.format("Answer")).kind == "citation"

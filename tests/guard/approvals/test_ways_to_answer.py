"""Answers on the command line and over HTTP."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette

from assaymark._cli.guard.approvals import command
from assaymark.errors import AssaymarkError
from assaymark.guard.proxy.approvals import Approvals
from assaymark.guard.proxy.approvals_http import approval_routes
from assaymark.guard.proxy.approvals_store import Store

from .test_approvals import policy, question


def put(path: Path) -> str:
    """Put a question into a file; its id."""

    async def work() -> str:
        queue = Approvals(Store(str(path)), policy())
        answer = await queue.consult(question(), 0)
        await queue.close()
        return answer.question

    return asyncio.run(work())


def said(*words: str) -> str:
    """What the command says."""
    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_person_lists_shows_and_answers(tmp_path: Path) -> None:
    """The list holds what is open; an answer needs a name and counts once."""
    path = tmp_path / "queue.db"
    id_, store = put(path), ["--store", str(path)]

    assert id_ in said(*store, "list")
    assert "flow/untrusted_to_send" in said(*store, "show", id_)
    assert "approved" in said(*store, "approve", id_, "--by", "Ann", "--reason", "known")
    assert said(*store, "list") == ""
    assert '"by": "Ann"' in said(*store, "list", "--all", "--json")
    with pytest.raises(AssaymarkError, match="answered already"):
        said(*store, "deny", id_, "--by", "Bob")


def test_the_file_is_found_through_the_policy(tmp_path: Path) -> None:
    """`approvals.store` is relative to the policy's folder."""
    (tmp_path / "policy.yaml").write_text("version: 1\napprovals: {store: q.db}\n", encoding="utf-8")
    id_ = put(tmp_path / "q.db")

    assert "denied" in said("--policy", str(tmp_path / "policy.yaml"), "deny", id_, "--by", "Ann")


@pytest.mark.parametrize("words", [["list"], ["--store", "/no/such/file", "list"]])
def test_without_a_queue_there_is_an_error_with_advice(words: list[str]) -> None:
    """It says what to name."""
    with pytest.raises(AssaymarkError) as caught:
        said(*words)
    assert caught.value.advice


def test_over_http_a_token_is_needed() -> None:
    """Without it, with a wrong one, or from a page in a browser nothing is shown or answered."""

    async def work() -> None:
        queue = Approvals(Store(), policy())
        id_ = (await queue.consult(question(), 0)).question
        app = Starlette(routes=approval_routes(queue, "letmein"))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://admin") as http:
            good = {"authorization": "Bearer letmein"}
            for headers, status in (
                ({}, 401),
                ({"authorization": "Bearer x"}, 401),
                (good | {"origin": "x"}, 403),
            ):
                assert (await http.get("/approvals", headers=headers)).status_code == status
            answer = {"answer": "approve", "by": "Ann"}
            listed = await http.get("/approvals", headers=good)
            assert [q["id"] for q in listed.json()["questions"]] == [id_]
            for body, status in (
                ({}, 400),
                ({"answer": "approve", "by": " "}, 400),
                (answer, 200),
                (answer, 409),
            ):
                reply = await http.post(f"/approvals/{id_}", json=body, headers=good)
                assert reply.status_code == status
            assert (await http.get(f"/approvals/{id_}", headers=good)).json()["state"] == "approved"
            assert (await http.get("/approvals/none", headers=good)).status_code == 404
            big = await http.post(f"/approvals/{id_}", content=b"x" * 20_000, headers=good)
            assert big.status_code == 400
        await queue.close()

    asyncio.run(work())

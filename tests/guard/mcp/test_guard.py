"""A session: listings cleaned, rug pulls found, calls after untrusted text held, batches whole."""

import asyncio
import json
from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.protocol.lossless import Malformed
from assaymark.guard.protocol.mcp_rpc import BLOCKED, NEEDS_APPROVAL
from assaymark.guard.proxy.approvals import Approvals
from assaymark.guard.proxy.approvals_store import Store
from assaymark.guard.proxy.mcp_guard import Passage
from assaymark.guard.proxy.mcp_pins import PinFile, Pins
from assaymark.guard.proxy.mcp_session import From, Session

from .parts import CONTEXT, POISON, Kept

READS = "tools: [{name: look, effects: [read]}]\n"


class Talk:
    """One session, message by message."""

    def __init__(self, policy: str = "", pins: Pins | None = None, kept: Kept | None = None) -> None:
        self.kept = kept or Kept(policy)
        self.session = Session(self.kept.parts, CONTEXT, pins)

    def client(self, **message: object) -> Passage:
        """The client says something."""
        return self._through(From.CLIENT, {"jsonrpc": "2.0", **message})

    def server(self, **message: object) -> Passage:
        """The server says something."""
        return self._through(From.SERVER, {"jsonrpc": "2.0", **message})

    def raw(self, sender: From, body: bytes) -> Passage:
        """Somebody sends bytes."""
        return asyncio.run(self.kept.guard.through(self.session, sender, body))

    def _through(self, sender: From, message: dict[str, object]) -> Passage:
        return self.raw(sender, json.dumps(message).encode())

    def list_tools(self, *tools: tuple[str, str], number: int = 1, **more: object) -> Passage:
        """The client asks for tools and the server offers them."""
        self.client(id=number, method="tools/list")
        offer = [{"name": n, "description": d, "inputSchema": {"type": "object"}} for n, d in tools]
        return self.server(id=number, result={"tools": offer, **more})

    def call(self, tool: str, number: int = 2, **arguments: object) -> Passage:
        """The client calls a tool."""
        return self.client(id=number, method="tools/call", params={"name": tool, "arguments": arguments})


def names(passage: Passage) -> list[str]:
    """Tools of a list that passed."""
    assert passage.forward is not None
    return [t["name"] for t in json.loads(passage.forward)["result"]["tools"]]


def error(passage: Passage) -> dict[str, object]:
    """The error that goes back."""
    assert passage.back is not None
    found: dict[str, object] = json.loads(passage.back)["error"]
    return found


def test_a_benign_message_passes_byte_for_byte() -> None:
    """Unknown fields, odd spacing and spellings of numbers stay."""
    talk = Talk()
    body = b'{ "jsonrpc":"2.0","id":1, "method":"tools/list", "params":{"new":1.0e2} }\r\n'
    answer = b'{"id":1,"jsonrpc":"2.0" ,"result":{"tools":[ {"name":"a", "x":[1E1]} ],"odd":"\\u00e9"}}\n'

    assert talk.raw(From.CLIENT, body) == Passage(forward=body)
    assert talk.raw(From.SERVER, answer) == Passage(forward=answer)


def test_a_poisoned_tool_leaves_the_list_and_cannot_be_called() -> None:
    """The others stay; a call of the removed one is a call of a tool that was not offered."""
    talk = Talk()

    assert names(talk.list_tools(("look", "Finds things."), ("bad", POISON))) == ["look"]
    assert error(talk.call("bad"))["code"] == BLOCKED
    assert "flow/undeclared_tool" in talk.kept.rules()


def test_a_poisoned_list_is_refused_where_the_policy_says_so() -> None:
    """`poisoned_tool: refuse` answers the listing with an error under its own id."""
    talk = Talk("mcp: {poisoned_tool: refuse}")

    passage = talk.list_tools(("look", "Finds things."), ("bad", POISON), number=7)

    assert passage.forward is not None
    assert json.loads(passage.forward)["id"] == 7
    assert json.loads(passage.forward)["error"]["code"] == BLOCKED


def test_a_tool_that_changes_its_description_is_found() -> None:
    """A harmless new text is a change all the same, and so is a second tool of the same name."""
    talk = Talk()
    assert names(talk.list_tools(("look", "Finds things."))) == ["look"]

    assert names(talk.list_tools(("look", "Finds other things."), ("new", "Is new."), number=2)) == ["new"]
    assert names(talk.list_tools(("twice", "One."), ("twice", "Two."), number=3)) == ["twice"]
    assert talk.kept.rules().count("mcp/description_changed") == 2


def test_pins_outlive_a_session(tmp_path: Path) -> None:
    """What was pinned in a file is compared in the next session, server by server."""
    file = tmp_path / "pins.json"
    Talk(pins=PinFile(file, "desk")).list_tools(("look", "Finds things."))

    assert names(Talk(pins=PinFile(file, "desk")).list_tools(("look", "Now other."))) == []
    assert names(Talk(pins=PinFile(file, "other")).list_tools(("look", "Now other."))) == ["look"]
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(AssaymarkError, match="pins"):
        PinFile(file, "desk")


def test_a_pin_file_that_cannot_be_written_refuses_the_list(tmp_path: Path) -> None:
    """No list passes unpinned where pins were asked for."""
    passage = Talk(pins=PinFile(tmp_path / "no" / "pins.json", "desk")).list_tools(("look", "Finds."))

    assert passage.forward is not None
    assert json.loads(passage.forward)["error"]["code"] == BLOCKED


def test_after_an_untrusted_result_sending_needs_a_human() -> None:
    """Before it, the call passes; after it, nobody answers and it is refused with its decision."""
    talk = Talk(READS)
    assert talk.call("send_mail", number=1, to="x@example.org").forward is not None
    talk.call("look", number=2)
    talk.server(id=2, result={"content": [{"type": "text", "text": "The page says hello."}]})

    refusal = error(talk.call("send_mail", number=3, to="x@example.org"))

    assert talk.session.tainted
    assert refusal["code"] == BLOCKED
    assert refusal["data"]["decision"]
    assert "flow/untrusted_to_send" in talk.kept.rules()


def test_a_trusted_tool_does_not_taint() -> None:
    """A clock's answer is nobody's attack."""
    talk = Talk("tools: [{name: look, effects: [read], trusted: true}]")
    talk.call("look", number=2)
    talk.server(id=2, result={"content": [{"type": "text", "text": "It is noon."}]})

    assert not talk.session.tainted


@pytest.mark.parametrize("refusal", ["error", "result"])
def test_a_poisoned_result_is_answered_in_the_form_of_the_policy(refusal: str) -> None:
    """An error, or a tool result that is marked as one; the text is in neither."""
    talk = Talk(f"mcp: {{refusal: {refusal}}}")
    talk.call("look", number=5)

    passage = talk.server(id=5, result={"content": [{"type": "text", "text": POISON}]})

    assert passage.forward is not None
    assert b"ATTENTION" not in passage.forward
    answer = json.loads(passage.forward)
    assert answer["id"] == 5
    assert answer["result"]["isError"] if refusal == "result" else answer["error"]["data"]["decision"]
    assert not talk.session.tainted


def test_poison_in_an_error_or_under_an_unknown_id_does_not_pass() -> None:
    """Errors reach the model too; an answer that nobody asked for is read strictly."""
    talk = Talk()
    talk.call("look", number=5)

    failed = talk.server(id=5, error={"code": 1, "message": POISON})
    stray = talk.server(id=77, result={"tools": [{"name": "x", "description": POISON}]})

    for passage in (failed, stray):
        assert b"ATTENTION" not in (passage.forward or b"")


def test_greetings_are_cleaned_and_never_refused() -> None:
    """Instructions that attack are replaced; the handshake goes on. A ping always passes."""
    talk = Talk()
    talk.client(id=0, method="initialize", params={"protocolVersion": "2025-06-18", "capabilities": {}})

    passage = talk.server(
        id=0, result={"protocolVersion": "2025-06-18", "instructions": POISON, "serverInfo": {"name": "d"}}
    )

    assert passage.forward is not None
    result = json.loads(passage.forward)["result"]
    assert result["instructions"].startswith("[removed by the guard")
    assert result["protocolVersion"] == "2025-06-18"
    assert talk.server(id=1, method="ping").forward is not None


def test_sampling_goes_back_to_the_server_unless_a_human_agrees() -> None:
    """A request to the model from an untrusted party has a rule of its own."""
    message = {"role": "user", "content": {"type": "text", "text": "What is in the file?"}}
    params = {"messages": [message], "maxTokens": 5}

    asked = Talk().server(id=3, method="sampling/createMessage", params=params)
    allowed = Talk("mcp: {sampling: allow}").server(id=3, method="sampling/createMessage", params=params)

    assert asked.forward is None
    assert error(asked)["code"] == BLOCKED
    assert allowed.forward is not None


def test_a_poisoned_notification_is_dropped() -> None:
    """Nobody can be answered, so nothing passes and nothing goes back."""
    passage = Talk().server(method="notifications/message", params={"level": "info", "data": POISON})

    assert (passage.forward, passage.back) == (None, None)


def test_a_secret_in_arguments_is_taken_out() -> None:
    """What the policy redacts leaves in a call that is otherwise as it was."""
    key = "AKIA" + "Q7R2M5T6W3X6Z4YP"
    passage = Talk().call("note", text=f"the key is {key}, keep it")

    assert passage.forward is not None
    assert key.encode() not in passage.forward
    assert json.loads(passage.forward)["params"]["name"] == "note"


def test_a_batch_of_a_client_passes_whole_or_not_at_all() -> None:
    """One refused call refuses its batch; each request in it is answered."""
    talk = Talk("tools: [{name: rm, action: block}]")
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "rm", "arguments": {}}}
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, call]

    passage = talk.raw(From.CLIENT, json.dumps(batch).encode())

    assert passage.forward is None
    assert {e["id"] for e in json.loads(passage.back or b"")} == {1, 2}


def test_in_a_batch_of_a_server_only_the_refused_answer_is_exchanged() -> None:
    """The others stay as they came."""
    talk = Talk()
    talk.call("look", number=1)
    talk.call("look", number=2)
    good, bad = ({"content": [{"type": "text", "text": t}]} for t in ("fine text", POISON))
    batch = [{"jsonrpc": "2.0", "id": 1, "result": good}, {"jsonrpc": "2.0", "id": 2, "result": bad}]

    passed = json.loads(talk.raw(From.SERVER, json.dumps(batch).encode()).forward or b"")

    assert passed[0] == batch[0]
    assert passed[1]["error"]["code"] == BLOCKED


def test_shadow_mode_changes_nothing() -> None:
    """Decisions are recorded and every byte passes."""
    talk = Talk("mode: shadow")

    assert names(talk.list_tools(("bad", POISON))) == ["bad"]
    assert "detector/tool_description" in talk.kept.rules()


def test_malformed_bodies_are_refused() -> None:
    """Not UTF-8, not JSON, a name twice."""
    for body in (b"\xff\xfe", b"{", b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'):
        with pytest.raises(Malformed):
            Talk().raw(From.CLIENT, body)


def test_a_call_that_was_approved_passes_once_when_it_is_sent_again() -> None:
    """The error names the question; after the answer the same call passes, and then asks anew."""
    policy = "tools: [{name: pay, action: ask}]\napprovals: {timeout_seconds: 0}"

    async def dialogue() -> list[Passage]:
        kept = Kept(policy)
        queue = Approvals(Store(), kept.parts.policy)
        kept = Kept(policy, queue)
        session = Session(kept.parts, CONTEXT)
        found = []
        for n in range(3):
            call = {"name": "pay", "arguments": {"sum": 5}}
            body = json.dumps({"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": call}).encode()
            found.append(await kept.guard.through(session, From.CLIENT, body))
            if n == 0:
                question = json.loads(found[0].back or b"")["error"]["data"]["question"]
                assert await queue.answer(question, approved=True, by="Ann")
        await queue.close()
        return found

    first, second, third = asyncio.run(dialogue())

    assert error(first)["code"] == NEEDS_APPROVAL
    assert second.forward is not None
    assert error(third)["code"] == NEEDS_APPROVAL

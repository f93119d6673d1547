"""Questions to a human: approved, denied, expired, raced, spent once, and kept over a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError
from assaymark.guard.core.events import Record
from assaymark.guard.core.ports import Context, Question
from assaymark.guard.event import Action, Decision, Finding, Phase, Reason, ToolCall
from assaymark.guard.policy.load import read_policy
from assaymark.guard.policy.model import Policy
from assaymark.guard.proxy.approvals import Answer, Approvals, question_row, shape_of_arguments
from assaymark.guard.proxy.approvals_store import Store

LONG = 20.0
"""Seconds that no test waits."""


def policy(text: str = "") -> Policy:
    """A policy from YAML."""
    return read_policy(f"version: 1\n{text}".encode(), "t").policy


def question(arguments: str = '{"to": "x@example.org"}', key: str = "k", calls: bool = True) -> Question:
    """A question about sending a letter."""
    finding = Finding(
        rule="flow/untrusted_to_send",
        message="After untrusted text was read, the model calls a tool which can send.",
        action=Action.ASK,
        reasons=(Reason("the address at `/to` stands in untrusted text only", 1.0),),
    )
    decision = Decision(
        id="d1", phase=Phase.TOOL_CALL, action=Action.ASK, wanted=Action.ASK, findings=(finding,)
    )
    made = (ToolCall(name="send_mail", arguments=arguments),) if calls else ()
    return Question(decision=decision, calls=made, context=Context(key=key))


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        """Now."""
        return self.time


class Desk:
    """A queue with a clock and its records."""

    def __init__(self, path: str = "", text: str = "") -> None:
        self.clock = Clock()
        self.records: list[Record] = []
        self.store = Store(path)
        self.queue = Approvals(self.store, policy(text), "p", self.records.append, self.clock)

    async def put(self) -> str:
        """Put the question and go away; its id."""
        answer = await self.queue.consult(question(), 0)
        assert answer.pending
        assert not answer.allowed
        return answer.question

    async def waiting(self, asked: Question | None = None) -> tuple[asyncio.Task[Answer], str]:
        """A caller that waits, and the id of its question."""
        before = {row.id for row in await self.queue.newest()}
        task = asyncio.ensure_future(self.queue.consult(asked or question(), LONG))
        while not (new := {row.id for row in await self.queue.newest()} - before):
            await asyncio.sleep(0)
        return task, new.pop()


def run(work: Callable[[Desk], Awaitable[None]], path: str = "", text: str = "") -> Desk:
    """Do something at a desk, and close it."""

    async def all_of_it() -> Desk:
        desk = Desk(path, text)
        await asyncio.wait_for(work(desk), 15)
        await desk.queue.close()
        return desk

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("approved", [True, False])
def test_an_answer_wakes_the_caller_and_is_written_down_with_the_name(approved: bool) -> None:
    """Yes lets it pass, no does not, and the decision names the person and the decision it answers."""

    async def work(desk: Desk) -> None:
        task, id_ = await desk.waiting()
        assert await desk.queue.answer(id_, approved=approved, by="Ann", reason="known address")
        assert await task == Answer(approved, id_, by="Ann", reason="known address")

    (record,) = run(work).records

    assert (record.decision.by, record.decision.about) == ("Ann", "d1")
    (finding,) = record.decision.findings
    assert finding.rule == ("approval/granted" if approved else "approval/refused")
    assert all(word in finding.message for word in ("Ann", "d1", "known address"))


def test_nobody_answers_in_time() -> None:
    """The caller is told the question's id and may come again; `ask` says no."""

    async def work(desk: Desk) -> None:
        id_ = await desk.put()
        assert (await desk.queue.consult(question(), 0)).question == id_
        assert await desk.queue.ask(question(), 0) is False

    run(work)


def test_a_later_answer_lets_the_same_call_pass_once() -> None:
    """The second retry asks a new question."""

    async def work(desk: Desk) -> None:
        id_ = await desk.put()
        await desk.queue.answer(id_, approved=True, by="Ann")
        assert (await desk.queue.consult(question(), 0)).allowed
        again = await desk.queue.consult(question(), 0)
        assert again.pending
        assert again.question != id_

    run(work)


@pytest.mark.parametrize(
    "other",
    [question('{"to": "y@example.org"}'), question(key="other"), question(calls=False)],
    ids=["arguments", "caller", "no_call"],
)
def test_an_approval_counts_for_nothing_else(other: Question) -> None:
    """Other arguments and callers need an answer of their own; text without a call cannot be retried."""

    async def work(desk: Desk) -> None:
        id_ = await desk.put()
        await desk.queue.answer(id_, approved=True, by="Ann")
        assert not (await desk.queue.consult(other, 0)).allowed

    run(work)


def test_what_expires_is_denied() -> None:
    """Neither a late answer nor a late retry counts."""

    async def work(desk: Desk) -> None:
        late = await desk.put()
        desk.clock.time += 901
        assert not await desk.queue.answer(late, approved=True, by="Ann")
        fresh = await desk.put()
        assert fresh != late
        assert await desk.queue.answer(fresh, approved=True, by="Ann")
        desk.clock.time += 901
        assert not (await desk.queue.consult(question(), 0)).allowed

    run(work)


def test_of_many_answers_the_first_wins() -> None:
    """Ten people answer at once; one counts, and the row names that one."""

    async def work(desk: Desk) -> None:
        id_ = await desk.put()
        answers = [desk.queue.answer(id_, approved=n % 2 == 0, by=f"P{n}") for n in range(10)]
        done = await asyncio.gather(*answers)
        assert sum(done) == 1
        row = await desk.queue.get(id_)
        assert row is not None
        assert row.by == f"P{done.index(True)}"

    assert len(run(work).records) == 1


def test_of_two_callers_one_uses_the_approval() -> None:
    """The same call twice at once is one question, and one of the two passes."""

    async def work(desk: Desk) -> None:
        first, id_ = await desk.waiting()
        second = asyncio.ensure_future(desk.queue.consult(question(), LONG))
        await asyncio.sleep(0)
        await desk.queue.answer(id_, approved=True, by="Ann")
        answers = await asyncio.gather(first, second)
        assert sorted(a.allowed for a in answers) == [False, True] or answers[1].pending

    async def bounded(desk: Desk) -> None:
        try:
            async with asyncio.timeout(2):
                await work(desk)
        except TimeoutError:  # the second came after the approval was spent, and asks anew
            assert len(await desk.queue.newest()) == 2

    run(bounded)


def test_another_process_answers_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """An answer written into the file by somebody else reaches the caller; open questions survive."""
    path = str(tmp_path / "queue.db")

    async def other(desk: Desk) -> None:
        task, id_ = await desk.waiting()
        outside = Store(path, must_exist=True)
        assert outside.answer(id_, True, "Bob", "", desk.clock())
        outside.close()
        assert (await task).by == "Bob"
        await desk.put()

    async def restarted(desk: Desk) -> None:
        rows = await desk.queue.newest()
        assert [row.state_at(desk.clock()) for row in rows] == ["open", "used"] or len(rows) == 2
        still = next(row for row in rows if row.state == "open")
        assert (await desk.queue.consult(question(), 0)).question == still.id

    run(other, path)
    run(restarted, path)
    assert (tmp_path / "queue.db").stat().st_mode & 0o077 == 0


def test_a_caller_that_leaves_takes_nothing_with_it() -> None:
    """A cancelled wait keeps the question; the next caller takes it up."""

    async def work(desk: Desk) -> None:
        task, id_ = await desk.waiting()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await desk.queue.answer(id_, approved=True, by="Ann")
        assert (await desk.queue.consult(question(), 0)).allowed

    run(work)


def test_arguments_are_shown_only_where_the_policy_says_so() -> None:
    """Otherwise names, kinds, lengths and a digest, and never a value."""
    hidden = question_row(question(), policy(), 1.0, 0)
    shown = question_row(question(), policy("approvals: {show_arguments: true}"), 1.0, 0)

    assert "example.org" not in repr(hidden)
    assert "to: text of 13 characters" in hidden.shape
    assert hidden.tainted_by
    assert hidden.effects == "send"
    assert "example.org" in shown.arguments


@pytest.mark.parametrize("arguments", ["{", "[1,2]", '{"\\ud800": null, "b": [1], "c": true}', "", "\ud800"])
def test_any_arguments_have_a_shape(arguments: str) -> None:
    """Malformed ones too, lone surrogates included."""
    assert "sha256" in shape_of_arguments(arguments)
    assert shape_of_arguments(arguments).isprintable()


def test_a_queue_that_cannot_be_opened_is_an_error_with_advice(tmp_path: Path) -> None:
    """A folder that does not exist, a file that is none, a file to answer that is missing."""
    broken = tmp_path / "x.db"
    broken.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    for path, must_exist in ((tmp_path / "no" / "q.db", False), (broken, False), (tmp_path / "q.db", True)):
        with pytest.raises(AssaymarkError):
            Store(str(path), must_exist)


def test_a_queue_that_fails_says_no() -> None:
    """The file is gone from under us: no answer is a denial, not a crash."""

    async def work() -> None:
        desk = Desk()
        desk.store.close()
        assert not (await desk.queue.consult(question(), 1)).allowed

    asyncio.run(work())


def test_what_is_forgotten_is_gone_from_the_disk(tmp_path: Path) -> None:
    """Neither the database nor its write-ahead log still holds a question that was dropped."""
    path = tmp_path / "questions.db"
    store = Store(str(path))
    store.put(question_row(question(), policy(), 100.0, 0), 100.0)
    assert any(b"send_mail" in f.read_bytes() for f in tmp_path.iterdir())

    store.forget(before=10**12)
    store.close()

    assert not [f.name for f in tmp_path.iterdir() if b"send_mail" in f.read_bytes()]

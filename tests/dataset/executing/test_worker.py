"""What a worker answers, seen from the other end of its pipe."""

import operator
import pickle
import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from assaymark.dataset.executing.work import Stopped
from assaymark.dataset.executing.worker import serve


def _function(item: str) -> object:
    """A result that cannot be pickled."""
    return lambda: item


@pytest.fixture
def pipe() -> Iterator[Connection]:
    """Our end of the pipe of a worker, which runs in a thread here."""
    ours, theirs = Pipe()
    thread = threading.Thread(target=serve, args=(theirs,))
    thread.start()
    with ours:
        yield ours
    thread.join(5)
    theirs.close()
    assert not thread.is_alive()


def test_it_answers_until_the_pipe_ends(pipe: Connection) -> None:
    """A function is kept for all items that follow, until another one comes."""
    pipe.send(pickle.dumps(operator.neg))
    pipe.send([1, 2])
    assert pipe.recv() == [-1, -2]
    pipe.send(pickle.dumps(str))
    pipe.send([1])
    assert pipe.recv() == ["1"]


@pytest.mark.parametrize("code", [b"", b"no pickle", pickle.dumps(_function)])
def test_it_tells_why_it_cannot(pipe: Connection, code: bytes) -> None:
    """Without a function, with bytes that are none, or with a result that cannot travel, it says so."""
    if code:
        pipe.send(code)
    pipe.send(["/dev/null"])

    assert isinstance(pipe.recv(), Stopped)

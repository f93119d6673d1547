"""The life of a process that works for another: function and items in, results out, until the pipe ends."""

import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from assaymark.dataset.executing.work import Stopped, attempt

__all__ = ["main", "serve"]


def serve(pipe: Connection) -> None:
    """Answer each message, until the other side closes the pipe.

    A message is a function, pickled as bytes, which is kept, or a sequence of items, which is answered by the
    list of their results or by why there is none. The pipe joins a process and its own child.
    """
    function: Callable[[Any], Any] | Stopped = Stopped("no function yet")
    try:
        while True:
            message: bytes | Sequence[Any] = pipe.recv()
            if isinstance(message, bytes):
                function = attempt(pickle.loads, message)
            else:
                pipe.send_bytes(_answer(function, message))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(function: Callable[[Any], Any] | Stopped, items: Sequence[Any]) -> bytes:
    answer = (
        function if isinstance(function, Stopped) else attempt(lambda: [function(item) for item in items])
    )
    packed = attempt(pickle.dumps, answer, 5)
    return pickle.dumps(packed) if isinstance(packed, Stopped) else packed


def main() -> None:
    """Serve on the file descriptor named on the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; whoever started us ends us
    with Connection(int(sys.argv[1])) as pipe:
        serve(pipe)


if __name__ == "__main__":
    main()

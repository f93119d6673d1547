"""The pickle machine: stack, marks and memo as CPython's C unpickler keeps them, with symbolic values.

It executes nothing. What an unpickler would do to the world is told to an `Observer`, in order.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from assaymark.scan.pickle.memo import Memo
from assaymark.scan.pickle.stream import BoundError, BrokenError, Stream
from assaymark.scan.pickle.values import Imported, Made, Persistent, Run, Value

__all__ = ["Ended", "Machine", "Observer"]

STEPS = 40_000_000
"""Opcodes that are interpreted one by one."""
DEPTH = 20
STACK = 1_000_000
"""Items on the stack, and marks."""


class Observer(Protocol):
    """Who is told what loading would do."""

    def imported(self, found: Imported) -> None:
        """A module is imported and a name looked up in it."""

    def called(self, made: Made) -> Value:
        """Something is called; the observer sets `made.standing` and says what stands for the result."""

    def built(self, target: Value, state: Value, offset: int) -> None:
        """BUILD: an object is given a state."""

    def mutated(self, target: Value, items: list[Value], how: str, offset: int) -> None:
        """APPEND(S), SETITEM(S) or ADDITEMS on something that is no container of the stream."""

    def persistent(self, found: Persistent) -> None:
        """The loading program is asked for an object by its id."""

    def extension(self, code: int, offset: int) -> Value:
        """A name is looked up in copyreg's registry of extension codes; gives what stands for it."""


class Ended(Struct, frozen=True):
    """How a run ended."""

    how: str
    """`stop`, `broken` or `bound`."""
    offset: int
    """Where the next byte after it lies; the offending opcode if it did not stop by itself."""
    reason: str = ""
    value: Value = None
    """What loading would return."""


class Machine:
    """One pickle, from its first opcode to STOP."""

    __slots__ = (
        "at", "depth", "fence", "highest", "limit", "marks", "memo", "observer", "protocol", "recent",
        "stack", "steps", "stream", "text_at",
    )  # fmt: skip

    def __init__(self, stream: Stream, observer: Observer) -> None:
        self.stream = stream
        self.observer = observer
        self.stack: list[Value] = []
        self.marks: list[int] = []
        self.fence = 0
        """Items below it are out of reach until the mark above them is popped."""
        self.memo = Memo()
        self.protocol = 0
        self.highest = 0
        self.at = stream.offset
        """Offset of the opcode in hand."""
        self.recent: deque[int] = deque(maxlen=8)
        """Offsets of the last opcodes."""
        self.text_at = -1
        """Offset of the last opcode that pushed text."""
        self.steps = 0
        self.limit = STEPS
        self.depth = 0
        """Pickles within which it lies, each read by a loader in the middle of the one before."""

    def run(self) -> Ended:
        """Follow the opcodes to the end."""
        if self.depth > DEPTH:
            return Ended("bound", self.at, f"pickles within pickles, more than {DEPTH} deep")
        try:
            value = self._steps()
        except BrokenError as wrong:
            return Ended("broken", self.at, str(wrong))
        except BoundError as wrong:
            return Ended("bound", self.at, str(wrong))
        return Ended("stop", self.stream.offset, value=value)

    def _steps(self) -> Value:
        stream = self.stream
        handlers = _handlers()
        recent = self.recent
        while True:
            position = stream.position
            buffer = stream.buffer
            if position >= len(buffer):
                if stream.left <= 0:
                    self.at = stream.offset
                    raise BrokenError("it ends without STOP")
                stream.refill()
                continue
            op = buffer[position]
            self.at = at = stream.base + position
            recent.append(at)
            stream.position = position + 1
            if op == 0x2E:
                return self.pop()
            handler = handlers[op]
            if handler is None:
                raise BrokenError(f"0x{op:02x} is no opcode")
            handler(self)
            self.steps += 1
            if not self.steps & 0xFFF or self.steps == self.limit:
                self._check_bounds()

    def _check_bounds(self) -> None:
        if self.steps >= self.limit:
            raise BoundError(f"more than {self.limit:,} opcodes")
        if len(self.stack) > STACK or len(self.marks) > STACK:
            raise BoundError(f"more than {STACK:,} objects on the stack")

    def push(self, value: Value) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def top(self) -> Value:
        """The last item, left where it is."""
        if len(self.stack) <= self.fence:
            raise BrokenError("the stack is empty")
        value = self.stack[-1]
        if type(value) is Run:
            self.unfold(len(self.stack) - 1)
            value = self.stack[-1]
        return value

    def pop(self) -> Value:
        """The last item, taken off."""
        if len(self.stack) <= self.fence:
            raise BrokenError("the stack is empty")
        value = self.stack.pop()
        if type(value) is Run:
            self.stack.append(value)
            self.unfold(len(self.stack) - 1)
            value = self.stack.pop()
        return value

    def pop_many(self, count: int) -> list[Value]:
        """The last `count` items, taken off."""
        taken = [self.pop() for _ in range(count)]
        taken.reverse()
        return taken

    def pop_mark(self) -> list[Value]:
        """What lies above the last mark, taken off with the mark; may contain `Run`s."""
        if not self.marks:
            raise BrokenError("there is no mark")
        start = self.marks.pop()
        self.fence = self.marks[-1] if self.marks else 0
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def unfold(self, index: int) -> None:
        """Replace the `Run` at `index` of the stack by its items."""
        from assaymark.scan.pickle.skim import items_of

        self.stack[index : index + 1] = items_of(self.stream.blob, self.stack[index])


Handler = Callable[[Machine], None]
_TABLE: list[list[Handler | None]] = []


def _handlers() -> list[Handler | None]:
    """Opcode → what it does; built once from the modules that know groups of opcodes."""
    if not _TABLE:
        from assaymark.scan.pickle import containers, literals, objects

        table: list[Handler | None] = [None] * 256
        for group in (literals.HANDLERS, containers.HANDLERS, objects.HANDLERS):
            for op, handler in group.items():
                table[op] = handler
        _TABLE.append(table)
    return _TABLE[0]

"""Short ways to build pickles, to follow them, and to ask what was found."""

import io
import pickle
from typing import Any

from assaymark.inspection import Hazard, Hole, Inspection, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS
from assaymark.scan.pickle import inspect_pickle
from assaymark.scan.pickle.machine import Ended, Machine
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.values import Box, Imported, Made, Persistent, Value

HARMLESS = pickle.dumps([1, 2.5, "three"], 4)
"""A pickle that does nothing."""


class Seen:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self.mutations: list[str] = []
        self.states: list[Value] = []
        self.ids: list[Value] = []
        self.codes: list[int] = []

    def imported(self, found: Imported) -> None:
        """Remember the pair."""
        self.names.append((found.module, found.name))

    def called(self, made: Made) -> Value:
        """Remember the name and how."""
        self.calls.append((getattr(made.function, "full", "?"), made.how))
        return made

    def built(self, target: Value, state: Value, offset: int) -> None:
        """Remember the state."""
        self.states.append(state)

    def mutated(self, target: Value, items: list[Value], how: str, offset: int) -> None:
        """Remember how."""
        self.mutations.append(how)

    def persistent(self, found: Persistent) -> None:
        """Remember the id."""
        self.ids.append(found.id)

    def extension(self, code: int, offset: int) -> Value:
        """Remember the code."""
        self.codes.append(code)
        return Imported("extension", str(code), offset)


def follow(data: bytes) -> tuple[Ended, Seen, Machine]:
    """Run the machine over one pickle."""
    seen = Seen()
    machine = Machine(Stream(BytesBlob("x.pkl", data)), seen)
    return machine.run(), seen, machine


def plain(value: Value) -> Any:
    """A symbolic value as the Python object it stands for, where it is one."""
    if not isinstance(value, Box):
        return value
    items = [plain(item) for item in value.items]
    if value.kind == "dict":
        return dict(zip(items[::2], items[1::2], strict=True))
    made: Any = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[value.kind](items)
    return made


def inspect(data: bytes, name: str = "x.pkl") -> Inspection:
    """What the pickle's inspector alone finds."""
    parts = list(inspect_pickle(BytesBlob(name, data), LIMITS))
    hazards = tuple(part for part in parts if isinstance(part, Hazard))
    holes = tuple(part for part in parts if isinstance(part, Hole))
    return Inspection(path=name, header=None, size=len(data), sha256="", hazards=hazards, holes=holes)


def rules(data: bytes, level: Level | None = Level.DANGEROUS) -> set[str]:
    """The rules of the hazards of a level that are found."""
    return {h.rule for h in inspect(data).hazards if level is None or h.level is level}


def subjects(data: bytes, level: Level = Level.DANGEROUS) -> set[str]:
    """The names of the hazards of a level that are found."""
    return {h.subject for h in inspect(data).hazards if h.level is level}


def call(module: str, name: str, arguments: bytes = b")", protocol: int = 4) -> bytes:
    """A pickle that calls a name with the tuple that `arguments` pushes."""
    return b"\x80" + bytes([protocol]) + glob(module, name) + arguments + b"R."


def glob(module: str, name: str) -> bytes:
    """The opcodes that import a name."""
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def text(value: str) -> bytes:
    """The opcodes that push a short text."""
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def one(value: str) -> bytes:
    """The opcodes that push a tuple of one text."""
    return text(value) + b"\x85"


class Names(pickle.Unpickler):
    """CPython's own unpickler, which imports nothing: it writes down what it is asked for."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.asked: list[tuple[str, str]] = []

    def find_class(self, module: str, name: str) -> Any:
        """An inert class, whatever the name."""
        self.asked.append((module, name))
        return Inert

    def persistent_load(self, pid: Any) -> Any:
        """An inert object, whatever the id."""
        return Inert()


class Inert:
    """Takes everything and does nothing."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Inert":
        """Made from whatever arguments."""
        return object.__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is kept."""

    def __setstate__(self, state: Any) -> None:
        """Nothing is kept."""

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return self is other

    def __setitem__(self, key: Any, value: Any) -> None:
        """Nothing is kept."""

    def append(self, item: Any) -> None:
        """Nothing is kept."""

    def extend(self, items: Any) -> None:
        """Nothing is kept."""

    def add(self, item: Any) -> None:
        """Nothing is kept."""

"""The names that the beginning of a pickle would import, read opcode by opcode and never loaded.

A header look, tolerant and short: it follows pushes of text and the memo, not the whole machine.
"""

from msgspec import Struct

__all__ = ["PickleLook", "look"]

_NONE, _LINE, _TWO_LINES = 0, -1, -2
_COUNT1, _COUNT4, _COUNT8 = -3, -4, -5

_ARGUMENT: dict[int, int] = (
    dict.fromkeys(b"(.012NQRabdelostu})]", _NONE)
    | dict.fromkeys(b"\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98", _NONE)
    | dict.fromkeys(b"FILPVSgp", _LINE)
    | dict.fromkeys(b"ci", _TWO_LINES)
    | dict.fromkeys(b"Khqr\x80\x82", 1)
    | dict.fromkeys(b"M\x83", 2)
    | dict.fromkeys(b"Jj\x84", 4)
    | dict.fromkeys(b"G\x95", 8)
    | dict.fromkeys(b"UC\x8a\x8c", _COUNT1)
    | dict.fromkeys(b"TBX\x8b", _COUNT4)
    | dict.fromkeys(b"\x8d\x8e\x96", _COUNT8)
)
"""Opcode → length of its argument, or the way in which the argument's length is written."""

_COUNT_BYTES = {_COUNT1: 1, _COUNT4: 4, _COUNT8: 8}
_TEXT = frozenset(b"VSUTXC\x8c\x8d")
_PUSHES = frozenset(b"FILNPGJKMB(]})Q\x82\x83\x84\x88\x89\x8a\x8b\x8e\x8f\x96\x97\x93")
_MAX_NAMES = 200


class PickleLook(Struct, frozen=True):
    """What the beginning of a pickle shows."""

    opcodes: int
    """Opcodes read before the end of the look."""
    protocol: int
    globals: tuple[str, ...]
    """Dotted names it would import, in order, each once."""
    ended: bool
    """STOP was reached."""
    broken: bool
    """An unknown opcode came before the end of the bytes looked at."""


class _Machine:
    def __init__(self) -> None:
        self.recent: list[str | None] = []
        self.memo: dict[int, str | None] = {}
        self.names: dict[str, None] = {}
        self.protocol = 0

    def step(self, op: int, argument: bytes) -> None:
        if op in _TEXT:
            self._push(argument.decode("utf-8", "replace").strip("'\""))
        elif op in b"ci":
            self._name(*[*argument.decode("utf-8", "replace").split("\n"), ""][:2])
        elif op == 0x93:
            module, name = [None, None, *self.recent][-2:]
            self._name(module or "?", name or "?")
        elif op in b"hjg":
            self._push(self.memo.get(_index(op, argument)))
        elif op in b"qrp":
            self.memo[_index(op, argument)] = self.recent[-1] if self.recent else None
        elif op == 0x94:
            self.memo[len(self.memo)] = self.recent[-1] if self.recent else None
        elif op == 0x80:
            self.protocol = argument[0]
        elif op in _PUSHES:
            self._push(None)

    def _push(self, text: str | None) -> None:
        self.recent = [*self.recent[-1:], text]

    def _name(self, module: str, name: str) -> None:
        if len(self.names) < _MAX_NAMES:
            self.names[f"{module}.{name}"[:200]] = None
        self._push(None)


def _index(op: int, argument: bytes) -> int:
    if op in b"gp":
        return int(argument) if argument.isdigit() and len(argument) < 10 else -1
    return int.from_bytes(argument, "little")


def look(data: bytes) -> PickleLook:
    """Read opcodes from `data` until STOP, an unknown opcode, or the end."""
    machine = _Machine()
    at = count = 0
    ended = broken = False
    while at < len(data) and not ended:
        op = data[at]
        span = _argument(data, at + 1, op)
        if span is None:
            broken = op not in _ARGUMENT
            break
        begin, at = span
        machine.step(op, data[begin:at])
        at += op in b"FILPVSgpci"
        count += 1
        ended = op == ord(".")
    return PickleLook(count, machine.protocol, tuple(machine.names), ended, broken)


def _argument(data: bytes, at: int, op: int) -> tuple[int, int] | None:
    """Begin and end of the opcode's argument; None if unknown or cut off."""
    form = _ARGUMENT.get(op)
    if form is None:
        return None
    if form >= 0:
        return (at, at + form) if at + form <= len(data) else None
    if form in _COUNT_BYTES:
        width = _COUNT_BYTES[form]
        length = int.from_bytes(data[at : at + width], "little")
        end = at + width + length
        return (at + width, end) if end <= len(data) else None
    end = data.find(b"\n", at)
    if end >= 0 and form == _TWO_LINES:
        end = data.find(b"\n", end + 1)
    return (at, end) if end >= 0 else None

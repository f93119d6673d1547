"""Opcodes that build lists, tuples, sets and dicts, and put things into them."""

from collections.abc import Callable
from typing import Any

from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.stream import BrokenError
from assaymark.scan.pickle.values import DEPTH, SAMPLE, Box, Opaque, Run, Value, kind_of

__all__ = ["HANDLERS", "box", "fill"]


def box(kind: str, items: list[Value]) -> Box:
    """A container of items that were on the stack."""
    made = Box(kind, [])
    fill(made, items)
    return made


def fill(target: Box, items: list[Value]) -> None:
    """Add items: the first are kept, of the others their kinds."""
    kept = target.items
    target.count += len(items)
    for item in items:
        if type(item) is Run:
            target.kinds |= item.kinds
            target.count += 8
        elif len(kept) < SAMPLE and not target.kinds:
            kept.append(_shallow(target, item))
        else:
            _beyond(target, item)


def _beyond(target: Box, item: Value) -> None:
    """Past the sample, what is no literal is still kept for a while: it is what matters."""
    kind = kind_of(item)
    target.kinds.add(kind)
    if kind in ("imported", "made", "computed", "persistent") and len(target.items) < 2 * SAMPLE:
        target.items.append(item)


def _shallow(target: Box, item: Value) -> Value:
    if type(item) is Box:
        if item.depth >= DEPTH:
            return Opaque("nested", -1)
        if item.depth >= target.depth:
            target.depth = item.depth + 1
    return item


def _empty(kind: str) -> Callable[[Machine], None]:
    def handle(m: Machine) -> None:
        m.stack.append(Box(kind, []))

    return handle


def _from_mark(kind: str) -> Callable[[Machine], None]:
    def handle(m: Machine) -> None:
        items = m.pop_mark()
        if kind == "dict":
            _even(items, "DICT")
        m.stack.append(box(kind, items))

    return handle


def _tuple_of(count: int) -> Callable[[Machine], None]:
    def handle(m: Machine) -> None:
        stack = m.stack
        if len(stack) - count < m.fence or any(type(item) is Run for item in stack[-count:]):
            stack.append(box("tuple", m.pop_many(count)))
            return
        made = Box("tuple", stack[-count:])
        for index, item in enumerate(made.items):
            if type(item) is Box:
                made.items[index] = _shallow(made, item)
        stack[-count:] = [made]

    return handle


def _even(items: list[Value], name: str) -> None:
    if len(items) % 2 and not any(type(item) is Run for item in items):
        raise BrokenError(f"odd number of items for {name}")


def _append(m: Machine) -> None:
    item = m.pop()
    _add(m, m.top(), [item], "APPEND")


def _setitem(m: Machine) -> None:
    items = m.pop_many(2)
    _add(m, m.top(), items, "SETITEM")


def _many(name: str) -> Callable[[Machine], None]:
    def handle(m: Machine) -> None:
        items = m.pop_mark()
        target = m.top()
        if not items:
            return
        if name == "SETITEMS":
            _even(items, name)
        _add(m, target, items, name)

    return handle


_FITTING = {"APPEND": "list", "APPENDS": "list", "SETITEM": "dict", "SETITEMS": "dict", "ADDITEMS": "set"}


def _add(m: Machine, target: Any, items: list[Value], how: str) -> None:
    if type(target) is Box and (target.kind == _FITTING[how] or _list_by_index(target, how)):
        fill(target, items)
    elif type(target) in (Box, str, int, float, bool, bytes, type(None)):
        raise BrokenError(f"{how} on a {kind_of(target)}")
    elif type(target) is not Opaque:
        m.observer.mutated(target, items, how, m.at)


def _list_by_index(target: Box, how: str) -> bool:
    """`list[i] = x` works in a real unpickler, and so does adding to a set by ADDITEMS only."""
    return target.kind == "list" and how in ("SETITEM", "SETITEMS")


HANDLERS: dict[int, Callable[[Machine], None]] = {
    ord("]"): _empty("list"), ord("}"): _empty("dict"), ord(")"): _empty("tuple"), 0x8F: _empty("set"),
    ord("l"): _from_mark("list"), ord("t"): _from_mark("tuple"), ord("d"): _from_mark("dict"),
    0x91: _from_mark("frozenset"), 0x85: _tuple_of(1), 0x86: _tuple_of(2), 0x87: _tuple_of(3),
    ord("a"): _append, ord("e"): _many("APPENDS"), ord("s"): _setitem, ord("u"): _many("SETITEMS"),
    0x90: _many("ADDITEMS"),
}  # fmt: skip

"""Opcodes that import, call, and give state: what makes a pickle a program."""

import _compat_pickle
from collections.abc import Callable

from assaymark.scan.pickle.containers import box
from assaymark.scan.pickle.machine import Machine
from assaymark.scan.pickle.stream import BrokenError
from assaymark.scan.pickle.values import Box, Computed, Imported, Made, Opaque, Persistent, Value, kind_of

__all__ = ["HANDLERS", "mapped_name"]

NAME = 4096
"""Characters of a module's or attribute's name that are kept."""


def mapped_name(module: str, name: str, protocol: int) -> tuple[str, str]:
    """The name that CPython looks up: Python 2's names mean Python 3's below protocol 3."""
    if protocol < 3:
        found = _compat_pickle.NAME_MAPPING.get((module, name))
        if found is not None:
            return found
        return _compat_pickle.IMPORT_MAPPING.get(module, module), name
    return module, name


def _import(m: Machine, module: str, name: str) -> Imported:
    found = Imported(*mapped_name(module[:NAME], name[:NAME], m.protocol), m.at)
    m.observer.imported(found)
    return found


def _name_line(m: Machine) -> str:
    try:
        return m.stream.line().decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise BrokenError("a name is not UTF-8") from wrong


def _global(m: Machine) -> None:
    module = _name_line(m)
    m.push(_import(m, module, _name_line(m)))


def _stack_global(m: Machine) -> None:
    module, name = m.pop_many(2)
    if type(module) is str and type(name) is str:
        m.push(_import(m, module, name))
    elif any(isinstance(part, Made | Computed | Persistent) or _long_text(part) for part in (module, name)):
        parts = [part if type(part) is str else f"<{kind_of(part)}>" for part in (module, name)]
        found = Computed("a name that is computed while loading", m.at)
        m.observer.imported(Imported(parts[0], parts[1], m.at))
        m.push(found)
    else:
        raise BrokenError("STACK_GLOBAL needs two texts")


def _long_text(value: Value) -> bool:
    return isinstance(value, Opaque) and value.kind == "str"


def _inst(m: Machine) -> None:
    items = m.pop_mark()
    module = _name_line(m)
    found = _import(m, module, _name_line(m))
    _call(m, found, box("tuple", items), "INST")


def _obj(m: Machine) -> None:
    items = m.pop_mark()
    if not items:
        raise BrokenError("OBJ without a class")
    _call(m, items[0], box("tuple", items[1:]), "OBJ")


def _call(m: Machine, function: Value, args: Value, how: str, keywords: Value = None) -> None:
    if isinstance(function, Box | Opaque | str | bytes | int | float | None):
        raise BrokenError(f"{how} of a {kind_of(function)}, which cannot be called")
    if isinstance(args, int | float | None):
        raise BrokenError(f"{how} with arguments that are no tuple")
    if isinstance(args, Box) and args.kind != "tuple":
        args = _as_tuple(args)
    elif isinstance(args, Imported | Opaque | str | bytes):
        args = Box("tuple", [args])
    made = Made(function, args, keywords, how, m.at)
    m.push(m.observer.called(made))


def _as_tuple(args: Box) -> Box:
    """The Python twin of CPython's unpickler takes any iterable for arguments."""
    made = Box("tuple", list(args.items[:: 2 if args.kind == "dict" else 1]), args.count)
    made.kinds = args.kinds
    return made


def _reduce(m: Machine) -> None:
    function, args = m.pop_many(2)
    _call(m, function, args, "REDUCE")


def _newobj(m: Machine) -> None:
    function, args = m.pop_many(2)
    _call(m, function, args, "NEWOBJ")


def _newobj_ex(m: Machine) -> None:
    function, args, keywords = m.pop_many(3)
    _call(m, function, args, "NEWOBJ_EX", keywords)


def _build(m: Machine) -> None:
    state = m.pop()
    target = m.top()
    if isinstance(target, Box | Opaque | str | bytes | int | float | None):
        raise BrokenError(f"BUILD on a {kind_of(target)}, which takes no state")
    m.observer.built(target, state, m.at)
    if isinstance(target, Made):
        target.state = state


def _persid(m: Machine) -> None:
    _persistent(m, m.stream.line().decode("ascii", "replace"))


def _binpersid(m: Machine) -> None:
    _persistent(m, m.pop())


def _persistent(m: Machine, persistent_id: Value) -> None:
    found = Persistent(persistent_id, m.at)
    m.observer.persistent(found)
    m.push(found)


def _extension(width: int) -> Callable[[Machine], None]:
    def handle(m: Machine) -> None:
        code = m.stream.number(width)
        if code == 0:
            raise BrokenError("extension code 0 does not exist")
        m.push(m.observer.extension(code, m.at))

    return handle


HANDLERS: dict[int, Callable[[Machine], None]] = {
    ord("c"): _global, 0x93: _stack_global, ord("i"): _inst, ord("o"): _obj, ord("R"): _reduce,
    0x81: _newobj, 0x92: _newobj_ex, ord("b"): _build, ord("P"): _persid, ord("Q"): _binpersid,
    0x82: _extension(1), 0x83: _extension(2), 0x84: _extension(4),
}  # fmt: skip

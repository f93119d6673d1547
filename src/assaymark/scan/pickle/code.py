"""Functions and classes that travel by value: built from code objects that lie in the stream."""

from assaymark.inspection import Level
from assaymark.scan.pickle.disassembly import shown
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.values import Box, Made, walk

__all__ = ["code_call"]

_TYPES = frozenset({
    "_make_skeleton_class", "_make_skeleton_enum", "_builtin_type", "_create_type", "_load_type",
})  # fmt: skip
"""Makers of classes; an instance of such a class is made without running the file's own code."""
_HOOKS = frozenset({"__new__", "__setstate__", "__init_subclass__", "__set_name__", "__del__", "__getattr__"})
"""Methods that run while an instance is loaded."""
_ENUMS = "_make_skeleton_enum"
_CODE_TYPES = frozenset({"CodeType", "FunctionType", "LambdaType", "MethodType", "CellType"})


def code_call(function: Made, made: Made) -> tuple[Level, str] | None:
    """What it means that such a result is called; None if it is no such result."""
    name = made_by(function).rpartition(".")[2]
    if function.standing != "code":
        return None
    if name in _TYPES and (made.how in ("NEWOBJ", "NEWOBJ_EX") or name == _ENUMS) and not _hooked(function):
        return Level.UNKNOWN, (
            "Loading makes an instance of a class whose code is in the file; its methods are the file's own."
        )
    if name in _TYPES and isinstance(function.args, Box) and function.args.items[:1] and (
        function.args.items[0] in _CODE_TYPES
    ):  # fmt: skip
        made.standing = "code"
        return Level.UNKNOWN, "Loading builds a function or its code from what is in the file."
    called = shown(function)
    return Level.DANGEROUS, (
        f"Loading runs code that is in the file: it calls what {called} made, with {shown(made.args)}."
    )


def _hooked(function: Made) -> bool:
    """Whether the class has methods of its own that loading an instance runs."""
    return any(isinstance(part, str) and part in _HOOKS for part in walk(function.state))

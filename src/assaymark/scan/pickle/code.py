"""Functions and classes that travel by value: built from code objects that lie in the stream."""

from assaymark.inspection import Level
from assaymark.scan.pickle.disassembly import shown
from assaymark.scan.pickle.shapes import made_by
from assaymark.scan.pickle.values import Made

__all__ = ["BUILDERS", "code_call", "is_code"]

BUILDERS = frozenset({
    "types.CodeType", "types.FunctionType", "builtins.code", "builtins.function",
    "cloudpickle.cloudpickle._make_function", "cloudpickle.cloudpickle._make_skel_func",
    "cloudpickle.cloudpickle._fill_function", "cloudpickle.cloudpickle._make_skeleton_class",
    "cloudpickle.cloudpickle._make_skeleton_enum", "cloudpickle.cloudpickle._rehydrate_skeleton_class",
    "cloudpickle.cloudpickle._make_cell", "cloudpickle.cloudpickle._make_empty_cell",
    "cloudpickle.cloudpickle._builtin_type", "dill._dill._create_function", "dill._dill._create_code",
    "dill._dill._create_type",
})  # fmt: skip
"""Names whose result is code or a class that the stream itself supplied."""
_TYPES = frozenset({
    "cloudpickle.cloudpickle._make_skeleton_class", "cloudpickle.cloudpickle._make_skeleton_enum",
    "dill._dill._create_type",
})  # fmt: skip


def is_code(made: Made) -> bool:
    """Whether a call's result is code or a class that came by value."""
    return made_by(made) in BUILDERS


def code_call(function: Made, made: Made) -> tuple[Level, str] | None:
    """What it means that such a result is called; None if it is no such result."""
    name = made_by(function)
    if name not in BUILDERS:
        return None
    if name in _TYPES and made.how in ("NEWOBJ", "NEWOBJ_EX"):
        return Level.UNKNOWN, (
            "Loading makes an instance of a class whose code is in the file; its methods are the file's own."
        )
    return Level.DANGEROUS, (
        f"Loading runs code that is in the file: it calls the function made by {shown(function)} "
        f"with {shown(made.args)}."
    )

"""Names that are reached by a call at load time, as pickles below protocol 4 and dill do for some classes."""

from assaymark.scan.pickle.names import Danger, is_covered, safe_named
from assaymark.scan.pickle.values import Box, Imported, Made

__all__ = ["walked_danger", "walked_name"]

_BUILTIN_TYPES = frozenset({
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range",
    "set", "slice", "str", "tuple", "type",
})  # fmt: skip
_RENAMED = {"Boolean": "bool", "String": "str", "Unicode": "str", "XRange": "range", "Long": "int"}
"""Types whose name in dill is not the builtin's."""

_METHODS = frozenset({
    "dump", "from_file", "from_pretrained", "from_single_file", "load", "load_from_checkpoint", "load_model",
    "read", "save", "save_model", "save_pretrained", "to_csv", "to_pickle", "tofile", "write",
})  # fmt: skip
"""Methods that mean the same in every library of our tables."""


def walked_name(made: Made) -> Imported | None:
    """What `getattr(imported, 'name')` gives: the same as importing the dotted name."""
    function = made.function
    if not isinstance(function, Imported) or not isinstance(made.args, Box):
        return None
    match function.full, made.args.items:
        case "dill._dill._load_type", [str() as name]:
            return _loaded_type(name, made.offset)
        case "builtins.getattr", [Imported() as owner, str() as name, *_]:
            return Imported(owner.module, f"{owner.name}.{name}", made.offset)
    return None


def _loaded_type(name: str, offset: int) -> Imported | None:
    """What dill's `_load_type('FloatType')` gives, if that is a builtin."""
    if name == "PartialType":
        return Imported("functools", "partial", offset)
    plain = name.removesuffix("Type")
    builtin = _RENAMED.get(plain, plain.lower() if plain != name else name)
    return Imported("builtins", builtin, offset) if builtin in _BUILTIN_TYPES else None


def walked_danger(function: Imported) -> Danger | None:
    """A method of a known class that is on no list itself: nobody calls that on load but an attack."""
    owner, dot, _ = function.name.rpartition(".")
    if dot and safe_named(f"{function.module}.{owner}") is not None:
        return Danger(f"is reached through {owner} and is on no list", function.full)
    if dot and function.name.rpartition(".")[2] in _METHODS and is_covered(function.full):
        return Danger("reads or writes files, or fetches them", function.full)
    return None

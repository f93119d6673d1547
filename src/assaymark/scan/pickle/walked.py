"""Names that are reached by `getattr` at load time, as pickles below protocol 4 do for nested names."""

from assaymark.scan.pickle.names import Danger, safe_named
from assaymark.scan.pickle.values import Box, Imported, Made

__all__ = ["walked_danger", "walked_name"]


def walked_name(made: Made) -> Imported | None:
    """What `getattr(imported, 'name')` gives: the same as importing the dotted name."""
    function = made.function
    if (
        not isinstance(function, Imported)
        or function.full != "builtins.getattr"
        or not isinstance(made.args, Box)
    ):
        return None
    match made.args.items:
        case [Imported() as owner, str() as name]:
            return Imported(owner.module, f"{owner.name}.{name}", made.offset)
    return None


def walked_danger(function: Imported) -> Danger | None:
    """A method of a known class that is on no list itself: nobody calls that on load but an attack."""
    owner, dot, _ = function.name.rpartition(".")
    if dot and safe_named(f"{function.module}.{owner}") is not None:
        return Danger(f"is reached through {owner} and is on no list", function.full)
    return None

"""What files are for each other: facts that `assaymark.discover.link` joins and no check asks for."""

from msgspec import Struct

from assaymark.scan.facts._base import Fact
from assaymark.scan.facts.code import Effect, Origin

__all__ = ["FunctionSummary", "Mount", "Passed"]


class Passed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An argument that a function of another file is given."""

    callee: str
    """Name of the function, as in `FunctionSummary.calls`."""
    position: int = -1
    """Place among the arguments; -1 for a keyword."""
    keyword: str = ""
    origin: Origin = Origin.PARAMETER
    """Where the argument comes from."""
    parameter: str = ""
    """The caller's own parameter that is passed on, where that is the origin."""


class FunctionSummary(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """What a function or class does, for endpoints, tools and functions in other files that use it."""

    function: str
    """Dotted name within its file; `default` for a module's default export."""
    parameters: tuple[str, ...] = ()
    """In order, without `self`; given only where an address or command depends on one of them."""
    reaches: tuple[str, ...] = ()
    """As for `Endpoint`."""
    effects: tuple[Effect, ...] = ()
    touches: tuple[str, ...] = ()
    authenticates: bool = False
    """It refuses who does not say who they are."""
    limits: bool = False
    """It bounds how often something is done."""
    checks_ownership: bool = False
    """It compares or selects by the owner of an object."""
    asks: bool = False
    """It asks a person."""
    bounds: bool | None = None
    """For a data model: the length of its fields is bounded; None for anything else."""
    opens: str = ""
    """How it answers that all is well when what it relies on fails; empty if it does not."""
    opens_line: int = 0
    decides: tuple[str, ...] = ()
    """Functions of other files whose answer decides whether it refuses."""
    calls: tuple[str, ...] = ()
    """Dotted names, or `specifier::name`, of what it calls in other files."""
    passes: tuple[Passed, ...] = ()


class Mount(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A router of another file put under an application or another router."""

    target: str
    """Dotted name or `specifier::name` of what is mounted."""
    under: str = ""
    """Name of the router in this file under which it is put; empty for the application."""
    authenticated: bool = False
    """Identity is checked before it."""
    rate_limited: bool = False
    dependencies: tuple[str, ...] = ()
    """Functions of other files that stand before it."""
    open: bool = False
    """The application is made in this file, and nothing in it can check identity."""

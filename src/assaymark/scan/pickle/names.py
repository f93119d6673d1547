"""What is known of names: which are safe to call and with what, which are dangerous and why.

Tables lie beside this file: `safe.yaml` and `dangerous.yaml` are written by hand, `known/<package>.json` by
`tools/learn_globals.py`. Exact names only are safe; a whole module can only be dangerous.
"""

import functools
import json
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from assaymark.scan.pickle.shapes import Shape, shape

__all__ = ["Danger", "Safe", "danger_named", "group", "is_covered", "safe_named"]

_HERE = Path(__file__).parent


class Safe(Struct, frozen=True):
    """A name that real libraries write, and what it may be given."""

    kind: str
    """`class`, `function`, or `value` (never to be called)."""
    call: Shape | None = None
    """Arguments of REDUCE, OBJ and INST; None if it must not be called."""
    new: Shape | None = None
    """Arguments of NEWOBJ; None if that is not how it is made."""
    state: Shape | None = None
    """What BUILD may give to its result; None if nothing."""
    items: bool = True
    """Whether APPENDS and SETITEMS may fill its result."""
    foreign: bool = False
    """Its result is something that the stream did not create: nothing may change it."""
    instance: bool = False
    """Its first argument is the class of which it makes an instance."""
    loads: bool = False
    """It loads a pickle from the bytes that it is given, and does nothing else."""
    free: bool = False
    """Its arguments may be any text."""
    mild: bool = False
    """That its arguments are unknown is no sign of an attack: it only keeps them."""
    code: bool = False
    """It makes code, or a class, of what lies in the stream."""


class Danger(Struct, frozen=True):
    """Why a name is dangerous."""

    does: str
    """Phrase for "which …": `runs a program`."""
    because: str
    """The name or module on the list."""
    loads: bool = False
    """Whether it loads a pickle from bytes it is given."""
    called: bool = False
    """Whether it has to be called with `__init__` to do so; else importing it is enough to report it."""


def _table(name: str) -> Any:
    text = (_HERE / name).read_text(encoding="utf-8")
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


@functools.cache
def _groups() -> dict[str, str]:
    return dict(_table("safe.yaml")["groups"])


@functools.cache
def group(name: str) -> Shape:
    """The named shape `<name>`."""
    return shape(_groups()[name])


@functools.cache
def _written() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for names in _table("safe.yaml")["names"].values():
        found.update(names)
    return found


_ANY = "any"
_KINDS: dict[str, dict[str, Any]] = {
    "classes": {"kind": "class", "new": "()", "call": "()", "state": _ANY, "items": False},
    "containers": {"kind": "class", "new": "()", "call": "()", "state": _ANY},
    "enums": {"kind": "class", "free": True, "call": "(scalar)", "state": "none", "items": False},
    "tuples": {"kind": "class", "free": True, "new": "(any*)", "call": "(any*)", "state": _ANY},
    "errors": {"kind": "class", "free": True, "call": "(plain*)", "new": "(plain*)", "state": "plain"},
    "functions": {"kind": "function"},
    "values": {"kind": "value"},
    "compiled": {"kind": "class", "new": "(data*)", "call": "(data*)", "state": _ANY, "items": False},
    "rebuilders": {"kind": "function", "call": "(class, int?, any?)", "state": _ANY, "instance": True},
    "formulas": {
        "kind": "class",
        "new": "()",
        "call": "()",
        "state": "{'formula': formula | none, str: any*}",
        "items": False,
    },
    "distributions": {
        "kind": "class",
        "new": "()",
        "call": "()",
        "state": "{'_parse_arg_template': template, str: any*} | (dict, any)",
        "items": False,
    },
}
"""What the sections of `known/*.json` mean."""


@functools.cache
def _known(package: str) -> dict[str, str]:
    """Full name → section, of one package."""
    path = _HERE / "known" / f"{package}.json"
    if not package.isidentifier() or not path.exists():
        return {}
    found: dict[str, str] = {}
    for module, sections in json.loads(path.read_text(encoding="utf-8")).items():
        for section, names in sections.items():
            for name in names:
                if section in _KINDS:
                    found.setdefault(f"{module}.{name}", section)
    return found


_VENDORS = ("numba.cloudpickle.", "joblib.externals.cloudpickle.")
"""Where copies of cloudpickle live; the names within are the same."""
_EFFECTS = {
    "effects-code": "compiles or runs source code",
    "effects-programs": "runs a program or loads native code",
    "effects-imports": "imports modules by name",
    "effects-pickles": "loads a pickle",
    "effects-network": "connects to the network",
    "effects-files": "reads or writes files",
}


def is_covered(full: str) -> bool:
    """Whether the name's library has a table of its own."""
    return bool(_known(full.partition(".")[0]))


@functools.cache
def _effects(package: str) -> dict[str, str]:
    """Full name → what its body does to the world, of one package."""
    path = _HERE / "known" / f"{package}.json"
    if not package.isidentifier() or not path.exists():
        return {}
    found: dict[str, str] = {}
    for module, sections in json.loads(path.read_text(encoding="utf-8")).items():
        for section, does in _EFFECTS.items():
            for name in sections.get(section, ()):
                found[f"{module}.{name}"] = does
    return found


@functools.lru_cache(maxsize=20_000)
def safe_named(full: str) -> Safe | None:
    """What is known of a safe name; None if it is on no list of safe ones."""
    for prefix in _VENDORS:
        if full.startswith(prefix):
            full = "cloudpickle." + full.removeprefix(prefix)
    told = _written().get(full)
    if full.startswith("__torch__."):
        told = _KINDS["classes"]  # types of TorchScript, whose code is beside the pickle and looked at there
    if told is None:
        section = _known(full.partition(".")[0]).get(full)
        return _safe(_KINDS[section]) if section else None
    if isinstance(told, str):
        told = {"call": told}
    base = _KINDS["containers"] if told.get("kind", "class") == "class" else {"kind": told["kind"]}
    return _safe({**base, **told})


def _safe(told: dict[str, Any]) -> Safe:
    call, new, state = (shape(told[key]) if told.get(key) else None for key in ("call", "new", "state"))
    return Safe(
        kind=told["kind"],
        call=call,
        new=new,
        state=state,
        items=told.get("items", True),
        foreign=told.get("foreign", False),
        instance=told.get("instance", False),
        loads=told.get("loads", False),
        free=told.get("free", False),
        mild=told.get("mild", False),
        code=told.get("code", False),
    )


@functools.cache
def _dangers() -> tuple[dict[str, Danger], dict[str, Danger], frozenset[str]]:
    """Exact names, modules with all that is in them, and modules that are dangerous to get hold of."""
    table = _table("dangerous.yaml")
    standard = frozenset(table["standard-library"])
    exact: dict[str, Danger] = {}
    modules: dict[str, Danger] = {}
    for entry in table["dangers"]:
        for names, found in ((entry.get("names", ()), exact), (entry.get("modules", ()), modules)):
            for name in names:
                other = name.partition(".")[0] not in standard
                found[name] = Danger(entry["does"], name, entry.get("loads", False), called=other)
    return exact, modules, frozenset(table["handles"])


@functools.lru_cache(maxsize=20_000)
def danger_named(module: str, name: str) -> Danger | None:
    """Why a name is dangerous, if it is known to be. Safe names are to be looked up first."""
    exact, modules, handles = _dangers()
    full = f"{module}.{name}"
    found = exact.get(full)
    prefix = full
    while found is None and prefix:
        found = modules.get(prefix)
        prefix = prefix.rpartition(".")[0]
    if found is None:
        does = _effects(full.partition(".")[0]).get(full)
        found = Danger(does, full, called=True) if does else None
    if found is None or found.called:
        return _by_attribute(module, name, handles) or found
    return found


_RUNS = frozenset({"conftest", "__main__", "setup"})
"""Modules that do their work when they are imported."""


def _by_attribute(module: str, name: str, handles: frozenset[str]) -> Danger | None:
    """Names that are reached by walking from one object to another, and modules that run when imported."""
    steps = name.split(".")
    if module != "__main__" and not _RUNS.isdisjoint(module.split(".")):
        return Danger("is in a module that runs when it is imported", module)
    for step in steps:
        if step.startswith("__") and step.endswith("__") and len(step) > 4 and name != "__dict__":
            return Danger("reaches into the interpreter's own attributes", step)
    for index, step in enumerate(steps):
        bare = step.lstrip("_")
        if bare in handles:
            rest = ".".join([bare, *steps[index + 1 :]])
            return Danger(f"reaches {rest} through another module", rest)
    if len(steps) > 1:
        exact, modules, _ = _dangers()
        for index in range(len(steps) - 1):
            rest = ".".join([steps[index].lstrip("_"), *steps[index + 1 :]])
            if rest in exact or steps[index].lstrip("_") in modules:
                return Danger(f"reaches {rest} through another module", rest)
    return None

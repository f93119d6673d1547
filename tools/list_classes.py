"""List the classes of installed libraries whose instances a pickle may hold: `known/*.json` of scan/pickle.

    /tmp/bench-venv/bin/python tools/list_classes.py SITE-PACKAGES OUTPUT PACKAGE... +CONTEXT...

A `+package` is only read, for the bases of others' classes.

Sources are parsed, never imported, except compiled modules when `--compiled` is given. A class is listed if
making it without `__init__` and giving it a state runs no code but the library's plainest: it has no
`__new__`, `__setstate__` or `__del__` of its own or inherited whose body does more than set attributes. Those
that do are printed, to be read by a person and then named in `reviewed_classes.json`.
"""

import ast
import collections
import importlib
import json
import re
import sys
from pathlib import Path

from class_names import (
    BAD_CALLS,
    BAD_HEADS,
    CALLS,
    EFFECTS,
    ENUMS,
    ERRORS,
    FILLED,
    HARMLESS_BASES,
    HOOKS,
    METHODS,
    SKIPPED,
)
from find_effects import effects

REVIEWED_FILE = Path(__file__).with_name("reviewed_classes.json")


class Module:
    """Classes, imports and functions of one source file."""

    def __init__(self, name, tree, package):
        self.name = name
        self.package = package
        self.classes = {}
        self.imports = {}
        self.stars = []
        self.tuples = []
        self.functions = []
        self.defs = {}
        self.names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        self._body(tree.body, "")

    def _body(self, body, prefix):  # noqa: C901 - one case a kind of statement
        for node in body:
            match node:
                case ast.ClassDef():
                    self.classes[prefix + node.name] = node
                    self._body(node.body, prefix + node.name + ".")
                case ast.FunctionDef() if not prefix:
                    self.defs[node.name] = node
                    self.names.add(node.name)
                    if pure(node):
                        self.functions.append(node.name)
                case ast.ImportFrom():
                    self._imported(node)
                case ast.Import():
                    for alias in node.names:
                        self.imports[alias.asname or alias.name] = alias.name
                        if not alias.asname:
                            self.imports.setdefault(
                                alias.name.partition(".")[0], alias.name.partition(".")[0]
                            )
                case ast.If() | ast.Try():
                    for part in ("body", "orelse", "finalbody"):
                        self._body(getattr(node, part, []), prefix)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if not prefix:
                    if ast.unparse(call.func).split(".")[-1] == "namedtuple":
                        self.tuples.append(name)

    def _imported(self, node):
        base = node.module or ""
        if node.level:
            parts = (self.name if self.package else self.name.rpartition(".")[0]).split(".")
            parts = parts[: len(parts) - node.level + 1]
            base = ".".join([*parts, base] if base else parts)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(base)
            self.imports[alias.asname or alias.name] = f"{base}.{alias.name}"


class Library:
    """The modules of the packages that are looked at."""

    def __init__(self, site, packages):
        self.modules = {}
        for package in packages:
            root = site / package
            paths = root.rglob("*.py") if root.is_dir() else [site / f"{package}.py"]
            for path in sorted(paths):
                inside = path.relative_to(site)
                names = list(inside.with_suffix("").parts)
                is_package = names[-1] == "__init__"
                if is_package:
                    names.pop()
                try:
                    tree = ast.parse(path.read_text(encoding="utf-8"))
                except (SyntaxError, UnicodeDecodeError, FileNotFoundError):
                    continue
                name = ".".join(names)
                self.modules[name] = Module(name, tree, is_package)

    def resolve(self, module, name, hops=0):
        """(module, class name) of a name used in a module, or None."""
        if hops > 8 or module not in self.modules:
            return None
        mod = self.modules[module]
        if name in mod.classes:
            return module, name
        head, _, rest = name.partition(".")
        target = mod.imports.get(name) or (
            mod.imports.get(head, "") + "." + rest if rest and head in mod.imports else None
        )
        if target is None:
            for star in mod.stars:
                found = self.resolve(star, name, hops + 1)
                if found:
                    return found
            return None
        outer, _, last = target.rpartition(".")
        return self.resolve(outer, last, hops + 1)

    def lineage(self, module, name):
        """The class, its known bases, and the texts of bases that are not known."""
        seen, unknown, waiting = [], [], [(module, name)]
        while waiting:
            at = waiting.pop(0)
            if at in seen:
                continue
            seen.append(at)
            for base in self.modules[at[0]].classes[at[1]].bases:
                text = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
                found = self.resolve(at[0], text)
                if found is None:
                    unknown.append(text)
                else:
                    waiting.append(found)
        return seen, unknown


def pure(function):
    """Whether a function looks like a computation: worth referring to, and no tool of an attack."""
    if EFFECTS.search(function.name) or function.name.startswith("__"):
        return False
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Global):
            return False
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in BAD_CALLS or name.split(".")[0] in BAD_HEADS:
                return False
    return True


def harmless(function):
    """Whether a hook's body only sets attributes and calls plain things."""
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.With | ast.Await | ast.Lambda):
            if not (isinstance(node, ast.Import | ast.ImportFrom)):
                return False
            return False
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name not in CALLS and not (isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
                return False
    return True


def sections(library, reviewed, report):
    """Module → section → names, of everything that was read."""
    out = collections.defaultdict(lambda: collections.defaultdict(list))
    for module in library.modules.values():
        if set(module.name.split(".")) & SKIPPED:
            continue
        only = reviewed["only"].get(module.name.split(".")[0])
        if only and not any(module.name == o or module.name.startswith(o + ".") for o in only):
            continue
        if module.functions:
            out[module.name]["functions"] = list(module.functions)
        for name in module.tuples:
            out[module.name]["tuples"].append(name)
        for name in module.classes:
            section = classify(library, module.name, name, reviewed, report)
            if section:
                out[module.name][section].append(name)
    add_effects(library, out)
    reexports(library, out)
    aliases(library, out)
    return out


def add_effects(library, out):
    """What is to be called dangerous by name: `effects` are kept by category, and are no functions to refer to."""
    for module, categories in effects(library).items():
        if {"tests", "test", "_vendor", "vendored"} & set(module.split(".")):
            continue
        told = out[module]
        for category, names in categories.items():
            told[f"effects-{category}"] = sorted(names)
            if "functions" in told:
                told["functions"] = [n for n in told["functions"] if n not in names]


def reexports(library, out):
    """A class is also known by the packages that pass it on."""
    found = []
    for module in library.modules.values():
        if not module.package:
            continue
        names = set(module.imports)
        for star in module.stars:
            names |= library.modules[star].names if star in library.modules else set()
        for name in names:
            at = library.resolve(module.name, name) or function_at(library, module.name, name)
            for section, known in out.get(at[0], {}).items() if at else ():
                if section != "functions" and at[1] in known:
                    found.append((module.name, section, name))
    for module, section, name in found:
        if name not in out[module][section]:
            out[module][section].append(name)


def function_at(library, module, name, hops=0):
    """(module, function) that a package passes on, or None."""
    mod = library.modules.get(module)
    if mod is None or hops > 6:
        return None
    if name in mod.names:
        return module, name
    full = mod.imports.get(name)
    if full is None:
        return next((f for s in mod.stars if (f := function_at(library, s, name, hops + 1))), None)
    outer, _, last = full.rpartition(".")
    return function_at(library, outer, last, hops + 1)


def aliases(library, out):
    """Modules had other names in older versions: `sklearn.ensemble.forest`, `scipy.sparse.csr`, `numpy.core`."""
    for module in list(out):
        head, *rest = module.split(".")
        plain = ".".join([head, *(part.lstrip("_") for part in rest)])
        if plain != module:
            for section, names in out[module].items():
                known = out[plain][section]
                known.extend(n for n in names if n not in known)


def classify(library, module, name, reviewed, report):  # noqa: C901 - one question after the other
    """The section of a class, or None, with the reasons in `report`."""
    full = f"{module}.{name}"
    if full in reviewed.get("refused", []):
        return None
    lineage, unknown = library.lineage(module, name)
    tails = set(unknown)
    if tails & ENUMS:
        return "enums"
    if "NamedTuple" in tails or "typing.NamedTuple" in tails:
        return "tuples"
    if tails & ERRORS:
        return "errors"
    accepted = set(reviewed.get("accepted", []))
    bad_bases = [u for u in unknown if u not in HARMLESS_BASES and u not in accepted]
    hooks = []
    for at in lineage:
        for node in library.modules[at[0]].classes[at[1]].body:
            if isinstance(node, ast.FunctionDef) and node.name in HOOKS:
                where = f"{at[0]}.{at[1]}.{node.name}"
                if where not in accepted and (node.name == "__del__" or not harmless(node)):
                    hooks.append(where)
    if bad_bases or hooks:
        for why in [*hooks, *(f"base {b}" for b in bad_bases)]:
            report[why].append(full)
        return None
    if ("scipy.stats._distn_infrastructure", "rv_generic") in lineage:
        return "distributions"
    if ("statsmodels.base.data", "ModelData") in lineage:
        return "formulas"
    return (
        "containers"
        if tails & FILLED or any("ModuleList" in n or "ModuleDict" in n for _, n in lineage)
        else "classes"
    )


def compiled(site, package):
    """Classes and rebuilding functions of compiled modules; these have to be imported."""
    found = {}
    for path in sorted((site / package).rglob("*.so")):
        parts = path.relative_to(site).parts
        name = ".".join([*parts[:-1], parts[-1].split(".")[0]])
        if set(name.split(".")) & SKIPPED:
            continue
        try:
            module = importlib.import_module(name)
        except Exception as problem:  # noqa: BLE001 - whatever somebody's import raises
            print("not imported:", name, type(problem).__name__)
            continue
        for key, value in vars(module).items():
            if key.startswith("__pyx_unpickle_") or key == "newObj":
                found.setdefault(name, {}).setdefault("rebuilders", []).append(key)
            elif isinstance(value, type) and value.__module__ == name and not key.startswith("__"):
                section = pickled_as(value)
                if section:
                    found.setdefault(name, {}).setdefault(section, []).append(key)
    return found


def pickled_as(value):
    """`compiled` if its own `__reduce__` calls it with arguments, `classes` if it is rebuilt from nothing."""
    if issubclass(value, BaseException) or re.search(
        r"Reader|Writer|Stream|Parser|File|Socket|Process", value.__name__
    ):
        return ""
    if "__reduce__" in vars(value):
        return "compiled"
    try:
        value.__new__(value).__reduce_cython__()
    except Exception as problem:  # noqa: BLE001 - whatever somebody's import raises
        return "classes" if "__setstate__" in vars(value) and "no default" not in str(problem) else ""
    return "classes"


def text(mine):
    """One module a line."""
    lines = [
        f"{json.dumps(m)}: {json.dumps({k: sorted(set(v)) for k, v in sorted(t.items()) if v})}"
        for m, t in sorted(mine.items())
        if all(p.isidentifier() for p in m.split("."))
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def introspected(site, package):
    """Functions and classes that say they live in the package itself, whatever file they are in."""
    module = importlib.import_module(package)
    names = [n for n in dir(module) if not n.startswith("_")]
    functions, classes, values = [], [], []
    for name in names:
        value = getattr(module, name)
        if getattr(value, "__module__", None) != package or getattr(value, "__name__", None) != name:
            continue
        if isinstance(value, type):
            (values if value.__flags__ & 0x100 else classes).append(name)
        elif callable(value) and not EFFECTS.search(name):
            functions.append(name)
    return {"functions": functions, "values": sorted({*values, *classes})}


def main():
    """Write one file a package, and print what a person has to read."""
    site, output, *packages = sys.argv[1:]
    with_compiled = "--compiled" in packages
    packages = [p for p in packages if p != "--compiled"]
    context = [p.removeprefix("+") for p in packages if p.startswith("+")]
    packages = [p for p in packages if not p.startswith("+")]
    reviewed = json.loads(REVIEWED_FILE.read_text()) if REVIEWED_FILE.exists() else {}
    library = Library(Path(site), [*context, *packages])
    report = collections.defaultdict(list)
    found = sections(library, reviewed, report)
    for package in packages:
        mine = {
            m: {s: sorted(n) for s, n in sorted(t.items())}
            for m, t in sorted(found.items())
            if m.split(".")[0] == package
        }
        if with_compiled:
            sys.path.insert(0, site)
            told = introspected(site, package)
            mine.setdefault(package, {}).setdefault("functions", []).extend(told["functions"])
            mine[package].setdefault("values", []).extend(told["values"])
            for module, told in compiled(Path(site), package).items():
                for section, names in told.items():
                    mine.setdefault(module, {})[section] = sorted(set(names))
        (Path(output) / f"{package}.json").write_text(text(mine))
        print(package, sum(len(n) for t in mine.values() for n in t.values()))
    for why, names in sorted(report.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):5} {why}: {', '.join(names[:3])}")


if __name__ == "__main__":
    main()

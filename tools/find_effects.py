"""What functions of a library do to the world, found in its sources: `known/*.json` of scan/pickle, part `effects`.

A function or method has an effect if its body, or one it calls by a name that can be resolved, calls one of
the primitives below. Only what is called is looked at, never run. Used by `list_classes.py`.
"""

import ast
import collections

PRIMITIVES = (
    ("code", {"eval", "exec", "compile", "types.FunctionType", "types.CodeType", "FunctionType", "code.interact", "builtins.exec", "builtins.eval",
              "marshal.loads", "ne.evaluate", "numexpr.evaluate", "sympify", "sympy.sympify", "parse_expr", "timeit.timeit"}),
    ("programs", {"os.system", "os.popen", "os.startfile", "subprocess.", "os.exec", "os.spawn", "pty.", "commands.", "multiprocessing.Process", "Popen",
                  "check_output", "check_call", "ctypes.CDLL", "ctypes.cdll", "cdll.LoadLibrary", "CDLL", "ctypes.PyDLL", "webbrowser.open", "os.kill", "os.fork"}),
    ("imports", {"importlib.", "__import__", "import_module", "pkgutil.", "runpy.", "imp.", "load_module", "exec_module", "imp_module"}),
    ("pickles", {"pickle.load", "pickle.loads", "pickle.Unpickler", "_pickle.load", "joblib.load", "torch.load", "yaml.load", "yaml.unsafe_load", "dill.load", "dill.loads",
                 "cloudpickle.load", "cloudpickle.loads", "np.load", "numpy.load", "pd.read_pickle", "loads_pickle", "shelve.open", "jsonpickle.decode"}),
    ("network", {"urllib.", "requests.", "socket.", "urlopen", "urlretrieve", "http.client.", "httpx.", "hf_hub_download", "snapshot_download", "smtplib.", "ftplib."}),
    ("files", {"open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "bz2.BZ2File", "lzma.LZMAFile", "gzip.GzipFile", "os.remove", "os.unlink", "os.mkdir", "os.makedirs",
               "os.rename", "os.replace", "os.rmdir", "os.removedirs", "os.chmod", "os.chown", "os.symlink", "os.link", "os.open", "os.listdir", "os.walk", "os.scandir", "os.chdir",
               "os.environ", "os.putenv", "os.truncate", "shutil.", "tempfile.", "zipfile.ZipFile", "tarfile.open", "h5py.File", "np.save", "np.savez", "np.savetxt", "np.loadtxt",
               "np.genfromtxt", "np.fromfile", "np.memmap", "numpy.memmap", "joblib.dump", "torch.save", "pickle.dump", "sqlite3.", "mmap.mmap", "glob.", "linecache.", "tofile",
               "write_text", "write_bytes", "read_text", "read_bytes", "mkdir", "unlink", "rmtree", "savefig"}),
)  # fmt: skip
LAST = {
    "open",
    "fromfile",
    "urlopen",
    "load_library",
    "LoadLibrary",
    "CDLL",
    "system",
    "popen",
    "Popen",
    "eval",
    "exec",
    "urlretrieve",
    "tofile",
    "write_text",
    "write_bytes",
    "read_text",
    "read_bytes",
    "mkdir",
    "unlink",
    "rmtree",
    "savefig",
    "import_module",
    "exec_module",
    "load_module",
}
WORDS = (
    (
        "files",
        (
            "save",
            "dump",
            "write",
            "mmwrite",
            "mmread",
            "savemat",
            "loadmat",
            "savetxt",
            "read_",
            "tofile",
            "from_file",
            "to_file",
            "load",
            "export",
        ),
    ),
    ("network", ("download", "fetch")),
    ("programs", ("system", "popen", "spawn", "shell", "command", "load_library")),
    ("code", ("exec", "eval_", "run_", "runstring", "compile", "jit")),
)
"""Methods and functions whose own name says it, if they take arguments and cannot be followed (native code)."""
ORDER = [name for name, _ in PRIMITIVES]


def primitive(text):
    """Category of a called name, or empty."""
    for category, names in PRIMITIVES:
        for name in names:
            if text == name or (name.endswith((".", "os.exec", "os.spawn")) and text.startswith(name)):
                return category
    last = text.rpartition(".")[2]
    for category, names in PRIMITIVES:
        if last in LAST and (last in names or any(name.endswith("." + last) for name in names)):
            return category
    return ""


def calls_of(function):
    """Names that are called in a function's body."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            text = dotted(node.func)
            if text:
                found.add(text)
    return found


def dotted(node):
    """`a.b.c` as text; `?.c` for an attribute of anything else; empty for what has no name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif parts:
        parts.append("?")
    return ".".join(reversed(parts))


def named(name):
    """Category that a function's own name promises."""
    for category, words in WORDS:
        if any(
            name == w.rstrip("_")
            or name.startswith(w if w.endswith("_") else w + "_")
            or name.endswith("_" + w)
            for w in words
        ):
            return category
    return ""


def effects(library):  # noqa: C901 - direct, reached, promised: three passes over the same table
    """(module, qualified name) → category, for every function, method and class that has one."""
    bodies = {}
    for module in library.modules.values():
        for name, node in module.defs.items():
            bodies[module.name, name] = calls_of(node)
        for name, node in module.classes.items():
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    bodies[module.name, f"{name}.{part.name}"] = calls_of(part)
    found = {}
    for at, called in bodies.items():
        categories = {primitive(c) for c in called} - {""}
        if categories:
            found[at] = min(categories, key=ORDER.index)
    for _ in range(3):
        for at, called in bodies.items():
            if at not in found:
                reached = {found[r] for c in called if (r := target(library, at, c)) in found}
                if reached:
                    found[at] = min(reached, key=ORDER.index)
    for module, name in bodies:
        told = named(name.rpartition(".")[2])
        if told and (module, name) not in found:
            found[module, name] = told
    grouped = collections.defaultdict(lambda: collections.defaultdict(set))
    for (module, name), category in found.items():
        owner, _, last = name.rpartition(".")
        if last in ("__init__", "__new__", "__call__") and owner:
            grouped[module][category].add(owner if last != "__call__" else name)
        elif not last.startswith("__"):
            grouped[module][category].add(name)
    return grouped


def target(library, at, text):
    """The function that a called name means in the module, or that of the same class for `self.x`."""
    module, name = at
    if text.startswith("self.") and "." in name and text.count(".") == 1:
        return module, f"{name.rpartition('.')[0]}.{text[5:]}"
    mod = library.modules[module]
    if "." not in text:
        if text in mod.names:
            return module, text
        full = mod.imports.get(text)
    else:
        head, _, rest = text.partition(".")
        full = f"{mod.imports[head]}.{rest}" if head in mod.imports else None
    if full is None:
        return None
    outer, _, last = full.rpartition(".")
    for _ in range(4):
        if outer not in library.modules or last in library.modules[outer].names:
            break
        onward = library.modules[outer].imports.get(last)
        if onward is None:
            break
        outer, _, last = onward.rpartition(".")
    return outer, last

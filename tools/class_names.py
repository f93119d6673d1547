"""Names that `list_classes.py` goes by: what is harmless, what runs code, what is left out."""

import re

HOOKS = {"__new__", "__setstate__", "__del__"}
HARMLESS_BASES = {
    "object", "ABC", "Generic", "Protocol", "dict", "list", "tuple", "set", "frozenset", "str", "int", "float", "OrderedDict",
    "defaultdict", "deque", "UserDict", "UserList", "Mapping", "MutableMapping", "Sequence", "MutableSequence", "Iterable",
    "Iterator", "Sized", "Collection", "Container", "Hashable", "Callable", "Set", "MutableSet", "Counter", "ChainMap", "type",
    "ndarray", "Exception", "ValueError", "RuntimeError", "TypeError", "Warning", "UserWarning", "TypedDict",
    "abc.ABC", "abc.Mapping", "collections.OrderedDict", "collections.UserDict", "collections.abc.Mapping", "np.ndarray",
    "collections.abc.MutableMapping", "typing.Generic", "typing.NamedTuple", "Mixin", "PushToHubMixin", "bytes",
}  # fmt: skip
FILLED = {"dict", "list", "set", "OrderedDict", "collections.OrderedDict", "defaultdict", "deque", "UserDict", "UserList", "Counter",
          "MutableMapping", "MutableSequence", "collections.UserDict", "collections.abc.MutableMapping"}  # fmt: skip
ENUMS = {
    "Enum",
    "IntEnum",
    "Flag",
    "IntFlag",
    "StrEnum",
    "enum.Enum",
    "enum.IntEnum",
    "enum.Flag",
    "ExplicitEnum",
    "enum.StrEnum",
}
ERRORS = {"Exception", "ValueError", "RuntimeError", "TypeError", "Warning", "UserWarning", "AttributeError", "KeyError",
          "DeprecationWarning", "FutureWarning", "RuntimeWarning"}  # fmt: skip
CALLS = {
    "super", "dict", "list", "tuple", "set", "hasattr", "isinstance", "len", "setattr", "type", "int", "float", "str", "bool",
    "object.__new__", "object.__setattr__", "ValueError", "TypeError", "RuntimeError", "AttributeError", "warnings.warn", "warn",
    "zip", "enumerate", "range", "getattr", "any", "all", "OrderedDict", "copy", "copy.copy", "isclass", "issubclass",
    "threading.Lock", "threading.RLock", "Lock", "RLock", "id", "min", "max", "sorted", "iter", "next", "cast", "property", "deque",
    "collections.deque", "collections.OrderedDict", "np.asarray", "np.array", "format", "repr", "tuple.__new__", "str.__new__", "dict.__new__", "int.__new__", "np.dtype",
    "list.__new__", "float.__new__", "NotImplementedError", "KeyError", "WeakKeyDictionary", "weakref.WeakKeyDictionary", "WeakValueDictionary",
}  # fmt: skip
METHODS = {
    "__setstate__", "update", "get", "pop", "items", "keys", "values", "setdefault", "copy", "append", "__new__", "format", "__init__",
    "startswith", "endswith", "split", "join", "__setattr__", "extend", "add", "clear", "__class__", "lower", "strip", "replace",
}  # fmt: skip
SKIPPED = {"tests", "test", "testing", "conftest", "_vendor", "vendor", "vendored", "externals", "benchmarks", "examples", "cli", "_cli", "commands",
           "scripts", "hub", "server", "serving", "distributed", "multiprocessing", "subprocess", "_dynamo", "_inductor", "_testing", "f2py", "distutils",
           "package", "cpp_extension", "collect_env", "tools", "bin", "plugins", "store", "tracking", "projects", "deployments", "gateway", "io", "datasets", "computation", "plotting", "_numba",
           "visualization", "_visualizers", "_plotting", "fx", "onnx", "jit", "lite", "_export", "export", "web", "gui", "doc", "docs"}  # fmt: skip
EFFECTS = re.compile(
    r"(?i)open|load|save|read|write|fetch|download|exec|eval|run|import|system|command|shell|compile|file|dump|"
    r"url|request|remove|delete|spawn|thread|process|main|install|plot|call|apply|dispatch|unpickle|serial|from_pretrained|path|hub|log_|print|wrap|decorat|lambdify|source|patch|register|set_|pool|parallel"
)
BAD_CALLS = {
    "eval",
    "exec",
    "compile",
    "open",
    "__import__",
    "globals",
    "locals",
    "vars",
    "setattr",
    "delattr",
    "input",
    "breakpoint",
}
BAD_HEADS = {
    "os",
    "sys",
    "subprocess",
    "importlib",
    "shutil",
    "pickle",
    "urllib",
    "requests",
    "socket",
    "ctypes",
    "tempfile",
    "pathlib",
    "joblib",
    "inspect",
    "types",
    "marshal",
    "builtins",
    "threading",
    "multiprocessing",
    "json",
    "yaml",
    "zipfile",
    "tarfile",
    "fsspec",
}

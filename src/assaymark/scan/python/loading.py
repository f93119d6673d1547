"""Loads that can run code."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator

from assaymark.scan.facts import Deserialisation, Fact
from assaymark.scan.python._module import Call, Module, Scope
from assaymark.scan.python._origins import origin_of

__all__ = ["deserialisations", "verifies"]

_PICKLES = frozenset(
    f"{package}.{function}"
    for package in ("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "jsonpickle", "pickle5")
    for function in ("load", "loads", "decode", "Unpickler")
) | {
    "joblib.load",
    "sklearn.externals.joblib.load",
    "pandas.read_pickle",
    "marshal.loads",
    "marshal.load",
    "shelve.open",
    "torch.jit.unsafe_load",
    "skops.io.load_unsafe",
}
_VERIFY = re.compile(
    r"(sha(256|512|1|384)|blake2|md5|digest|checksum|hash|verify|signature|hmac)", re.IGNORECASE
)
_SAFE_YAML = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")
_MLFLOW = re.compile(
    r"^mlflow\.(pyfunc|sklearn|pytorch|xgboost|lightgbm|spark|keras|transformers)\.load_model$"
)


def deserialisations(module: Module) -> Iterable[Fact]:
    """Loads by pickle and its relatives, each with whether its form is the safe one."""
    for call in module.named(sorted(_PICKLES)):
        if call.name == "jsonpickle.load" or call.last == "Unpickler" or _is_own_copy(call, module):
            continue
        yield _fact(call, call.name, safe=False, module=module)
    for name, judge in _JUDGED.items():
        for call in module.named((name,)):
            found = judge(call, module)
            if found is not None:
                yield _fact(call, found[0], safe=found[1], module=module)
    for call in module.ending("load_model", "load_local"):
        yield from _load_model(call, module)


def _is_own_copy(call: Call, module: Module) -> bool:
    """`pickle.loads(pickle.dumps(x))` copies what the program holds; nothing comes from outside."""
    source = call.arg(0)
    if not isinstance(source, ast.Call):
        return False
    package = call.name.partition(".")[0]
    return module.dotted(source.func, call.scope) in (f"{package}.dumps", f"{package}.encode")


def _load_model(call: Call, module: Module) -> Iterator[Deserialisation]:
    if _MLFLOW.match(call.name):
        yield _fact(call, call.name, safe=False, module=module)
    elif "keras" in call.name or call.name.startswith("tensorflow"):
        unsafe = module.constant(call.kw("safe_mode"), call.scope) is False
        yield _fact(
            call, "keras load_model" + ("(safe_mode=False)" if unsafe else ""), safe=not unsafe, module=module
        )
    elif call.last == "load_local" and call.kw("allow_dangerous_deserialization") is not None:
        unsafe = module.constant(call.kw("allow_dangerous_deserialization"), call.scope) is not False
        yield _fact(call, "load_local(allow_dangerous_deserialization)", safe=not unsafe, module=module)


def _torch_load(call: Call, module: Module) -> tuple[str, bool] | None:
    weights = call.kw("weights_only")
    value = module.constant(weights, call.scope)
    if weights is None:
        return ("torch.load", False) if not call.splat else None
    return "torch.load" + ("(weights_only=False)" if value is False else ""), value is not False


def _numpy_load(call: Call, module: Module) -> tuple[str, bool] | None:
    allowed = module.constant(call.arg(2, "allow_pickle"), call.scope) is True
    return ("numpy.load(allow_pickle)", False) if allowed else None


def _yaml_load(call: Call, module: Module) -> tuple[str, bool] | None:
    loader = call.arg(1, "Loader")
    name = module.dotted(loader, call.scope).rpartition(".")[2] if loader is not None else ""
    if name in _SAFE_YAML or "Safe" in name:
        return None
    if (
        isinstance(loader, ast.Name)
        and (found := module.value_of(loader, call.scope))
        and "Safe" in ast.dump(found[0])[:400]
    ):
        return None
    return f"yaml.load({name or 'no loader'})", name == "FullLoader"


def _unsafe(name: str) -> Callable[[Call, Module], tuple[str, bool] | None]:
    return lambda call, module: (name, False)


_JUDGED: dict[str, Callable[[Call, Module], tuple[str, bool] | None]] = {
    "torch.load": _torch_load,
    "torch.serialization.load": _torch_load,
    "numpy.load": _numpy_load,
    "yaml.load": _yaml_load,
    "yaml.load_all": _yaml_load,
    "yaml.unsafe_load": _unsafe("yaml.unsafe_load"),
    "yaml.full_load": lambda call, module: ("yaml.full_load", True),
    "tensorflow.saved_model.load": _unsafe("tensorflow.saved_model.load"),
    "ruamel.yaml.YAML": lambda call, module: (
        ("ruamel.yaml.YAML(unsafe)", False)
        if module.text(call.arg(0, "typ"), call.scope) == "unsafe"
        else None
    ),
}


def _fact(call: Call, callee: str, *, safe: bool, module: Module) -> Deserialisation:
    source = call.arg(
        0, "file", "f", "filename", "path", "filepath", "model_uri", "filepath_or_buffer", "fid", "stream"
    )
    return Deserialisation(
        at=module.at(call),
        callee=callee,
        safe=safe,
        origin=origin_of(source, call.scope, module),
        verified=verifies(call.scope, call.line),
    )


def verifies(scope: Scope, before: int) -> bool:
    """Whether a digest or signature is computed and compared in `scope` before a line."""
    computed = any(
        _VERIFY.search(c.last) or c.name.startswith("hashlib.") for c in scope.calls if c.line <= before
    )
    compared = bool(scope.tests) or any(
        re.search(r"verify|check|compare", c.last, re.IGNORECASE) for c in scope.calls
    )
    return computed and compared

"""Check: weights are loaded without running code."""

from collections.abc import Iterable, Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Dependency, Deserialisation, Origin

__all__ = ["weights_are_loaded_without_running_code"]

_FOREIGN = (Origin.REQUEST, Origin.RETRIEVED, Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT)


@check(supports=("5.2.3-1", "5.2.1-2#4", "5.1.2-2#1"))
def weights_are_loaded_without_running_code(
    loads: tuple[Deserialisation, ...], dependencies: tuple[Dependency, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Models and other objects are loaded in forms that cannot run code.

    Why: pickle and the formats built on it (joblib, older PyTorch files, NumPy object arrays, YAML with a
    full loader) are small programs: whoever can swap the file runs code in your process, before any
    check of what it contains. A poisoned model on a hub or a shared drive is enough.

    Fix: store weights as safetensors, ONNX or GGUF. Call `torch.load(path, weights_only=True)`,
    `yaml.safe_load`, `numpy.load(path, allow_pickle=False)` and
    `keras.models.load_model(path, safe_mode=True)`.
    Where a pickle cannot be avoided, compare its SHA-256 with a value kept in the repository in the
    same function, before the load.

    Blind spots: loads inside libraries (for instance `from_pretrained` falling back to `.bin`
    files), and a digest that is checked in another function. A plain `torch.load` counts as safe only
    where the declared version of PyTorch is 2.6 or later, whose default for `weights_only` is safe.
    """
    own = in_product(loads, files)
    plain = {"torch.load"} if _torch_is_safe(dependencies) else set()
    open_loads = [f for f in own if not f.safe and not f.verified and f.callee not in plain]
    if not own:
        yield not_applicable("No load that could run code was found in the product's source.")
        return
    if not open_loads:
        yield met(f"Loads in a form that cannot run code, or after a check of a digest: all {len(own)}.")
        return
    firm = [f for f in open_loads if f.origin in _FOREIGN or "weights_only=False" in f.callee]
    ranked = sorted(open_loads, key=lambda f: f not in firm)
    yield not_met(
        f"Loads that can run code from what they load: {len(open_loads)} of {len(own)}.",
        *capped([at(_sentence(f), f) for f in ranked]),
        tentative=not firm,
    )


_OLD_TORCH = ("1.0", "1.13.1", "2.0", "2.2.2", "2.4.1", "2.5.0", "2.5.1")


def _torch_is_safe(dependencies: Iterable[Dependency]) -> bool:
    """Whether every declaration of PyTorch leaves out the versions that load code by default."""
    declared = [d for d in dependencies if d.ecosystem == "pypi" and d.name == "torch"]
    return bool(declared) and all(_leaves_out_old(d.spec) for d in declared)


def _leaves_out_old(spec: str) -> bool:
    try:
        allowed = SpecifierSet(spec)
    except InvalidSpecifier:
        return False
    return bool(spec) and not any(allowed.contains(version) for version in _OLD_TORCH)


def _sentence(load: Deserialisation) -> str:
    source = f" of {load.origin.value}" if load.origin in _FOREIGN else ""
    return f"`{load.callee}`{source} can run code from the file, and no digest is checked before it."

"""Python that lies beside a model inside an archive, under a name that takes another module's place.

Whoever unpacks the archive and loads the model from that folder imports it; packages of Python and Java,
which hold modules by the hundred, are left alone.
"""

import functools
from collections.abc import Iterable, Iterator

from assaymark.inspection import Hazard, Level
from assaymark.scan.container.member_names import shown

__all__ = ["shadows"]

_MODELS = (
    ".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".gguf", ".onnx", ".h5",
    ".keras", ".npy", ".npz", ".skops", ".dill",
)  # fmt: skip
_PACKAGES = (".dist-info/", ".egg-info/", "META-INF/MANIFEST.MF", "setup.py", "pyproject.toml")


def shadows(names: Iterable[str]) -> Iterator[Hazard]:
    """Modules in a model's folder that Python would take for those of a library.

    Args:
        names: of all members of one archive.
    """
    listed = list(names)
    if not any(n.endswith(".py") for n in listed):
        return
    folders = {n.rpartition("/")[0] for n in listed if n.lower().endswith(_MODELS)}
    if not folders or any(mark in n for n in listed for mark in _PACKAGES):
        return
    folders -= {n.rpartition("/")[0] for n in listed if n.endswith("__init__.py")}
    for name in listed:
        folder, _, base = name.rpartition("/")
        module = base.removesuffix(".py")
        if folder in folders and module != base and module in _shadowed():
            message = f"{shown(name)!r} lies beside the model and takes the place of the module {module!r}."
            yield Hazard(
                rule="archive-shadows-module",
                level=Level.UNKNOWN,
                message=message,
                subject=module,
                member=name,
            )


@functools.cache
def _shadowed() -> frozenset[str]:
    from assaymark.scan.folder.names import table

    found = table()
    startup = (n[:-3] for n in found["run_by_name"]["python"] if n.endswith(".py"))
    return frozenset((*found["shadowed"], *startup))

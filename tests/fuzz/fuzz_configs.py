"""Coverage-guided fuzzing of the parsers of configurations and HDF5; not collected by pytest.

Run it with atheris installed (its wheels are for Linux)::

    python tests/fuzz/fuzz_configs.py hdf5 -max_total_time=1800 corpus/

The first argument picks the parser: hdf5, ubjson, pmml, json, yaml, python, folder. An exception that leaves
an inspector, or one input that takes longer than libFuzzer's time-out, is a finding.
"""

import sys
from collections.abc import Callable

import atheris

OURS = ["assaymark.scan.config", "assaymark.scan.hdf5", "assaymark.scan.folder"]
with atheris.instrument_imports(include=OURS):
    import assaymark.scan.artefact  # noqa: F401 - loaded first, as the command line does
    from assaymark.inspection import Hazard, Header, Hole
    from assaymark.scan.blob import BytesBlob
    from assaymark.scan.config import boosting, json_file, pmml, yaml_file
    from assaymark.scan.folder import FolderEntry, inspect_folder
    from assaymark.scan.folder.code import judge_source
    from assaymark.scan.hdf5 import INSPECTORS
    from assaymark.scan.part import LIMITS, Covered, Inspector, Look, Member

PARTS = (Hazard, Hole, Header, Covered, Member)


def inspected(inspector: Inspector, name: str) -> Callable[[bytes], None]:
    """A target: one inspector over a file of this name."""

    def target(data: bytes) -> None:
        blob = BytesBlob(name, data)
        if inspector.claims(Look(name, data[:4096], blob)):
            for part in inspector.inspect(blob, LIMITS):
                assert isinstance(part, PARTS)

    return target


def python(data: bytes) -> None:
    """The judge of Python source."""
    for part in judge_source(data.decode("utf-8", "replace")):
        assert isinstance(part, Hazard | Hole)


def folder(data: bytes) -> None:
    """The rules of folders over three files whose contents are parts of the input."""
    names = ("README.md", "config.json", "modeling_x.py")
    files = dict(zip(names, (data[::3], data[1::3], data[2::3]), strict=True))
    entries = [FolderEntry(name, len(content)) for name, content in files.items()]
    for path, part in inspect_folder(entries, lambda p: BytesBlob(p, files[p]) if p in files else None):
        assert path in files
        assert isinstance(part, Hazard | Hole)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "hdf5": inspected(INSPECTORS[0], "model.h5"),
    "ubjson": inspected(boosting.INSPECTORS[0], "model.ubj"),
    "pmml": inspected(pmml.INSPECTOR, "model.pmml"),
    "json": inspected(json_file.INSPECTOR, "config.json"),
    "yaml": inspected(yaml_file.INSPECTOR, "config.yaml"),
    "python": python,
    "folder": folder,
}


def main() -> None:
    """Fuzz the named target until libFuzzer is told to stop."""
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

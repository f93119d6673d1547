"""Fuzz the pickle machine with atheris; not part of the test run.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris msgspec pyyaml
    /tmp/fuzz/bin/pip install -e . --no-deps
    nice /tmp/fuzz/bin/python tests/fuzz/fuzz_pickle.py -max_total_time=1800 -rss_limit_mb=2048 -timeout=20

What must hold for any bytes: nothing is raised, coverage is not more than there is, and each name that
CPython's own unpickler asks for (with an inert `find_class`) is one that the machine saw, in order.
"""

import contextlib
import io
import pickle
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["assaymark"]):
    from assaymark.scan.blob import BytesBlob
    from assaymark.scan.part import LIMITS, Covered, Look
    from assaymark.scan.pickle import inspect_pickle
    from assaymark.scan.pickle.claims import claims_pickle
    from assaymark.scan.pickle.machine import Machine
    from assaymark.scan.pickle.stream import Stream
    from assaymark.scan.pickle.trailing import Probe
    from assaymark.scan.pickle.values import Imported


class Inert:
    """Takes everything and does nothing."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Inert":
        """Made from whatever arguments."""
        return object.__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is kept."""

    def __setstate__(self, state: Any) -> None:
        """Nothing is kept."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Nothing is kept."""

    def append(self, item: Any) -> None:
        """Nothing is kept."""

    def extend(self, items: Any) -> None:
        """Nothing is kept."""

    def add(self, item: Any) -> None:
        """Nothing is kept."""


class Names(pickle.Unpickler):
    """CPython's unpickler, importing nothing."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.asked: list[tuple[str, str]] = []

    def find_class(self, module: str, name: str) -> Any:
        """An inert class, whatever the name."""
        self.asked.append((module, name))
        return Inert

    def persistent_load(self, pid: Any) -> Any:
        """An inert object, whatever the id."""
        return Inert()


class Seen(Probe):
    """Writes names down."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[tuple[str, str]] = []

    def imported(self, found: Imported) -> None:
        """The pair."""
        self.names.append((found.module, found.name))


def compare(data: bytes) -> None:
    """Names as CPython asks for them; below protocol 3 it maps them after `find_class`."""
    names = Names(data)
    with contextlib.suppress(Exception):
        names.load()
    seen = Seen()
    Machine(Stream(BytesBlob("x", data)), seen).run()
    if len(seen.names) < len(names.asked):
        raise AssertionError(f"asked {names.asked[len(seen.names)]}, not seen")
    for asked, found in zip(names.asked, seen.names, strict=False):
        if asked != found and asked[0] not in OLD and len(asked[0]) < 4096 and len(asked[1]) < 4096:
            raise AssertionError(f"asked {asked}, saw {found}")


def old_modules() -> set[str]:
    """Modules whose names CPython maps."""
    import _compat_pickle

    return {*_compat_pickle.IMPORT_MAPPING, *(module for module, _ in _compat_pickle.NAME_MAPPING)}


OLD = old_modules()


def one(data: bytes) -> None:
    """One input."""
    parts = list(inspect_pickle(BytesBlob("x.pkl", data), LIMITS))
    last = parts[-1]
    assert isinstance(last, Covered), last
    assert last.interpreted + last.data <= len(data)
    claims_pickle(Look("x", data[:4096], BytesBlob("x", data)))
    if (
        b"r" not in data and b"p" not in data and b"\x97" not in data
    ):  # a far memo key would cost CPython gigabytes
        compare(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()

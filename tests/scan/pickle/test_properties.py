"""Properties that hold for any bytes and any data: total, bounded, and the same names as CPython's."""

import collections
import contextlib
import pickle
import pickletools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.pickle.reading import Names, follow, inspect

from assaymark.inspection import Hazard, Header, Hole
from assaymark.scan.blob import BytesBlob
from assaymark.scan.part import LIMITS, Covered, Look
from assaymark.scan.pickle import inspect_pickle
from assaymark.scan.pickle.claims import claims_pickle
from assaymark.scan.pickle.opcodes import FORMS

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
objects = (
    scalars
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals()
    | st.fractions()
    | st.uuids()
    | st.complex_numbers()
    | st.builds(range, st.integers(0, 9))
)
data = st.recursive(
    objects,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.dictionaries(st.text(), inner).map(collections.OrderedDict)
        | st.lists(inner).map(collections.deque)
        | st.sets(st.integers() | st.text())
        | st.frozensets(st.integers() | st.binary())
        | st.binary().map(bytearray)
    ),
    max_leaves=30,
)
protocols = st.integers(0, 5)
OPCODES = sorted(FORMS)


@st.composite
def soup(draw: st.DrawFn) -> bytes:
    """Opcodes in any order, most with arguments that fit."""
    parts = []
    for op in draw(st.lists(st.sampled_from(OPCODES), max_size=60)):
        form = FORMS[op]
        argument = b""
        if form > 0:
            argument = draw(st.binary(min_size=form, max_size=form))
            if op == 0x95 or draw(st.booleans()):
                argument = bytes([draw(st.integers(0, 5))]) + b"\0" * (form - 1)
        elif form == -1:
            argument = draw(st.sampled_from([b"0", b"1", b"01", b"'a'", b"a", b"1.5", b"1L", b""])) + b"\n"
        elif form == -2:
            argument = draw(st.sampled_from([b"os\nsystem\n", b"m\nf\n", b"numpy\ndtype\n", b"\n\n"]))
        elif form < 0:
            width = {-3: 1, -4: 4, -5: 8}[form]
            text = draw(st.sampled_from([b"", b"os", b"system", b"numpy", b"\xff"]))
            argument = len(text).to_bytes(width, "little") + text
        parts.append(bytes([op]) + argument)
    return b"".join(parts) + draw(st.sampled_from([b".", b"", b"\xff"]))


@given(data, protocols)
@settings(deadline=None)
def test_honest_data_is_clean(made: Any, protocol: int) -> None:
    """Whatever data the standard library pickles, nothing is reported and nothing is missing."""
    found = inspect(pickle.dumps(made, protocol))

    assert (found.hazards, found.holes) == ((), ())


@given(data, protocols)
@settings(deadline=None)
def test_the_end_is_where_pickletools_sees_it(made: Any, protocol: int) -> None:
    """Boundaries of opcodes agree: STOP is found at the same byte."""
    dumped = pickle.dumps(made, protocol)
    last = max(position for _, _, position in pickletools.genops(dumped))

    assert follow(dumped + b"rest")[0].offset == last + 1


@given(data, protocols)
@settings(deadline=None)
def test_names_are_those_that_cpython_asks_for(made: Any, protocol: int) -> None:
    """The names of the stream are what CPython's own unpickler looks up, in the same order."""
    dumped = pickle.dumps(made, protocol)
    names = Names(dumped)
    names.load()

    assert follow(dumped)[1].names == [mapped(*asked, protocol) for asked in names.asked]


def mapped(module: str, name: str, protocol: int) -> tuple[str, str]:
    """`find_class` is overridden before CPython maps Python 2's names; do it as `pickle.py` does."""
    import _compat_pickle

    if protocol < 3:
        if (module, name) in _compat_pickle.NAME_MAPPING:
            return _compat_pickle.NAME_MAPPING[module, name]
        return _compat_pickle.IMPORT_MAPPING.get(module, module), name
    return module, name


@given(soup())
@settings(deadline=None, max_examples=400)
def test_any_opcodes_are_followed_as_far_as_cpython_goes(stream: bytes) -> None:
    """Up to where CPython breaks, every name it asks for is one that we saw, in order."""
    names = Names(stream)
    with contextlib.suppress(Exception):
        names.load()
    seen = follow(stream)[1].names

    assert seen[: len(names.asked)] == names.asked


@given(soup() | st.binary(max_size=300))
@settings(deadline=None, max_examples=400)
def test_any_bytes_give_parts(stream: bytes) -> None:
    """Total: nothing is raised, the last parts are header and coverage, and coverage is never too much."""
    parts = list(inspect_pickle(BytesBlob("x.pkl", stream), LIMITS))

    assert all(isinstance(part, Hazard | Hole | Header | Covered) for part in parts)
    assert isinstance(parts[-1], Covered)
    assert parts[-1].interpreted + parts[-1].data <= len(stream)
    assert claims_pickle(Look("x", stream[:4096], BytesBlob("x", stream))) in (True, False)


@given(soup())
@settings(deadline=None)
def test_the_same_bytes_give_the_same_parts(stream: bytes) -> None:
    """Pure: twice the same."""
    first, second = (list(inspect_pickle(BytesBlob("x", stream), LIMITS)) for _ in range(2))

    assert first == second


def test_python_2_names_are_cpython_s() -> None:
    """Every name that CPython maps is mapped to what its unpickler then imports."""
    import _compat_pickle

    for module, name in _compat_pickle.NAME_MAPPING:
        stream = b"\x80\x02c" + module.encode() + b"\n" + name.encode() + b"\n."
        assert follow(stream)[1].names == [_compat_pickle.NAME_MAPPING[module, name]]
    for module, new in _compat_pickle.IMPORT_MAPPING.items():
        stream = b"c" + module.encode() + b"\nanything\n."
        assert follow(stream)[1].names == [(new, "anything")]

"""What a scan leaves for the next: plain bytes, and a new part counted in with the old."""

import enum
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from tests.dataset.executing import made

from assaymark.dataset.executing.executor import Serial
from assaymark.dataset.executing.passes import run
from assaymark.dataset.executing.plain import NotPlain, pack, types_of, unpack
from assaymark.dataset.executing.state import Saved, SavedEngine, SavedFile, load, save
from assaymark.dataset.finding import Result
from assaymark.dataset.scan import all_engines
from assaymark.errors import AssaymarkError, UsageError


class Colour(enum.StrEnum):
    """An enumeration."""

    RED = "red"


class Mark(Struct, frozen=True):
    """A struct."""

    colour: Colour
    at: tuple[int, ...]


@dataclass(frozen=True)
class Sums:
    """A data class with an array."""

    sums: np.ndarray[Any, Any]
    marks: dict[str, Mark]


TYPES = (Colour, Mark, Sums)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@given(
    plain | st.sets(st.integers()) | st.frozensets(st.text()) | st.dictionaries(st.tuples(st.text()), plain)
)
def test_plain_values_come_back(value: Any) -> None:
    """Whatever is plain is the same after it was saved, types included."""
    again = unpack(pack(value))

    assert again == value
    assert type(again) is type(value)


def test_states_come_back() -> None:
    """Records, arrays of any kind of number, counters, and a lone surrogate."""
    sums = Sums(np.arange(6, dtype=np.uint16).reshape(2, 3), {"\udcff": Mark(Colour.RED, (1, 2**70))})
    again = unpack(pack(sums, TYPES), TYPES)

    assert isinstance(again, Sums)
    assert again.marks == sums.marks
    assert again.sums.dtype == np.uint16
    assert np.array_equal(again.sums, sums.sums)
    assert unpack(pack(Counter({("a", "b"): 2}))) == Counter({("a", "b"): 2})
    assert unpack(pack(np.float32(1.5))) == np.float32(1.5)


@pytest.mark.parametrize("value", [object(), print, np.array([None]), Mark(Colour.RED, ()), {1: {2: open}}])
def test_what_is_not_plain_is_refused(value: Any) -> None:
    """Nothing that would need code to come back is saved."""
    with pytest.raises(NotPlain):
        pack(value)


@given(st.binary() | plain.map(lambda v: pack([v, {"x": v}])).map(lambda b: b[::-1] + b))
def test_strange_bytes_are_refused_or_plain(data: bytes) -> None:
    """Bytes that nobody saved end in a refusal, or in a plain value; never otherwise."""
    try:
        unpack(data, TYPES)
    except NotPlain:
        return


def test_a_strange_type_is_refused() -> None:
    """Bytes cannot name a type that the engine does not have."""
    packed = pack(Mark(Colour.RED, ()), TYPES)

    with pytest.raises(NotPlain, match="type"):
        unpack(packed, ())


def test_types_are_those_of_the_engines_module() -> None:
    """What a state may be made of is found in the module of its engine, in an order that stays."""
    types = types_of(made.Words())

    assert made.Words in types
    assert types == types_of(made.Lengths())


def test_a_new_part_counts_with_the_old() -> None:
    """The state of the first half, saved, read and continued, scores the second half as one scan would."""
    parts = made.shards(6)
    engine = made.Words()
    first = run(made.quick(shards=parts[:3], keep=True), Serial())
    state = first.states[0]
    assert isinstance(state, bytes)

    more = run(made.quick(shards=parts[3:], earlier=(unpack(state, types_of(engine)),)), Serial()).results[0]
    whole = run(made.quick(shards=parts), Serial()).results[0]

    assert isinstance(more, Result)
    assert isinstance(whole, Result)
    assert np.array_equal(more.scores[parts[3].first :], whole.scores[parts[3].first :])


def test_a_saved_scan_comes_back(tmp_path: Path) -> None:
    """The file holds what was saved, and nobody else may read it; where there is none there is no past."""
    path = tmp_path / "state"
    saved = Saved(made.LAYOUT, 7, (SavedFile("a", 1, ""),), (SavedEngine("words", 1, b"x"),))
    assert load(str(path)) is None

    save(str(path), saved)

    assert load(str(path)) == saved
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    """A flipped byte, another file, a folder: each is told, none is taken."""
    path = tmp_path / "state"
    save(str(path), Saved(made.LAYOUT, 7, (), ()))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    for wrong in (path, Path(__file__), tmp_path):
        with pytest.raises(UsageError):
            load(str(wrong))
    with pytest.raises(AssaymarkError, match="Could not write"):
        save(str(path / "below"), Saved(made.LAYOUT, 7, (), ()))


def test_the_page_tells_which_engines_are_exact_with_a_state_file() -> None:
    """Those that see the data once, by name; every engine stands in one of the two columns."""
    page = (Path(__file__).parents[3] / "docs/data/scale.md").read_text(encoding="utf-8")
    row = page.partition("| Exact with a state file | New records alone |")[2].splitlines()[2]
    exact, alone = (set(re.findall(r"`(\w+)`", cell)) for cell in row.strip("| ").split(" | "))
    engines, _ = all_engines()

    assert exact == {e.info.id for e in engines if e.passes == 1}
    assert alone == {e.info.id for e in engines if e.passes > 1}

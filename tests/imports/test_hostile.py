"""Every importer against what strangers may write: a clear error or a report, never a crash."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.imports.samples import NOW, every, spdx_3
from tests.imports.test_observations import observed

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import MAX_BYTES
from assaymark.imports.registry import all_importers
from assaymark.imports.report import ImportedReport
from assaymark.ledger.entry import MAX_ENTRY_BYTES, fitted
from assaymark.observation import canonical

IMPORTERS = {i.format: i for i in all_importers()}
SAMPLES = {**{k: json.loads(v) for k, v in every().items()}, "spdx-3": spdx_3()}
FORMS = pytest.mark.parametrize("form", sorted(SAMPLES))

_STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [10**400, -1, 1.5e308, "", "\ud800", "\x1b[2J", "\x00", "a" * 5000, [], {}, [[]], [None]]
    ),
    st.lists(st.sampled_from([1, "x", None, {}]), max_size=3),
    st.dictionaries(st.sampled_from(["name", "id", "text", "uri"]), st.integers(), max_size=2),
)


def importer(form: str) -> Importer:
    """The importer of a sample."""
    return IMPORTERS[form.partition("-3")[0]]


def read(form: str, data: bytes) -> ImportedReport | None:
    """The report, or None where it was refused with a message and advice."""
    try:
        report = importer(form).read(data, "report.json")
    except UsageError as error:
        return None if error.message and error.advice else pytest.fail("It says nothing.")
    canonical(report)  # can be written down
    return report


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for key, one in inner for p in paths(one, (*at, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """`value` with `new` at `path`."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@FORMS
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_may_stand_anywhere(form: str, data: st.DataObject) -> None:
    """Of whatever type and size; what comes of it can be bound and recorded."""
    value = SAMPLES[form]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(value)))
        value = changed(value, path, data.draw(_STRANGE))
    text = json.dumps(value).encode()
    if read(form, text) is not None:
        seen = observed(importer(form).format, value)
        for observation in seen.observations:
            assert len(canonical(fitted(observation))) < MAX_ENTRY_BYTES
            assert set(seen.digests) >= {s.name for s in observation.subjects if s.name in NOW.files}


@FORMS
def test_a_report_that_breaks_off_is_refused(form: str) -> None:
    """At every hundredth of it."""
    whole = json.dumps(SAMPLES[form]).encode()

    assert all(read(form, whole[: len(whole) * n // 100]) is None for n in range(100))


@FORMS
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b'"text"',
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff\xfe{}",
        b"{}" + b"\x00" * 9,
        b"[" + b"[]," * 3_000_000 + b"[]]",
    ],
    ids=["empty", "null", "text", "deep list", "deep object", "nan", "twice", "utf-16", "nul", "many"],
)
def test_what_is_no_report_is_refused(form: str, data: bytes) -> None:
    """Nested, doubled, in another encoding, or holding nothing of the kind."""
    assert read(form, data) is None


@FORMS
def test_a_report_is_bounded(form: str) -> None:
    """One byte more than is read is refused before it is parsed."""
    assert read(form, b" " * (MAX_BYTES + 1)) is None


@pytest.mark.parametrize("form", ["sarif", "pip-audit", "osv-scanner", "cyclonedx", "spdx"])
def test_huge_counts_stay_bounded(form: str) -> None:
    """Thousands of findings, packages or parts give entries that the ledger holds."""
    value = json.loads(json.dumps(SAMPLES[form]))
    lists = {
        "sarif": lambda v: v["runs"][0]["results"],
        "pip-audit": lambda v: v["dependencies"],
        "osv-scanner": lambda v: v["results"][0]["packages"],
        "cyclonedx": lambda v: v["components"],
        "spdx": lambda v: v["packages"],
    }
    many = lists[form](value)
    one = json.dumps(many[0])
    names = ('"requests"', '"py/eval"', "weights/a")
    for n in range(4_000):
        text = one
        for name in names:
            text = text.replace(name, name[:-1] + f"{n}" + name[-1])
        many.append(json.loads(text))
    seen = observed(form, value)

    assert len(seen.observations) <= 25
    assert all(len(canonical(fitted(o))) < MAX_ENTRY_BYTES for o in seen.observations)
    assert all(len(o.subjects) < 60 for o in seen.observations)


@FORMS
def test_control_characters_survive_as_they_are(form: str) -> None:
    """Reports of ours escape them; here nothing is lost and nothing breaks."""
    text = (
        json.dumps(SAMPLES[form]).replace("requests", "re\\u001b[2Jq").replace("evaluated", "\\u202e\\u0000")
    )

    assert read(form, text.encode()) is not None

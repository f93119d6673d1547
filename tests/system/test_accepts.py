"""The quick yes and the library's validator never disagree, so that a shortcut is only a shortcut."""

import copy
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.system.accepts import accepts
from assaymark.system.manifest import manifest_schema

SCHEMA = manifest_schema()
SOUND = {
    "assaymark": 1,
    "name": "x",
    "owner": "Ann",
    "profile": "agent",
    "roles": ["Developer", "System Operator"],
    "conditions": {"cloud": True, "trains": {"holds": False, "reason": "bought", "by": "Ann"}},
    "assets": [{"kind": "model", "name": "m", "sha256": "a" * 64, "depends_on": ["p"]}],
    "documents": {"threat-model": "t.md", "model-card": ["a.md"]},
    "review_months": {"threat-model": 12},
    "accepted_risks": [{"id": "R", "risk": "r", "reason": "w", "owner": "o", "until": "2027-01-01"}],
    "waivers": [{"provision": "5.2.4-1.2", "reason": "r", "owner": "o", "until": "2027-01-31"}],
    "exclude": ["vendor/**"],
}


def says(value: object) -> bool:
    """What the library says."""
    checker = jsonschema.FormatChecker(["date"])
    return bool(jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).is_valid(value))


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into `value`."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(p for key, item in inner for p in places(item, (*path, key)))]


def replaced(path: tuple[str | int, ...], new: object) -> object:
    """`SOUND` with another value at `path`."""
    whole = copy.deepcopy(SOUND)
    if not path:
        return new
    at: object = whole
    for key in path[:-1]:
        at = at[key]  # type: ignore[index]
    at[path[-1]] = new  # type: ignore[index]
    return whole


def test_a_sound_manifest_is_accepted() -> None:
    """By both."""
    assert accepts(SOUND, SCHEMA, SCHEMA)
    assert says(SOUND)


@pytest.mark.parametrize("path", places(SOUND), ids=str)
def test_both_agree_on_any_wrong_value_at_any_place(path: tuple[str | int, ...]) -> None:
    """Wrong types, empty things, bounds, unknown words and keys."""
    wrong = (
        None, True, False, 0, 1, 121, "", " ", "x", "X" * 4001, "2027-02-30", "2027-01-01", "5.9.9-9",
        "agent", "Developer", "a" * 64, [], ["x"], ["x", "x"], [1], {}, {"x": 1}, {"holds": True},
        {"holds": False}, {"holds": 0, "reason": "r"}, {"holds": False, "reason": "r", "by": 1},
    )  # fmt: skip
    for new in wrong:
        value = replaced(path, new)
        assert accepts(value, SCHEMA, SCHEMA) == says(value), (path, new)


@given(
    st.dictionaries(st.sampled_from([*SOUND, "extra"]), st.sampled_from([*SOUND.values(), None, 1, "x", []]))
)
@settings(max_examples=100, deadline=None)
def test_both_agree_on_any_mixture(value: dict[str, object]) -> None:
    """Missing keys and values under the wrong key."""
    assert accepts(value, SCHEMA, SCHEMA) == says(value)


def test_a_keyword_that_is_not_known_is_never_a_yes() -> None:
    """A later schema cannot be half understood."""
    assert not accepts("x", {"contentEncoding": "base64"}, SCHEMA)
    assert not accepts("x", {"format": "email"}, SCHEMA)
    assert not accepts("x", {"$ref": "#/elsewhere"}, SCHEMA)


def test_a_sound_manifest_is_read_without_the_library() -> None:
    """That is what the shortcut is for."""
    code = (
        "import sys; from assaymark.system.manifest import read_manifest; "
        "read_manifest('assaymark: 1\\nname: x\\n', 'm'); print('jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

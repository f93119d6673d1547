"""YAML from strangers becomes plain values with lines, and nothing else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.scan.yaml_reader import MAX_DEPTH, read_yaml


def test_values_are_plain_and_keys_are_text_as_written() -> None:
    """A workflow's `on` stays a string key; numbers, truth and nothing are resolved, dates are not."""
    text = "on: push\n1: one\na: [1, 2.5, true, ~, '3', 2026-01-02, 22:22, 0123]\n"
    value = read_yaml(text).documents[0].value
    assert value == {"on": "push", "1": "one", "a": [1, 2.5, True, None, "3", "2026-01-02", "22:22", "0123"]}


def test_lines_are_those_of_keys_and_items() -> None:
    """A path gives the line of its key, and an unknown path that of the nearest thing above."""
    document = read_yaml(
        "# c\njobs:\n  a:\n    steps:\n      - run: x\n      - run: |\n          y\n"
    ).documents[0]
    assert document.line("jobs") == 2
    assert document.line("jobs", "a", "steps", 1) == 6
    assert document.line("jobs", "a", "steps", 1, "run") == 6
    assert document.line("jobs", "a", "nowhere") == 3


def test_a_bomb_of_aliases_is_refused_by_what_it_would_expand_to() -> None:
    """Nine doublings of nine do not expand; the reason names the bound."""
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    result = read_yaml("\n".join(rows))
    assert "aliases are expanded" in result.problem
    assert result.documents == ()


def test_a_bomb_of_merge_keys_is_refused() -> None:
    """Neither many merges of a large mapping nor merges that double at each level get through."""
    wide = "b: &b {" + ",".join(f"k{i}: 1" for i in range(5_000)) + "}\n"
    assert "expanded" in read_yaml(wide + "".join(f"m{i}: {{<<: *b}}\n" for i in range(500))).problem
    rows = ["a0: &a0 {k0: [1, 2, 3]}"]
    rows += [f"a{i}: &a{i} {{<<: *a{i - 1}, k{i}: *a{i - 1}}}" for i in range(1, 30)]
    assert "expanded" in read_yaml("\n".join(rows)).problem


def test_depth_is_bounded() -> None:
    """Ten thousand brackets give a reason, not a crash."""
    assert f"{MAX_DEPTH} levels" in read_yaml("[" * 10_000).problem


def test_tags_construct_nothing() -> None:
    """A tag that names a Python object leaves its plain content."""
    value = read_yaml("a: !!python/object/apply:os.system ['id']\nb: !Ref x\n").documents[0].value
    assert value == {"a": ["id"], "b": "x"}


def test_merge_keys_and_repeated_keys_are_tolerated() -> None:
    """What a mapping says itself wins over what it merges; the last of two equal keys wins."""
    value = read_yaml("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz: 1\nz: 2\n").documents[0].value
    assert value["y"] == {"a": 1, "b": 3}
    assert value["z"] == 2


def test_documents_before_a_fault_are_kept() -> None:
    """The second document's fault does not lose the first."""
    result = read_yaml("a: 1\n---\nb: [\n")
    assert [d.value for d in result.documents] == [{"a": 1}]
    assert "broken syntax" in result.problem


def test_an_alias_to_itself_is_nothing() -> None:
    """A collection cannot contain itself."""
    assert read_yaml("a: &a [*a]").documents[0].value == {"a": [None]}


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@`?,\n \t\x00\ud800é"), max_size=60))
def test_reading_is_total(text: str) -> None:
    """Any text gives documents or a reason."""
    result = read_yaml(text)
    assert all(d.line("a", 0, "b") >= 1 for d in result.documents)
    assert result.documents or result.problem or not read_yaml(text + "\n---\na").problem
